//! Directives, matchers and options of a Caddyfile, lowered to the IR.

mod args;
mod directive;
mod item;
mod scope;

pub use directive::{Directive, Lower};

pub(crate) use args::Args;
pub(crate) use caddis_source::Result;
pub(crate) use caddis_syntax::Token;
pub(crate) use item::Item;
pub(crate) use scope::Scope;
