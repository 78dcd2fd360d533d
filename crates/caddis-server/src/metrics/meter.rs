//! The meter of a route: the counters of its requests, found once and kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::{StatusCode, header};
use parking_lot::RwLock;
use prometheus::{Histogram, IntCounter, IntGauge};

use super::http::{HttpMetrics, method_label};
use crate::{Context, Request};

/// The counters of a route, by host if that is asked for.
pub(super) struct Meter {
    metrics: Arc<HttpMetrics>,
    server: Box<str>,
    handler: &'static str,
    hosts: RwLock<HashMap<Box<str>, Arc<HostMeter>>>,
}

/// The counters of a route for a host.
struct HostMeter {
    in_flight: IntGauge,
    requests: IntCounter,
    answers: RwLock<HashMap<(&'static str, StatusCode), Arc<Answers>>>,
}

/// The counters of answers with a status.
struct Answers {
    request_duration: Histogram,
    request_size: Histogram,
    /// There is none for errors, whose page is no answer of the route.
    response_duration: OnceLock<Histogram>,
    response_size: Histogram,
}

/// A request that is being counted. It is no longer in flight when this is dropped.
pub(super) struct Counting {
    meter: Arc<Meter>,
    host: Arc<HostMeter>,
    label: Box<str>,
    method: &'static str,
    request_size: usize,
    started: Instant,
}

/// An answer that is on its way. It is counted when this is dropped.
pub(super) struct Answering {
    counting: Counting,
    answers: Arc<Answers>,
    pub(super) size: u64,
}

impl Meter {
    pub(super) fn new(metrics: Arc<HttpMetrics>, server: &str, handler: &'static str) -> Self {
        Self {
            metrics,
            server: server.into(),
            handler,
            hosts: RwLock::default(),
        }
    }

    pub(super) fn begin(self: &Arc<Self>, request: &Request) -> Counting {
        let label = self.label(request);
        let known = self.hosts.read().get(&*label).cloned();
        let host = known.unwrap_or_else(|| self.host(&label));
        host.in_flight.inc();
        Counting {
            meter: Arc::clone(self),
            host,
            label: label.into(),
            method: method_label(request.method()),
            request_size: size(request),
            started: Instant::now(),
        }
    }

    fn label<'a>(&self, request: &'a Request) -> Cow<'a, str> {
        let Some(hosts) = &self.metrics.hosts else {
            return Cow::Borrowed("");
        };
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_tls = Context::of(request).connection().tls.is_some();
        hosts.label(host, is_tls)
    }

    fn host(&self, label: &str) -> Arc<HostMeter> {
        let labels = self.labels(&[&self.server, self.handler], label);
        let meter = Arc::new(HostMeter {
            in_flight: self.metrics.in_flight.with_label_values(&labels),
            requests: self.metrics.requests.with_label_values(&labels),
            answers: RwLock::default(),
        });
        let mut hosts = self.hosts.write();
        Arc::clone(hosts.entry(label.into()).or_insert(meter))
    }

    fn answers(&self, label: &str, method: &str, status: StatusCode) -> Answers {
        let metrics = &self.metrics;
        let labels = [&*self.server, self.handler, status.as_str(), method];
        let labels = self.labels(&labels, label);
        Answers {
            request_duration: metrics.request_duration.with_label_values(&labels),
            request_size: metrics.request_size.with_label_values(&labels),
            response_duration: OnceLock::new(),
            response_size: metrics.response_size.with_label_values(&labels),
        }
    }

    fn labels<'a>(&self, labels: &[&'a str], host: &'a str) -> Vec<&'a str> {
        let host = self.metrics.hosts.is_some().then_some(host);
        labels.iter().copied().chain(host).collect()
    }
}

impl Counting {
    /// The header of the answer is there.
    pub(super) fn answered(self, status: StatusCode) -> Answering {
        let answering = self.ended(status);
        let Counting {
            meter,
            label,
            method,
            started,
            ..
        } = &answering.counting;
        let durations = &meter.metrics.response_duration;
        let duration = answering.answers.response_duration.get_or_init(|| {
            let labels = [&*meter.server, meter.handler, status.as_str(), method];
            durations.with_label_values(&meter.labels(&labels, label))
        });
        duration.observe(started.elapsed().as_secs_f64());
        answering
    }

    /// The request ended in an error; what is sent to the client is no answer of the route.
    pub(super) fn failed(self, status: StatusCode) {
        let labels = [&*self.meter.server, self.meter.handler];
        let labels = self.meter.labels(&labels, &self.label);
        self.meter.metrics.errors.with_label_values(&labels).inc();
        drop(self.ended(status));
    }

    fn ended(self, status: StatusCode) -> Answering {
        let key = (self.method, status);
        let known = self.host.answers.read().get(&key).cloned();
        let answers = known.unwrap_or_else(|| {
            let answers = self.meter.answers(&self.label, self.method, status);
            let mut known = self.host.answers.write();
            Arc::clone(known.entry(key).or_insert(Arc::new(answers)))
        });
        Answering {
            counting: self,
            answers,
            size: 0,
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.host.in_flight.dec();
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.counting.host.requests.inc();
        let took = self.counting.started.elapsed().as_secs_f64();
        self.answers.request_duration.observe(took);
        self.answers
            .request_size
            .observe(float(self.counting.request_size as u64));
        self.answers.response_size.observe(float(self.size));
    }
}

/// About how long a request is, as Caddy reckons it: line, fields and the length that its body says to have.
fn size(request: &Request) -> usize {
    let uri = request.uri();
    let target = uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    // All versions that there are have names as long as `HTTP/1.1`.
    let line = request.method().as_str().len() + target + "HTTP/1.1".len();
    let fields = request.headers().iter().map(|(name, value)| {
        let is_host = name == header::HOST;
        value.len() + if is_host { 0 } else { name.as_str().len() }
    });
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let size = line.saturating_add(fields.sum());
    size.saturating_add(length.unwrap_or_default())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes are rounded from 8 petabytes on"
)]
fn float(size: u64) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::size;
    use crate::Body;

    /// As Caddy 2.11.4 counted these.
    #[test]
    fn the_size_of_a_request_is_that_of_its_head_and_its_body() {
        let request = |method, target: &str, length: Option<&str>| {
            let request = http::Request::builder()
                .method::<Method>(method)
                .uri(target)
                .header("Host", "localhost:20981")
                .header("User-Agent", "curl/7.88.1")
                .header("Accept", "*/*");
            let fields = length.map(|length| {
                [
                    ("Content-Length", length),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ]
            });
            let request = fields
                .into_iter()
                .flatten()
                .fold(request, |request, (name, value)| {
                    request.header(name, value)
                });
            request.body(Body::Empty).unwrap()
        };
        assert_eq!(size(&request(Method::GET, "/", None)), 57);
        assert_eq!(size(&request(Method::POST, "/big", Some("10"))), 132);
    }
}
