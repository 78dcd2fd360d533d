//! Which certificates this machine trusts: the stores of the system, of browsers and of Java.

pub(crate) mod authority;
mod certificate;
mod everywhere;
mod java;
mod machine;
mod nss;
mod stores;
mod system;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use certificate::Certificate;
pub(crate) use everywhere::{Wish, everywhere};
pub(crate) use machine::Machine;
use stores::{Change, Fault};
