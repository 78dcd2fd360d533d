//! Caddyfile text: tokens, expansion of imports, tree, formatter.

mod arguments;
mod block;
mod env;
mod expand;
mod fill;
mod format;
mod heredoc;
#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "these tests make the files that `Disk` reads"
)]
mod imported;
mod lex;
mod limits;
mod load;
#[cfg(test)]
mod mistakes;
mod not_found;
mod parse;
mod parts;
mod plain;
#[cfg(test)]
mod properties;
mod request;
#[cfg(test)]
mod testing;
mod token;
mod tree;
mod words;

pub use expand::tokens;
pub use format::format;
pub use load::{Disk, Load, Loaded, Memory};
pub use parse::parse;
pub use parts::{Part, parts};
pub use token::{Quote, Token};
pub use tree::{Block, Line, Site, Tree};
