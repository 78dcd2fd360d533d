//! `browse`: lists of the files in a folder, for people and for programs.

mod entry;
mod json;
mod order;
mod page;
mod read;
mod size;
mod table;
mod wish;

pub(super) use read::Listed;
pub(super) use wish::Browse;
