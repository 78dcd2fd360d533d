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
const DEFAULT_PROBES: u32 = 9;
/// As many as Linux takes.
const MAX_PROBES: u32 = 127;
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
    /// When it is asked whether a peer is still there.
    pub keepalive: Keepalive,
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

/// When TCP asks whether a peer is still there; what is `None` is for the system to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// After so long without a word.
    pub idle: Option<Duration>,
    /// And again after so long without an answer.
    pub interval: Option<Duration>,
    /// So many times.
    pub count: Option<u32>,
}

impl Keepalive {
    /// As in Caddy 2.11.4, an interval below zero makes all of it what Go has where nothing is said.
    fn of(server: &Server) -> Self {
        let is_off = server
            .keepalive_interval
            .is_some_and(|interval| interval.0 < 0);
        let said = |given: Option<caddis_ir::Duration>| {
            timeout(given.filter(|_| !is_off), Some(DEFAULT_KEEPALIVE))
        };
        let count = server
            .keepalive_count
            .filter(|count| *count != 0 && !is_off);
        Self {
            idle: said(server.keepalive_idle),
            interval: said(server.keepalive_interval),
            count: match count {
                None => Some(DEFAULT_PROBES),
                Some(count) if count < 0 => None,
                // The system has its own limit, which is lower.
                Some(count) => Some(u32::try_from(count).unwrap_or(MAX_PROBES).min(MAX_PROBES)),
            },
        }
    }
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
            keepalive: Keepalive::of(server),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use caddis_ir::Server;

    use super::Keepalive;

    /// The times were seen in `/proc/net/tcp` with Caddy 2.11.4.
    #[test]
    fn probes_are_sent_as_caddy_has_them_sent() {
        let seconds = Duration::from_secs;
        let default = Keepalive {
            idle: Some(seconds(15)),
            interval: Some(seconds(15)),
            count: Some(9),
        };
        let given = |interval: Option<i64>, idle: Option<i64>, count| {
            Keepalive::of(&Server {
                keepalive_interval: interval.map(caddis_ir::Duration::seconds),
                keepalive_idle: idle.map(caddis_ir::Duration::seconds),
                keepalive_count: count,
                ..Server::default()
            })
        };
        assert_eq!(given(None, None, None), default);
        assert_eq!(given(Some(0), Some(0), Some(0)), default);
        assert_eq!(given(Some(-1), Some(50), Some(3)), default);
        let all = Keepalive {
            idle: Some(seconds(50)),
            interval: Some(seconds(40)),
            count: Some(3),
        };
        assert_eq!(given(Some(40), Some(50), Some(3)), all);
        let systems = Keepalive {
            idle: None,
            interval: Some(seconds(15)),
            count: None,
        };
        assert_eq!(given(None, Some(-1), Some(-1)), systems);
        assert_eq!(given(None, None, Some(i64::MAX)).count, Some(127));
    }
}
