//! `encode`: compress answers for the clients that unpack them.

mod accept;
mod body;
mod build;
mod handler;
mod packer;
mod text_types;

pub(crate) use build::build;
