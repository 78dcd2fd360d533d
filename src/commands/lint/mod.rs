//! `caddis lint`: what is open, broken or not meant in Caddyfiles.

mod configured;
mod fixing;
mod inputs;
mod reports;
mod run;

pub(crate) use run::run;
