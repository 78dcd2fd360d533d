//! The function library that Caddy's templates have, by groups.

mod cast;
mod coding;
mod crypto;
mod dates;
mod decimals;
mod defaults;
mod dicts;
mod json;
mod library;
mod lists;
mod math;
mod paths;
mod regexes;
mod strings;
mod types;
mod urls;
mod versions;
mod words;
mod wrapping;

pub(crate) use library::{find, is_left_out};
