//! One turn of each kind of work.

mod adapt;
mod idle;
mod reload;
mod steady;

pub(crate) use adapt::adapt;
pub(crate) use idle::idle;
pub(crate) use reload::reload;
pub(crate) use steady::{direct, steady};
