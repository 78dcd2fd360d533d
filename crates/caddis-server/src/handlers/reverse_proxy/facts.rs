//! What `{http.reverse_proxy.*}` says: which upstream was asked, and how it answered.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper::ext::ReasonPhrase;

use super::upstream::{Address, Busy};
use crate::{Context, Target};

/// Which upstream was asked, and how it answered.
#[derive(Debug)]
pub(crate) struct Facts {
    upstream: Arc<Address>,
    /// How many requests it was busy with before this one.
    requests: i64,
    /// How many failures of it were remembered.
    failures: usize,
    pub(super) answer: Option<AnswerFacts>,
}

/// How an upstream answered.
#[derive(Clone, Debug)]
pub(super) struct AnswerFacts {
    pub(super) status: StatusCode,
    /// What the upstream calls its status, if that is not what everybody calls it.
    pub(super) reason: Option<ReasonPhrase>,
    /// From the question to the answer's header.
    pub(super) latency: Duration,
}

impl Facts {
    /// Notes which upstream is asked. What an earlier one answered is known until this one answers.
    pub(super) fn note(upstream: &Busy, context: &Context) {
        let mut notes = context.notes();
        let before = notes.proxied.take();
        notes.proxied = Some(Self {
            requests: upstream.before,
            failures: upstream.state.failures(),
            upstream: Arc::clone(upstream),
            answer: before.and_then(|facts| facts.answer),
        });
    }

    /// Writes the value of a placeholder; false if there is none yet.
    pub(crate) fn write(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let Some(name) = name.strip_prefix("http.reverse_proxy.") else {
            return false;
        };
        let upstream = &self.upstream;
        match name {
            "upstream.address" => write_address(&upstream.target, &upstream.hostport, out),
            "upstream.hostport" => out.extend_from_slice(upstream.hostport.as_bytes()),
            "upstream.host" => out.extend_from_slice(upstream.host.as_bytes()),
            "upstream.port" => out.extend_from_slice(upstream.port.as_bytes()),
            "upstream.requests" => void(write!(out, "{}", self.requests)),
            "upstream.max_requests" => void(write!(out, "{}", upstream.most)),
            "upstream.fails" => void(write!(out, "{}", self.failures)),
            _ => {
                return self
                    .answer
                    .as_ref()
                    .is_some_and(|answer| answer.write(name, out));
            }
        }
        true
    }
}

impl AnswerFacts {
    fn write(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let written = match name {
            "status_code" => write!(out, "{}", self.status.as_str()),
            "status_text" => match &self.reason {
                Some(reason) => {
                    let status = self.status.as_str();
                    out.extend_from_slice(&[status.as_bytes(), b" ", reason.as_bytes()].concat());
                    Ok(())
                }
                None => write!(out, "{}", self.status),
            },
            "upstream.latency" => write!(out, "{:?}", self.latency),
            "upstream.latency_ms" => write!(out, "{}", self.latency.as_secs_f64() * 1e3),
            _ => return false,
        };
        written.is_ok()
    }
}

/// Writing to memory does not fail.
fn void(_: std::io::Result<()>) {}

fn write_address(target: &Target, hostport: &str, out: &mut Vec<u8>) {
    let network = match target {
        Target::Tcp(..) => "tcp/",
        Target::Unix(_) => "unix/",
    };
    out.extend_from_slice(network.as_bytes());
    out.extend_from_slice(hostport.as_bytes());
}
