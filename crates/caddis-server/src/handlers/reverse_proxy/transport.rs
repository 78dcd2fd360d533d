//! How upstreams are reached: time-outs, TLS, and the version of HTTP that is spoken.

use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::timeout;
use tracing::debug;

use super::failure::{Failure, Reason};
use super::pool::Wire;
use super::quota::{Metered, Quota};
use super::timed::Timed;
use super::tls::{Protocols, Tls};
use super::upload::Upload;
use super::upstream::Address;
use crate::{Dial, Stream, Target};

/// How long opening a connection may take if the config does not say; Caddy's default.
pub(super) const DIAL_TIMEOUT: Duration = Duration::from_secs(3);

/// How upstreams are reached.
pub(super) struct Transport {
    pub(super) dial: Arc<dyn Dial>,
    pub(super) tls: Option<Tls>,
    pub(super) plain: Plain,
    pub(super) dial_timeout: Duration,
    pub(super) header_timeout: Option<Duration>,
    pub(super) read_timeout: Option<Duration>,
    pub(super) write_timeout: Option<Duration>,
}

/// What is spoken without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 with prior knowledge.
    H2c,
}

/// Whether a request can go over HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Whatever the upstream speaks.
    Any,
    /// HTTP/1.1: the request asks for an upgrade.
    Http1,
}

/// A connection, ready for its first request.
pub(super) enum Connected {
    Http1(Wire),
    Http2(http2::SendRequest<Upload>),
}

impl Transport {
    /// Whether an HTTP/2 connection may be there already.
    pub(super) fn may_share(&self, need: Need) -> bool {
        need == Need::Any && (self.tls.is_some() || self.plain == Plain::H2c)
    }

    /// How an upstream is asked over TLS, if it is.
    pub(super) fn tls(&self, upstream: &Address) -> Option<&Tls> {
        self.tls.as_ref().filter(|tls| tls.is_for(upstream))
    }

    /// Opens a connection.
    pub(super) async fn connect(
        &self,
        upstream: &Arc<Address>,
        need: Need,
    ) -> Result<Connected, Failure> {
        let failed = |reason| Failure::of(upstream, reason);
        let tls = self.tls(upstream);
        if need == Need::Http1 && tls.is_none() && self.plain == Plain::H2c {
            return Err(failed(Reason::Upgrade(NO_UPGRADE.into())));
        }
        let stream = self.open(&upstream.target).await.map_err(failed)?;
        let (stream, over_http2) = match tls {
            None => (stream, self.plain == Plain::H2c),
            Some(tls) => {
                let handshake = tls.connect(&upstream.host, stream, protocols(need));
                (handshake.await).map_err(|error| failed(Reason::Tls(error)))?
            }
        };
        let spoken = if over_http2 {
            speak_http2(stream).await.map(Connected::Http2)
        } else {
            speak_http1(stream).await.map(Connected::Http1)
        };
        spoken.map_err(|error| failed(Reason::Exchange(error)))
    }

    async fn open(&self, target: &Target) -> Result<Box<dyn Stream>, Reason> {
        let stream = timeout(self.dial_timeout, self.dial.dial(target))
            .await
            .map_err(|_| Reason::DialTimeout)?
            .map_err(Reason::Dial)?;
        if self.read_timeout.is_none() && self.write_timeout.is_none() {
            return Ok(stream);
        }
        Ok(Box::new(Timed::new(
            stream,
            self.read_timeout,
            self.write_timeout,
        )))
    }
}

const fn protocols(need: Need) -> Protocols {
    match need {
        Need::Any => Protocols::Configured,
        Need::Http1 => Protocols::Http1,
    }
}

async fn speak_http1(stream: Box<dyn Stream>) -> hyper::Result<Wire> {
    let quota = Quota::new();
    let stream = Metered::new(stream, quota.clone());
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_BUFFER)
        // Header names go out as Go writes them.
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await?;
    let task = tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            debug!(target: "http.handlers.reverse_proxy", %error, "connection to upstream failed");
        }
    });
    Ok(Wire {
        sender,
        task: task.abort_handle(),
        quota,
    })
}

async fn speak_http2(stream: Box<dyn Stream>) -> hyper::Result<http2::SendRequest<Upload>> {
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(MAX_HEADER_LIST)
        .handshake(TokioIo::new(stream))
        .await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            debug!(target: "http.handlers.reverse_proxy", %error, "connection to upstream failed");
        }
    });
    Ok(sender)
}

/// What takes extended CONNECT (RFC 8441), which Caddy does not have either.
const NO_UPGRADE: &str =
    "the upstream speaks HTTP/2 only, over which no other protocol can be asked for";

/// How much of an HTTP/1.1 answer is held while the client is slow; its header must fit.
const MAX_BUFFER: usize = 128 * 1024;

/// How many bytes of header an HTTP/2 answer may have.
const MAX_HEADER_LIST: u32 = 1 << 20;
