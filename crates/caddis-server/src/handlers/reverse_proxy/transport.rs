//! How upstreams are reached: time-outs, TLS, and the version of HTTP that is spoken.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONNECTION, PROXY_AUTHORIZATION, UPGRADE};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tracing::debug;

use super::announce::ProxyVersion;
use super::crowd::Crowd;
use super::failure::{Failure, Reason};
use super::fastcgi::Cgi;
use super::forward::Forward;
use super::http1::{Limits, Line};
use super::keep::Keep;
use super::steps::{Sizes, Steps};
use super::timed::Timed;
use super::tls::{Protocols, Tls, Wanted};
use super::upload::Upload;
use super::upstream::Address;
use super::{exchange, expect};
use crate::{Dial, Stream, Ways};

/// How long opening a connection may take if the config does not say; Caddy's default.
pub(super) const DIAL_TIMEOUT: Duration = Duration::from_secs(3);

/// How upstreams are reached.
pub(super) struct Transport {
    pub(super) dial: Arc<dyn Dial>,
    /// From where, and what is asked of the connections themselves.
    pub(super) ways: Ways,
    pub(super) tls: Option<Tls>,
    pub(super) plain: Plain,
    pub(super) dial_timeout: Duration,
    pub(super) header_timeout: Option<Duration>,
    pub(super) read_timeout: Option<Duration>,
    pub(super) write_timeout: Option<Duration>,
    /// How long the body of a request waits that says `Expect: 100-continue`.
    pub(super) expect_timeout: Option<Duration>,
    /// In which steps connections are read and written, if the config says so.
    pub(super) steps: Option<Sizes>,
    /// The most bytes of an answer's header, if the config says so.
    pub(super) max_header: Option<usize>,
    pub(super) keep: Arc<Keep>,
    /// Whether upstreams are told that a connection has one request.
    pub(super) closes: bool,
    /// How many connections an upstream may have, if the config says so.
    pub(super) crowd: Option<Crowd>,
    /// How the upstream is told who the client is before anything else, if it is.
    pub(super) announces: Option<ProxyVersion>,
    /// What stands between us and upstreams, if anything does.
    pub(super) forward: Option<Forward>,
    /// How programs are asked over `FastCGI`, in place of HTTP.
    pub(super) cgi: Option<Cgi>,
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
    Http1(Box<Line>),
    Http2(http2::SendRequest<Upload>),
}

/// What a connection is opened for.
#[derive(Debug, Default)]
pub(super) struct Purpose {
    /// What is sent before anything else.
    pub(super) announced: Option<Bytes>,
    /// The name that the upstream's certificate must have, where the request says it.
    pub(super) wanted: Option<Wanted>,
    /// Held as long as the connection is open.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

impl Transport {
    /// Whether an HTTP/2 connection may be there already.
    pub(super) fn may_share(&self, need: Need) -> bool {
        need == Need::Any && self.keep.reuse && (self.tls.is_some() || self.plain == Plain::H2c)
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
        purpose: Purpose,
    ) -> Result<Connected, Failure> {
        let failed = |reason| Failure::of(upstream, reason);
        let tls = self.tls(upstream);
        if need == Need::Http1 && tls.is_none() && self.plain == Plain::H2c {
            return Err(failed(Reason::Upgrade(NO_UPGRADE.into())));
        }
        if self.announces.is_some() && purpose.announced.is_none() {
            // The upstream would take what comes first for the word on who the client is.
            return Err(failed(Reason::Gone));
        }
        let mut stream = self.open(upstream).await.map_err(failed)?;
        if let Some(announced) = &purpose.announced {
            let written = stream.write_all(announced).await;
            written.map_err(|error| failed(Reason::Dial(error)))?;
        }
        let (stream, over_http2) = match tls {
            None => (stream, self.plain == Plain::H2c),
            Some(tls) => {
                let handshake =
                    tls.connect(&upstream.host, purpose.wanted, stream, protocols(need));
                (handshake.await).map_err(|error| failed(Reason::Tls(error)))?
            }
        };
        if over_http2 {
            let spoken = self.speak_http2(stream, purpose.permit).await;
            return (spoken.map(Connected::Http2)).map_err(|error| failed(Reason::Exchange(error)));
        }
        let line = Line::new(stream, Arc::clone(&self.keep), purpose.permit);
        Ok(Connected::Http1(Box::new(line)))
    }

    /// Says in a request of HTTP/1.1 what depends on the way that it goes.
    pub(super) fn make_fit(&self, request: &mut http::Request<Upload>, upstream: &Address) {
        if self.closes && !request.headers().contains_key(UPGRADE) {
            let close = HeaderValue::from_static("close");
            request.headers_mut().insert(CONNECTION, close);
        }
        if let Some(forward) = &self.forward
            && self.tls(upstream).is_none()
            && let Some(relay) = forward.asks_itself(upstream)
        {
            exchange::name_in_target(request, false);
            if let Some(authorization) = relay.authorization() {
                request
                    .headers_mut()
                    .insert(PROXY_AUTHORIZATION, authorization);
            }
        }
        if let Some(limit) = self.expect_timeout {
            expect::wait_for_word(request, limit);
        }
    }

    /// Opens a connection to the upstream, or to what stands before it.
    pub(super) async fn open(&self, upstream: &Address) -> Result<Box<dyn Stream>, Reason> {
        let over_tls = self.tls(upstream).is_some();
        let dialling = match &self.forward {
            Some(forward) if forward.is_for(upstream, over_tls) => {
                Box::pin(forward.dial(self.dial.as_ref(), &self.ways, upstream, over_tls))
            }
            _ => self.dial.dial_by(&upstream.target, &self.ways),
        };
        let mut stream = timeout(self.dial_timeout, dialling)
            .await
            .map_err(|_| Reason::DialTimeout)?
            .map_err(Reason::Dial)?;
        if self.read_timeout.is_some() || self.write_timeout.is_some() {
            stream = Box::new(Timed::new(stream, self.read_timeout, self.write_timeout));
        }
        if let Some(sizes) = self.steps {
            stream = Box::new(Steps { stream, sizes });
        }
        Ok(stream)
    }

    /// What an answer of HTTP/1.1 may take.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            header: self.max_header.unwrap_or(MAX_HEADER),
            time: self.header_timeout,
        }
    }

    /// `permit` is held as long as the connection is open.
    async fn speak_http2(
        &self,
        stream: Box<dyn Stream>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> hyper::Result<http2::SendRequest<Upload>> {
        let most = (self.max_header).and_then(|most| u32::try_from(most).ok());
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(most.unwrap_or(MAX_HEADER_LIST))
            .handshake(TokioIo::new(stream))
            .await?;
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = connection.await {
                debug!(target: "http.handlers.reverse_proxy", %error, "connection to upstream failed");
            }
        });
        Ok(sender)
    }
}

const fn protocols(need: Need) -> Protocols {
    match need {
        Need::Any => Protocols::Configured,
        Need::Http1 => Protocols::Http1,
    }
}

/// What takes extended CONNECT (RFC 8441), which Caddy does not have either.
const NO_UPGRADE: &str =
    "the upstream speaks HTTP/2 only, over which no other protocol can be asked for";

/// How many bytes of header an HTTP/1.1 answer may have, if the config does not say.
const MAX_HEADER: usize = 128 * 1024;

/// How many bytes of header an HTTP/2 answer may have.
const MAX_HEADER_LIST: u32 = 1 << 20;
