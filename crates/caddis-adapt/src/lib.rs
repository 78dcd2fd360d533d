//! Directives, matchers and options of a Caddyfile, lowered to the IR.

mod adapt;
mod address;
mod args;
mod automation;
mod caddys_words;
mod client_auth_shield;
mod connection_policies;
mod definitions;
mod directive;
mod directives;
mod empty_address;
mod hidden;
mod issuers;
mod item;
mod listeners;
mod logs;
mod matchers;
mod modules;
mod named_routes;
mod names;
mod names_twice;
mod network;
mod odd_addresses;
mod options;
mod order;
mod origins;
mod pem;
mod placeholders;
mod plugins;
mod policies;
mod policy_places;
mod read;
mod routes;
mod run_on;
mod scalar;
mod schemes;
mod scope;
mod servers;
mod sites;
mod surface;
mod unknown;

pub use adapt::{Adapted, adapt, adapt_with_files};
pub use address::Address;
pub use directive::{Directive, Matcher};
pub use options::GlobalOption;
pub use origins::Origins;
pub use placeholders::Shorthand;

pub(crate) use args::Args;
pub(crate) use caddis_source::Result;
pub(crate) use caddis_syntax::Token;
pub(crate) use directive::Lower;
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

/// Every global option, by name.
pub fn options() -> &'static [GlobalOption] {
    options::OPTIONS
}

/// Every short placeholder of a Caddyfile, and what it is written out to.
pub fn placeholders() -> Vec<Shorthand> {
    placeholders::shorthands().collect()
}
