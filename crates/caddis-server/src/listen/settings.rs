//! The limits and time-outs of one server, with Caddy's defaults.

use std::time::Duration;

use caddis_ir::Server;

use super::Wrappers;

/// Go's server reads this much more than `max_header_bytes` before it refuses a header.
const HEADER_SLACK: usize = 4096;
const DEFAULT_HEADER_BYTES: usize = 16 * 1024;
const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_mins(1);
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_mins(5);
const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(15);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The limits and time-outs of one server. A time-out that is `None` never comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For a TLS handshake.
    pub handshake_timeout: Duration,
    /// For a request's header, from its first byte.
    pub header_timeout: Option<Duration>,
    /// Between two requests.
    pub idle_timeout: Option<Duration>,
    /// For a whole request with its body.
    pub read_timeout: Option<Duration>,
    /// For a response.
    pub write_timeout: Option<Duration>,
    /// Between TCP keep-alive probes.
    pub keepalive: Option<Duration>,
    /// The most bytes of a request's header.
    pub max_header_bytes: usize,
    /// Whether HTTP/1.1 is spoken.
    pub http1: bool,
    /// Whether HTTP/2 is spoken over TLS.
    pub http2: bool,
    /// Whether HTTP/2 is spoken without TLS.
    pub h2c: bool,
    /// What new connections go through first.
    pub(crate) wrappers: Wrappers,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(&Server::default())
    }
}

impl Settings {
    /// What a server's config says.
    pub fn of(server: &Server) -> Self {
        let speaks = |protocol: &str| server.protocols.iter().any(|one| one == protocol);
        let default = server.protocols.is_empty();
        let max_header_bytes = (server.max_header_bytes)
            .filter(|bytes| *bytes > 0)
            .map_or(DEFAULT_HEADER_BYTES, |bytes| {
                usize::try_from(bytes).unwrap_or(usize::MAX)
            })
            .saturating_add(HEADER_SLACK);
        Self {
            handshake_timeout: HANDSHAKE_TIMEOUT,
            header_timeout: timeout(server.read_header_timeout, Some(DEFAULT_HEADER_TIMEOUT)),
            idle_timeout: timeout(server.idle_timeout, Some(DEFAULT_IDLE_TIMEOUT)),
            read_timeout: timeout(server.read_timeout, None),
            write_timeout: timeout(server.write_timeout, None),
            keepalive: match server.keepalive_interval {
                Some(interval) if interval.0 < 0 => None,
                Some(interval) if interval.0 > 0 => Some(interval.to_std()),
                Some(_) | None => Some(DEFAULT_KEEPALIVE),
            },
            max_header_bytes,
            http1: default || speaks("h1"),
            http2: default || speaks("h2"),
            // Its documentation says otherwise, but Caddy 2.11.4 speaks it if no protocols are listed.
            h2c: default || speaks("h2c"),
            // What is wrong with them was said before anything is served.
            wrappers: Wrappers::of(server, max_header_bytes).0,
        }
    }

    /// The names of the protocols that are spoken.
    pub(crate) fn protocols(&self) -> Vec<&'static str> {
        let all = [("h1", self.http1), ("h2", self.http2), ("h2c", self.h2c)];
        let spoken = all.into_iter().filter(|(_, spoken)| *spoken);
        spoken.map(|(name, _)| name).collect()
    }

    /// How long a header may take; a time-out for the whole request holds for its header too.
    pub(super) fn header_limit(&self) -> Option<Duration> {
        [self.header_timeout, self.read_timeout]
            .into_iter()
            .flatten()
            .min()
    }

    /// How long a request of a connection that has one at a time may take, its response included.
    pub(super) fn request_limit(&self) -> Option<Duration> {
        self.write_timeout
    }

    /// How often connections are looked at: often enough for the shortest time-out.
    pub(crate) fn sweep_interval(&self) -> Duration {
        let shortest = [
            Some(self.handshake_timeout),
            self.header_limit(),
            self.idle_timeout,
            self.request_limit(),
        ];
        let shortest = shortest.into_iter().flatten().min();
        (shortest.unwrap_or(Duration::MAX) / 8)
            .clamp(Duration::from_millis(20), Duration::from_secs(1))
    }
}

/// Zero is the default, and a negative time-out is none, as in Go.
fn timeout(given: Option<caddis_ir::Duration>, default: Option<Duration>) -> Option<Duration> {
    match given {
        Some(given) if given.0 > 0 => Some(given.to_std()),
        Some(given) if given.0 < 0 => None,
        Some(_) | None => default,
    }
}
