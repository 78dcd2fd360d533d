//! Caddyfile text: tokens, expansion of imports, tree, formatter.

mod load;
mod token;
mod tree;

pub use load::{Load, Loaded};
pub use token::{Quote, Token};
pub use tree::{Block, Line, Site, Tree};
