//! Why an upstream has not answered, and what the client is told.

use std::error::Error;
use std::panic::Location;
use std::sync::Arc;
use std::{fmt, io};

use http::StatusCode;

use super::http1::Fault;
use super::ollama;
use super::upstream::Address;
use crate::handlers::request_body::TooLarge;
use crate::handlers::request_body_times::TooSlow;
use crate::{BodyError, HandlerError, Side, Target};

/// What to do about an Ollama on this machine that does not listen.
const OLLAMA_HERE: &str = "nothing listens there: is `ollama serve` running, \
     and if OLLAMA_HOST is set for it, does it say this address?";
/// The same for one on another machine.
const OLLAMA_ELSEWHERE: &str = "nothing listens there: Ollama listens on 127.0.0.1 of its own machine only, \
     unless it is started with OLLAMA_HOST=0.0.0.0";

/// Why an upstream has not answered.
#[derive(Debug)]
pub(super) enum Reason {
    /// No connection to it could be opened.
    Dial(io::Error),
    /// No connection to it could be opened in time.
    DialTimeout,
    /// The TLS handshake failed.
    Tls(io::Error),
    /// The answer's header did not come in time.
    HeaderTimeout,
    /// The exchange over HTTP/1.1 failed on the way.
    Http1(Fault),
    /// The exchange over HTTP/2 failed on the way.
    Exchange(hyper::Error),
    /// The request's body failed.
    Upload(BodyError),
    /// The body of a request is too long for a program that has to know its length first.
    LongBody,
    /// The path of a request cannot be that of a script.
    NoScript,
    /// The program that was asked over `FastCGI` failed.
    Program(BodyError),
    /// It changed to a protocol that nobody asked for.
    Upgrade(String),
    /// The address, a placeholder until now, is none.
    Address(String),
    /// The config has no upstream.
    NoUpstream,
    /// The task that asked it is gone.
    Gone,
}

/// Why an upstream has not answered, and which.
#[derive(Debug)]
pub(super) struct Failure {
    reason: Reason,
    upstream: Option<Arc<Address>>,
}

impl Failure {
    pub(super) fn of(upstream: &Arc<Address>, reason: Reason) -> Self {
        Self {
            reason,
            upstream: Some(Arc::clone(upstream)),
        }
    }

    pub(super) fn without_upstream(reason: Reason) -> Self {
        Self {
            reason,
            upstream: None,
        }
    }

    /// True if no connection could be opened, so that the upstream has seen nothing of the request.
    pub(super) fn is_of_dialling(&self) -> bool {
        matches!(self.reason, Reason::Dial(_) | Reason::DialTimeout)
    }

    /// True if nobody was there to be asked.
    pub(super) fn is_without_upstream(&self) -> bool {
        matches!(self.reason, Reason::NoUpstream)
    }

    /// True if it is not for any upstream to do better: the client's body failed, or the address is none.
    pub(super) fn is_final(&self) -> bool {
        match &self.reason {
            Reason::Upload(_) | Reason::Address(_) | Reason::LongBody | Reason::NoScript => true,
            Reason::Exchange(error) => error.is_user(),
            Reason::Http1(_)
            | Reason::Dial(_)
            | Reason::DialTimeout
            | Reason::Tls(_)
            | Reason::HeaderTimeout
            | Reason::Program(_)
            | Reason::Upgrade(_)
            | Reason::NoUpstream
            | Reason::Gone => false,
        }
    }

    /// As Caddy answers: 504 if it took too long, 503 without upstream, 502 for everything else that is the upstream's fault.
    fn status(&self) -> StatusCode {
        match &self.reason {
            Reason::HeaderTimeout => StatusCode::GATEWAY_TIMEOUT,
            Reason::Exchange(error) if timed_out(error) => StatusCode::GATEWAY_TIMEOUT,
            Reason::Http1(Fault::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Reason::Program(error) if waited_too_long(error.as_ref()) => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Reason::LongBody => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::NoScript => StatusCode::BAD_REQUEST,
            Reason::NoUpstream => StatusCode::SERVICE_UNAVAILABLE,
            Reason::Dial(_)
            | Reason::DialTimeout
            | Reason::Tls(_)
            | Reason::Http1(_)
            | Reason::Exchange(_)
            | Reason::Upload(_)
            | Reason::Program(_)
            | Reason::Upgrade(_)
            | Reason::Address(_)
            | Reason::Gone => StatusCode::BAD_GATEWAY,
        }
    }
}

impl From<Failure> for HandlerError {
    fn from(failure: Failure) -> Self {
        match &failure.reason {
            Reason::Exchange(error) if error.is_user() => of_upload(error),
            Reason::Upload(error) => of_upload(error.as_ref()),
            Reason::Dial(_)
            | Reason::DialTimeout
            | Reason::Tls(_)
            | Reason::HeaderTimeout
            | Reason::Http1(_)
            | Reason::Exchange(_)
            | Reason::LongBody
            | Reason::NoScript
            | Reason::Program(_)
            | Reason::Upgrade(_)
            | Reason::Address(_)
            | Reason::NoUpstream
            | Reason::Gone => Self::status(failure.status()).because(failure),
        }
    }
}

/// The request's body failed, so nothing is wrong with the upstream.
fn of_upload(error: &(dyn Error + 'static)) -> HandlerError {
    if let Some(too_large) = causes(error).find_map(|cause| cause.downcast_ref::<TooLarge>()) {
        return too_large.clone().into();
    }
    if causes(error).any(<dyn Error>::is::<TooSlow>) {
        return TooSlow.into();
    }
    if causes(error).any(<dyn Error>::is::<BodySent>) {
        return HandlerError::status(StatusCode::BAD_GATEWAY).because(BodySent);
    }
    let gone = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_REQUEST);
    HandlerError {
        status: Some(if is_malformed(error) {
            StatusCode::BAD_REQUEST
        } else {
            gone
        }),
        source: Some(format!("reading the request's body: {}", Causes(error)).into()),
        side: Side::Client,
        close: true,
        found: Location::caller(),
    }
}

/// The request's body is wanted again, after another upstream got it.
#[derive(Debug)]
pub(super) struct BodySent;

impl fmt::Display for BodySent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another upstream got the request's body already")
    }
}

