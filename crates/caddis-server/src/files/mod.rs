//! Files below a root: paths that never leave it, patterns, and work that may wait for a disk.

mod disk;
mod path;
mod system;
mod work;

pub(crate) use disk::Disk;
pub(crate) use path::{clean, join_below, os_path};
pub(crate) use system::is_known_system;
pub(crate) use work::wait_for;
