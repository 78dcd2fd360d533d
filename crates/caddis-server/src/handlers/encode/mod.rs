//! `encode`: compress answers for the clients that unpack them.

mod accept;
mod body;
mod build;
mod handler;
mod packer;
#[cfg(test)]
mod tests;
mod text_types;

pub(crate) use build::build;
pub(crate) use packer::{Encoding, Packers};
