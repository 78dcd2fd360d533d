//! Records in DNS that show whose a name is, and who manages them.

mod exec;
mod lookup;
mod propagation;
mod provider;
mod rfc2136;
mod settings;
mod tsig;
mod wire;

pub(super) use propagation::wait;
pub(super) use provider::{Provide, Record};
pub(crate) use settings::Settings;
