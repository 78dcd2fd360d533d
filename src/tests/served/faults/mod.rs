//! What breaks: upstreams, disks, certificates, clocks, descriptors, and the server itself.

mod broken;
mod certificates;
mod clock;
mod descriptors;
mod disk;
mod end;
mod killed;
mod loads;
mod process;
mod upstreams;

pub(crate) use process::{descriptors, memory};
