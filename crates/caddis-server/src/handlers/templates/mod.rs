//! `templates`: run what is answered as a template, away from the threads that serve connections.

mod entrance;
mod files;
mod handler;
mod page;
mod request;
mod response_header;
#[cfg(test)]
mod tests;
mod url;
mod visit;

pub(crate) use entrance::Entrance;
pub(crate) use handler::build;
