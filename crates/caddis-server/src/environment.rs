//! What the server needs of the world around it.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::ShutdownDelay;
use crate::resolver::Resolver;

/// A connection to an upstream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A host, not resolved yet, and a port.
    Tcp(String, u16),
    /// A unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix/{}", path.display()),
        }
    }
}

/// How connections are opened, where the config says something of it.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// The address that they come from.
    pub from: Option<SocketAddr>,
    /// How long the first address of a host is tried alone; `None` inside for as long as it takes.
    pub fallback: Option<Option<Duration>>,
    /// How often one that is silent is probed; `None` inside for never.
    pub probes: Option<Option<Duration>>,
    /// Who is asked for the addresses of hosts, if not the system.
    pub resolver: Option<Arc<Resolver>>,
}

/// A connection that is being opened.
pub type Dialling<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// Looks up a variable.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Opens connections to upstreams.
pub trait Dial: Send + Sync {
    /// Opens one. Time-outs are the caller's.
    fn dial<'a>(&'a self, target: &'a Target) -> Dialling<'a>;

    /// Opens one in the ways that the config says.
    fn dial_by<'a>(&'a self, target: &'a Target, ways: &'a Ways) -> Dialling<'a> {
        let _ = ways;
        self.dial(target)
    }

    /// Whom TLS upstreams are verified with; the system's roots if not given.
    fn roots(&self) -> Option<Arc<rustls::RootCertStore>> {
        None
    }
}

/// Where a part of the config stands in a text, for messages: `Caddyfile:3`.
pub type Places = Arc<dyn Fn(&caddis_ir::Path) -> Option<String> + Send + Sync>;

/// Whether a password is that of a user; `None` if it is for the hash in the config to say.
pub type CheckPassword = dyn Fn(&str, &str) -> Option<bool> + Send + Sync;

/// What the server needs of the world around it, so that tests can put stubs in its place.
#[derive(Clone)]
pub struct Environment {
    /// Looks up an environment variable: `{env.NAME}`.
    pub variable: Variables,
    /// Opens connections to upstreams.
    pub dial: Arc<dyn Dial>,
    /// Says at once whether a password is right, where tests cannot wait for bcrypt; `None` outside of tests.
    pub passwords: Option<Arc<CheckPassword>>,
    /// Where certificates and keys are kept if the config does not say.
    pub data_dir: PathBuf,
    /// Where parts of the config stand in a text, if there is one.
    pub place: Option<Places>,
    /// When the server stops.
    pub shutdown: Arc<ShutdownDelay>,
    /// The placeholders that `map` fills in this config; building finds them out.
    pub mapped: Arc<HashSet<String>>,
    /// How many workers serve requests; the size of per-worker state.
    pub workers: usize,
}
