//! What a job is: the work, the config that it needs, and what the table shows of it.

use std::time::Duration;

use crate::measure::Measure;

/// How many connections ask at once.
pub(crate) const CONNECTIONS: usize = 64;

/// One kind of work for a server.
#[derive(Debug)]
pub(crate) struct Job {
    /// What the command line calls it.
    pub(crate) name: &'static str,
    /// What the table calls it.
    pub(crate) title: &'static str,
    /// The config that the servers get.
    pub(crate) setup: Setup,
    /// What is done.
    pub(crate) work: Work,
    /// What the table shows, in this order.
    pub(crate) rows: &'static [Row],
    /// More rounds than this take too long.
    pub(crate) most_rounds: u32,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// What is compared.
    pub(crate) measure: Measure,
    /// The ratio to Caddy that is to be reached.
    pub(crate) caddy: Option<f64>,
    /// The ratio to nginx that is to be reached.
    pub(crate) nginx: Option<f64>,
}

/// What a server is configured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    /// One site, over HTTP and HTTPS, with everything that the jobs ask for.
    Usual,
    /// One site with so many routes, each with a proxy of its own.
    Routes(usize),
    /// So many sites, and a way to reload.
    Sites(usize),
}

/// What clients do, and what is measured meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Connections that ask again as soon as they are answered, for answers of so many bytes.
    Requests(Over, usize),
    /// A new connection for each request.
    Handshakes,
    /// Streams of NDJSON.
    Streams(Streams),
    /// Bodies of 10 MB that the backend reads.
    Uploads,
    /// Bodies that are larger than may be.
    TooLarge,
    /// Passwords that were checked before.
    Logins,
    /// The first password that a server checks.
    FirstLogin,
    /// From the start of the program until it listens.
    StartUp,
    /// Connections that do nothing.
    Idle(Over),
    /// From the order to load another config until it is served.
    Reload,
    /// A Caddyfile of so many sites into JSON.
    Adapt(usize),
}

/// Streams that are open side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Streams {
    /// How many.
    pub(crate) count: usize,
    /// Between two tokens of a stream.
    pub(crate) pause: Duration,
    /// What they are carried by.
    pub(crate) over: Over,
    /// How many clients try passwords meanwhile.
    pub(crate) strangers: usize,
}

/// What requests are carried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Plain HTTP/1.1.
    Http1,
    /// HTTP/1.1 in TLS.
    Https1,
    /// HTTP/2 in TLS.
    Https2,
}

impl Job {
    /// Whether it belongs to the jobs with targets.
    pub(crate) fn has_targets(&self) -> bool {
        (self.rows.iter()).any(|row| row.caddy.is_some() || row.nginx.is_some())
    }
}

impl Work {
    /// What is counted, and how many of these each sample is.
    pub(crate) fn unit(self) -> (&'static str, f64) {
        match self {
            Self::Requests(_, MIB) => ("MiB", 1.0),
            Self::Streams(_) => ("token", 1.0),
            Self::Uploads => ("MB", 10.0),
            Self::Handshakes => ("handshake", 1.0),
            Self::TooLarge => ("refusal", 1.0),
            Self::Logins => ("login", 1.0),
            Self::Requests(..)
            | Self::FirstLogin
            | Self::StartUp
            | Self::Idle(_)
            | Self::Reload
            | Self::Adapt(_) => ("request", 1.0),
        }
    }

    /// How long it is measured: a server that comes to a stand shows it after a while, and one that checks every
    /// password anew answers seldom.
    pub(crate) fn turn(self, usual: Duration) -> Duration {
        match self {
            Self::Streams(streams) if streams.strangers > 0 => 2 * usual,
            Self::Logins => 2 * usual,
            Self::Streams(_)
            | Self::Requests(..)
            | Self::Handshakes
            | Self::Uploads
            | Self::TooLarge
            | Self::FirstLogin
            | Self::StartUp
            | Self::Idle(_)
            | Self::Reload
            | Self::Adapt(_) => usual,
        }
    }

    /// What its requests are carried by.
    pub(crate) fn over(self) -> Over {
        match self {
            Self::Requests(over, _) | Self::Idle(over) => over,
            Self::Streams(streams) => streams.over,
            Self::Handshakes => Over::Https1,
            Self::Uploads
            | Self::TooLarge
            | Self::Logins
            | Self::FirstLogin
            | Self::StartUp
            | Self::Reload
            | Self::Adapt(_) => Over::Http1,
        }
    }

    /// Whether each turn has a server of its own.
    pub(crate) fn is_fresh(self) -> bool {
        match self {
            Self::FirstLogin | Self::StartUp | Self::Idle(_) | Self::Adapt(_) => true,
            Self::Streams(streams) => streams.strangers > 0 || streams.count >= MANY_STREAMS,
            Self::Requests(..)
            | Self::Handshakes
            | Self::Uploads
            | Self::TooLarge
            | Self::Logins
            | Self::Reload => false,
        }
    }
}

/// The large answer.
pub(crate) const MIB: usize = 1024 * 1024;
/// So many streams are opened to see what memory they take.
const MANY_STREAMS: usize = 1000;
