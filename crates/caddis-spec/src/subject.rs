//! What a script is run on: something that serves a config, in process or over sockets.

use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Uri};
use serde_json::Value;

use crate::spec::Protocol;
use crate::{Heard, Stubs};

/// Something that is awaited on the thread of its case.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Starts servers.
pub trait Start: Sync {
    /// Whether the clock stands still while nothing happens, and can be put forward.
    fn paused(&self) -> bool;

    /// Starts a server in a world of its own.
    fn start(&self, world: World) -> Task<'_, Result<Box<dyn Subject>, Problem>>;
}

/// A server that was started for one case.
pub trait Subject {
    /// Gets ready for a step: upstreams that refuse connections do so from now on.
    fn prepare(&mut self) -> Task<'_, Result<(), Problem>>;

    /// Sends a request, and notes what is heard of the answer's body as it comes.
    fn answer<'a>(&'a self, sent: &'a Sent, heard: &'a Heard) -> Task<'a, Result<Answer, Problem>>;

    /// What was seen of the server (in a header field, if one is named), with ports, addresses and its name as the
    /// script has them.
    fn as_written(&self, _field: Option<&HeaderName>, text: &str) -> String {
        text.to_owned()
    }

    /// The log entries that were written so far.
    fn log(&self) -> Vec<Value>;

    /// What the server wrote for people, shown when a case fails.
    fn output(&self) -> String;

    /// Ends the server.
    fn stop(self: Box<Self>) -> Task<'static, ()>;
}

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct World {
    /// The name of the Caddyfile, for messages.
    pub name: String,
    /// The Caddyfile.
    pub config: String,
    /// The folder from which its imports are read.
    pub folder: PathBuf,
    /// Environment variables.
    pub env: Vec<(String, String)>,
    /// Files beside the Caddyfile.
    pub files: Vec<(String, String)>,
    /// The URLs that will be asked for.
    pub urls: Vec<Uri>,
    /// The upstreams.
    pub stubs: Arc<Stubs>,
}

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: Uri,
    /// The header fields, `Host` among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// The protocol.
    pub protocol: Protocol,
    /// Who sends it.
    pub peer: Option<IpAddr>,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A response, whose body may have broken off.
    Response {
        /// Status and header fields.
        head: Box<http::response::Parts>,
        /// Why the body broke off, if it did.
        broken: Option<String>,
    },
    /// The connection was closed without a response.
    Aborted,
}

/// Why a case could not be run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The config does not load; this is what the server says.
    Config(String),
    /// This way of running cannot show what the case is about.
    Skip(String),
    /// Something else went wrong.
    Failed(String),
}

/// How long a step may take.
pub(crate) const STEP_LIMIT: Duration = Duration::from_mins(1);
