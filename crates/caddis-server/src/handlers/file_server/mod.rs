//! `file_server`: answer with files; what is there is looked for away from the threads that serve connections.

mod answer;
mod browse;
mod conditions;
mod content_types;
mod download;
mod encodings;
mod etag;
mod find;
mod hide;
mod multipart;
mod names;
mod ranges;
mod redirect;
mod server;
#[cfg(test)]
mod tests;

pub(crate) use content_types::ContentTypes;
pub(crate) use server::build;
