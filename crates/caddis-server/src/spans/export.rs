//! Spans on their way to the collector: a queue with a limit, and one task that sends what is in it.
//!
//! Lives as long as the process, so that a load loses nothing. Nobody who serves requests waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use parking_lot::Mutex;
use prost::Message as _;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{debug, warn};

use super::collector::{self, Fault};
use super::settings::{Collector, Settings};
use super::span::{Attribute, Span, pair};

/// How often spans are sent again that the collector did not take now.
const TRIES: u32 = 4;
/// The wait before the second time; it doubles.
const AGAIN: Duration = Duration::from_secs(1);
/// The least time between two warnings.
const QUIET: Duration = Duration::from_mins(1);

/// The spans of all configs.
#[derive(Debug, Default)]
pub(crate) struct Spans(Mutex<Option<Started>>);

/// The queue, and who empties it.
#[derive(Debug)]
struct Started {
    queue: Queue,
    /// Waits for a runtime.
    waiting: Option<Exporter>,
    task: Option<AbortHandle>,
    finish: Option<oneshot::Sender<oneshot::Sender<()>>>,
}

/// Where handlers put spans.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    sender: mpsc::Sender<Span>,
    lost: Arc<AtomicU64>,
}

impl Queue {
    /// Puts a span into the queue; one that finds it full is lost, and counted.
    pub(crate) fn put(&self, span: Span) {
        if self.sender.try_send(span).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Spans {
    /// The queue for spans, if somebody is told of them.
    pub(crate) fn queue(&self, settings: &Settings) -> Option<Queue> {
        let collector = settings.collector.clone()?;
        let mut started = self.0.lock();
        let started = started.get_or_insert_with(|| {
            let (sender, spans) = mpsc::channel(settings.queue);
            let (finish, finishing) = oneshot::channel();
            let lost = Arc::new(AtomicU64::new(0));
            let exporter = Exporter {
                collector,
                settings: settings.clone(),
                spans,
                finishing: Some(finishing),
                lost: Arc::clone(&lost),
                warned: None,
            };
            Started {
                queue: Queue { sender, lost },
                waiting: Some(exporter),
                task: None,
                finish: Some(finish),
            }
        });
        Some(started.queue.clone())
    }

    /// Sends what is put into the queue from now on, on the runtime of the caller.
    pub(crate) fn begin(&self) {
        if let Some(started) = self.0.lock().as_mut()
            && let Some(exporter) = started.waiting.take()
        {
            started.task = Some(tokio::spawn(exporter.run()).abort_handle());
        }
    }

    /// Sends what is left, as far as that can be done in a while.
    pub(crate) async fn finish(&self, patience: Duration) {
        let finish = self.0.lock().as_mut().and_then(|started| {
            started.task.as_ref()?;
            started.finish.take()
        });
        let (done, is_done) = oneshot::channel();
        if finish.is_some_and(|finish| finish.send(done).is_ok())
            && tokio::time::timeout(patience, is_done).await.is_err()
        {
            warn!(target: "http.handlers.tracing", "the collector was not told of the last spans");
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Sends what is in the queue.
#[derive(Debug)]
struct Exporter {
    collector: Collector,
    settings: Settings,
    spans: mpsc::Receiver<Span>,
    finishing: Option<oneshot::Receiver<oneshot::Sender<()>>>,
    lost: Arc<AtomicU64>,
    warned: Option<Instant>,
}

impl Exporter {
    async fn run(mut self) {
        let Some(mut finishing) = self.finishing.take() else {
            return;
        };
        let mut batch = Vec::new();
        let done = loop {
            tokio::select! {
                biased;
                done = &mut finishing => break done,
                () = next(&mut self.spans, &self.settings, &mut batch) => {}
            }
            if batch.is_empty() {
                return;
            }
            self.send(std::mem::take(&mut batch)).await;
        };
        if !batch.is_empty() {
            self.send(batch).await;
        }
        while let Some(batch) = self.rest() {
            self.send(batch).await;
        }
        if let Ok(done) = done {
            done.send(()).ok();
        }
    }

    /// What is in the queue at the end.
    fn rest(&mut self) -> Option<Vec<Span>> {
        let mut batch = Vec::new();
        while batch.len() < self.settings.batch
            && let Ok(span) = self.spans.try_recv()
        {
            batch.push(span);
        }
        (!batch.is_empty()).then_some(batch)
    }

    async fn send(&mut self, batch: Vec<Span>) {
        let count = batch.len();
        let body = request(&self.settings, batch).encode_to_vec();
        let mut wait = AGAIN;
        for left in (0..TRIES).rev() {
            match collector::tell(&self.collector, &body).await {
                Ok(()) => {
                    debug!(target: "http.handlers.tracing", spans = count, "told the collector");
                    break;
                }
                Err(Fault::Later(error)) if left > 0 => {
                    debug!(target: "http.handlers.tracing", error, "telling the collector again");
                    sleep(wait).await;
                    wait *= 2;
                }
                Err(Fault::Later(error) | Fault::Never(error)) => {
                    self.warn(&error, count);
                    break;
                }
            }
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            warn!(target: "http.handlers.tracing", spans = lost, "there were more spans than the queue holds");
        }
    }

    fn warn(&mut self, error: &str, spans: usize) {
        if self.warned.is_some_and(|at| at.elapsed() < QUIET) {
            return;
        }
        self.warned = Some(Instant::now());
        let collector = self.collector.url.to_string();
        warn!(target: "http.handlers.tracing", collector, error, spans, "the collector does not take spans");
    }
}

/// Waits for a span, and a while for others. What was taken is in the batch, even if nobody waits any more.
async fn next(spans: &mut mpsc::Receiver<Span>, settings: &Settings, batch: &mut Vec<Span>) {
    spans.recv_many(batch, settings.batch).await;
    let end = Instant::now() + settings.delay;
    while !batch.is_empty() && batch.len() < settings.batch {
        let room = settings.batch - batch.len();
        let more = spans.recv_many(batch, room);
        if !matches!(timeout_at(end, more).await, Ok(1..)) {
            return;
        }
    }
}

fn request(settings: &Settings, batch: Vec<Span>) -> ExportTraceServiceRequest {
    let attributes = settings.resource.iter();
    let attributes =
        attributes.map(|(key, value)| pair(key.clone(), Attribute::Text(value.clone())));
    let scope = InstrumentationScope {
        name: "caddis".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        ..InstrumentationScope::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: attributes.collect(),
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope),
                spans: batch.into_iter().map(Span::message).collect(),
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use tokio::time::Duration;

    use super::{Settings, Spans, next};
    use crate::spans::{Parent, Span, SpanId, TraceId, now};

    fn span() -> Span {
        Span {
            name: "a".into(),
            context: Parent {
                trace: TraceId::random(),
                span: SpanId::random(),
                sampled: true,
                state: String::new(),
            },
            parent: None,
            begun: now(),
            ended: now(),
            attributes: Vec::new(),
            failed: false,
        }
    }

    fn settings(given: &[(&str, &str)]) -> Settings {
        let read = Settings::read(&|name| {
            let found = given.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        read.unwrap()
    }

    #[test]
    fn a_queue_that_is_full_takes_no_more_and_makes_nobody_wait() {
        let spans = Spans::default();
        let settings = settings(&[("OTEL_BSP_MAX_QUEUE_SIZE", "2")]);
        let queue = spans.queue(&settings).unwrap();
        for _ in 0..5 {
            queue.put(span());
        }
        assert_eq!(queue.lost.load(Ordering::Relaxed), 3);
        // Another config has the same queue.
        let other = spans.queue(&settings).unwrap();
        assert_eq!(other.lost.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn spans_wait_for_others_and_not_too_long() {
        let settings = settings(&[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")]);
        let (sender, mut spans) = tokio::sync::mpsc::channel(10);
        for _ in 0..3 {
            sender.send(span()).await.unwrap();
        }
        let (begun, mut batch) = (tokio::time::Instant::now(), Vec::new());
        next(&mut spans, &settings, &mut batch).await;
        assert_eq!((batch.len(), begun.elapsed()), (2, Duration::ZERO));
        batch.clear();
        next(&mut spans, &settings, &mut batch).await;
        assert_eq!((batch.len(), begun.elapsed()), (1, Duration::from_secs(5)));
    }
}
