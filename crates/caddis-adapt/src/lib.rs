//! Directives, matchers and options of a Caddyfile, lowered to the IR.

mod args;
mod directive;
mod directives;
mod item;
mod matchers;
mod options;
mod read;
mod scope;

pub use directive::{Directive, Lower, Matcher};

pub(crate) use args::Args;
pub(crate) use caddis_source::Result;
pub(crate) use caddis_syntax::Token;
pub(crate) use item::{Item, SiteLog};
pub(crate) use options::Options;
pub(crate) use scope::Scope;

/// Every directive, in the order in which Caddy sorts them.
pub fn directives() -> &'static [Directive] {
    directives::DIRECTIVES
}

/// Every matcher, by name.
pub fn matchers() -> &'static [Matcher] {
    matchers::MATCHERS
}
