//! `Upgrade`: another protocol, WebSocket for one, over the connections of a request.

use std::time::Duration;

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tracing::debug;

use super::hop;
use super::http1::Switched;
use super::upstream::Busy;
use crate::life::Life;

/// An upgrade that a client asks for, and its half of the connection.
pub(super) struct Asked {
    pub(super) protocol: HeaderValue,
    pub(super) client: OnUpgrade,
}

/// Whether the upstream changes to the protocol that was asked for; the error says what it did instead.
pub(super) fn agreed(asked: Option<&HeaderValue>, answer: &HeaderMap) -> Result<(), String> {
    let Some(asked) = asked else {
        return Err("the upstream changed the protocol, and nobody asked for that".into());
    };
    match hop::upgrade(answer) {
        Some(given) if given.as_bytes().eq_ignore_ascii_case(asked.as_bytes()) => Ok(()),
        Some(given) => Err(format!(
            "the upstream changed to protocol {given:?} when {asked:?} was asked for"
        )),
        None => Err(format!(
            "the upstream did not say that it changed to protocol {asked:?}"
        )),
    }
}

/// What the answer says of the connection itself: the two fields that are not passed on otherwise.
pub(super) fn confirm(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// The connections that bytes are copied between.
pub(super) struct Ends {
    pub(super) client: OnUpgrade,
    pub(super) upstream: Box<Switched>,
}

/// How long streams may live, and how they are copied.
#[derive(Clone)]
pub(super) struct Streams {
    /// For each; without limit if `None`.
    pub(super) timeout: Option<Duration>,
    /// How long they outlive their config; without limit if `None`.
    pub(super) close_delay: Option<Duration>,
    /// How many bytes are copied at once.
    pub(super) buffer: usize,
    pub(super) life: Life,
}

impl Streams {
    /// Becomes ready when a stream that began now is to be closed.
    async fn over(&self) {
        let timeout = async {
            match self.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let config = async {
            match self.close_delay {
                Some(delay) => {
                    self.life.ended().await;
                    tokio::time::sleep(delay).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timeout => {}
            () = config => {}
        }
    }
}

/// Copies both ways until both ends are done; either may go silent before the other.
///
/// It ends with the worker's runtime, like the connections that it copies between.
pub(super) fn open(ends: Ends, busy: Busy, streams: Streams) {
    tokio::spawn(async move {
        // The upstream is busy until the tunnel is closed, as in Caddy.
        let _busy = busy;
        tokio::select! {
            () = copy(ends, streams.buffer) => {}
            () = streams.over() => {
                debug!(target: "http.handlers.reverse_proxy", "upgraded connection closed: its time is over");
            }
        }
    });
}

async fn copy(ends: Ends, buffer: usize) {
    let client = match ends.client.await {
        Ok(client) => client,
        Err(error) => {
            debug!(target: "http.handlers.reverse_proxy", %error, "upgrade failed");
            return;
        }
    };
    let (mut client, mut upstream) = (TokioIo::new(client), ends.upstream);
    match tokio::io::copy_bidirectional_with_sizes(&mut client, &mut upstream, buffer, buffer).await
    {
        Ok((up, down)) => {
            debug!(target: "http.handlers.reverse_proxy", up, down, "upgraded connection closed");
        }
        Err(error) => {
            debug!(target: "http.handlers.reverse_proxy", %error, "upgraded connection broke off");
        }
    }
}
