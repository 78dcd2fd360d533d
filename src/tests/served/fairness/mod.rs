//! Attacks, short: those who listen to streams lose nothing, the server takes no more than it may, and answers
//! afterwards. How much slower it gets is measured elsewhere, by `caddis-bench attacks`.

mod arena;
mod attackers;
mod held_out;
