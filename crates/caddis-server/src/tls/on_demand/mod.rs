//! Certificates that are got when a client first asks for them.

mod demand;
mod memory;
mod permission;
mod work;

pub(crate) use demand::Demand;
pub(super) use memory::Memory;
pub(super) use work::Ready;
