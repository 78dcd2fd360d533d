//! `caddis test`: runs scripts (`.ctest`) and adapt goldens (`.caddyfiletest`).

mod captured_log;
mod config;
mod in_process;
mod run;

pub(crate) use run::run;
