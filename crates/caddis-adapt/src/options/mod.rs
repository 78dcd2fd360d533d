//! Global options.

mod values;

pub(crate) use values::Options;
