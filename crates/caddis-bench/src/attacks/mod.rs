//! What attackers and broken clients cost the others: `caddis-bench attacks` and `caddis-bench soak`.

mod backend;
mod client;
mod command;
mod fairness;
mod floods;
mod frames;
mod guesses;
mod kinds;
mod say;
mod slow;
mod soak;
mod soak_clients;
mod streams;
mod target;
mod watch;

pub(crate) use command::asked;