impl Error for BodySent {}

/// Whether the client framed the body in a way that nobody can read; hyper says so with these kinds.
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| {
            matches!(
                cause.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
            )
        })
}

/// nginx's status for a client that went away, which Caddy logs too.
const CLIENT_CLOSED_REQUEST: u16 = 499;

fn timed_out(error: &hyper::Error) -> bool {
    waited_too_long(error)
}

fn waited_too_long(error: &(dyn Error + 'static)) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let upstream = self.upstream.as_deref();
        match (&self.reason, upstream) {
            (Reason::Dial(error), Some(upstream)) => dial(f, upstream, error),
            (Reason::DialTimeout, Some(upstream)) => {
                write!(f, "dial {}: i/o timeout", Dialled(upstream))
            }
            (reason, Some(upstream)) => write!(f, "{}: {reason}", Dialled(upstream)),
            (reason, None) => reason.fmt(f),
        }
    }
}

impl Error for Failure {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial(error) => write!(f, "dial: {error}"),
            Self::DialTimeout => f.write_str("dial: i/o timeout"),
            Self::Tls(error) => write!(f, "tls: {error}"),
            Self::HeaderTimeout => f.write_str("timeout awaiting response headers"),
            Self::Http1(fault) => Causes(fault).fmt(f),
            Self::Exchange(error) => Causes(error).fmt(f),
            Self::Upload(error) | Self::Program(error) => Causes(error.as_ref()).fmt(f),
            Self::NoScript => f.write_str("the path has a NUL"),
            Self::LongBody => f.write_str("the body has no length, and is too long to find it out"),
            Self::Upgrade(what) | Self::Address(what) => f.write_str(what),
            Self::NoUpstream => f.write_str("no upstreams available"),
            Self::Gone => f.write_str("the exchange was given up"),
        }
    }
}

/// As Caddy says it, with a hint for the most common of all.
fn dial(f: &mut fmt::Formatter<'_>, upstream: &Address, error: &io::Error) -> fmt::Result {
    write!(f, "dial {}: ", Dialled(upstream))?;
    match (error.kind(), &upstream.target) {
        (io::ErrorKind::ConnectionRefused, Target::Tcp(host, ollama::PORT)) => {
            f.write_str("connect: connection refused: ")?;
            f.write_str(if ollama::is_here(host) {
                OLLAMA_HERE
            } else {
                OLLAMA_ELSEWHERE
            })
        }
        (io::ErrorKind::ConnectionRefused, _) => f.write_str("connect: connection refused"),
        (io::ErrorKind::NotFound, Target::Unix(_)) => {
            f.write_str("connect: no such file or directory")
        }
        _ => write!(f, "{error}"),
    }
}

/// An upstream with its network, as Go writes it: `tcp 127.0.0.1:80`.
struct Dialled<'a>(&'a Address);

impl fmt::Display for Dialled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.target {
            Target::Tcp(..) => write!(f, "tcp {}", self.0),
            Target::Unix(_) => write!(f, "unix {}", self.0),
        }
    }
}

/// An error with all that led to it.
pub(super) struct Causes<'a>(pub(super) &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, cause) in causes(self.0).enumerate() {
            let colon = if at == 0 { "" } else { ": " };
            write!(f, "{colon}{cause}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::{Failure, Reason};
    use crate::handlers::reverse_proxy::upstream::Address;

    fn said(dial: &str, error: impl Into<io::Error>) -> String {
        let address = Arc::new(Address::parse(dial).unwrap());
        Failure::of(&address, Reason::Dial(error.into())).to_string()
    }

    #[test]
    fn a_failed_dial_names_the_upstream_as_caddy_does() {
        assert_eq!(
            said("127.0.0.1:80", io::ErrorKind::ConnectionRefused),
            "dial tcp 127.0.0.1:80: connect: connection refused"
        );
        assert_eq!(
            said("unix//run/app.sock", io::ErrorKind::NotFound),
            "dial unix /run/app.sock: connect: no such file or directory"
        );
    }

    #[test]
    fn an_ollama_that_is_not_there_comes_with_a_hint() {
        for here in ["localhost:11434", "127.0.0.1:11434", "[::1]:11434"] {
            let said = said(here, io::ErrorKind::ConnectionRefused);
            let begin = format!("dial tcp {here}: connect: connection refused: ");
            assert!(said.starts_with(&begin), "{said}");
            assert!(said.contains("`ollama serve`") && said.contains("OLLAMA_HOST"));
        }
        let said = said("192.0.2.1:11434", io::ErrorKind::ConnectionRefused);
        assert!(said.contains("OLLAMA_HOST=0.0.0.0"), "{said}");
    }
}
