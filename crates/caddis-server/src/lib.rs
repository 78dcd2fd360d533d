//! The IR built into a tower service tree, and served.
//!
//! `build` turns a config into an [`App`]: the trees of its servers, prepared once and never changed. What the
//! trees need of the world around them (files, variables, connections to upstreams) is handed in as an
//! [`Environment`], so that tests can put stubs in its place.

mod access_log;
#[cfg(test)]
mod access_log_tests;
mod admin;
mod automatic_https;
mod body;
mod build;
mod builder;
mod client;
mod client_certificate;
mod context;
mod control;
mod dial;
mod distinguished_name;
mod door;
#[cfg(test)]
mod door_tests;
mod entry;
#[cfg(test)]
mod entry_tests;
mod environment;
mod error;
mod errors;
mod files;
mod handlers;
mod instance;
mod kept_log;
mod lasting;
mod life;
mod listen;
mod log;
mod lookup;
mod matchers;
mod metrics;
mod node;
mod password_hash;
mod password_line;
mod passwords;
mod placeholders;
mod places;
mod prepare;
#[cfg(test)]
mod properties;
mod rate_window;
mod rate_zones;
mod record;
mod resolver;
mod route;
#[cfg(test)]
mod route_tests;
mod runs;
mod seldom;
mod serve;
mod shutdown;
mod shutdown_delay;
mod spans;
#[cfg(test)]
mod testing;
mod tls;
mod uri;

pub use body::{Body, BodyError};
pub use build::{App, BuildError, build, build_in_process};
pub use context::{Connection, Context, TlsConnection};
pub use control::{Control, Current, Load, LoadError, Loaded, Source, Turn};
pub use dial::Network;
pub use entry::{Aborted, ServerTree};
pub use environment::{
    CheckPassword, Dial, Dialling, Environment, Places, Stream, Target, Variables, Ways,
};
pub use error::{HandlerError, Side};
pub use handlers::reverse_proxy::Download;
pub use kept_log::KeptLog;
pub use listen::{AddressError, BindError, InMemory, Keepalive, ListenAddress, Settings};
pub use node::{Edit, Handle, Node, Reply};
pub use placeholders::{Value, fills};
pub use record::{AccessLog, End, Failed, Failure, Head, Record};
pub use resolver::Resolver;
pub use runs::{not_yet, not_yet_in, serves_module, shown};
pub use serve::{
    Adapt, AdaptWarning, AdaptedText, Exit, Notice, Ready, Reread, ServeError, ServeOptions, serve,
};
pub use shutdown_delay::ShutdownDelay;

/// A request on its way through the tree; its [`Context`] is an extension.
pub type Request = http::Request<Body>;
/// What a handler answers.
pub type Response = http::Response<Body>;
/// A result whose error becomes an error response.
pub type Result<T, E = HandlerError> = std::result::Result<T, E>;
