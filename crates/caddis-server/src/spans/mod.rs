//! Spans: what a collector is told of requests, over OTLP.

mod collector;
mod export;
mod grpc;
mod ids;
mod parent;
mod sampler;
mod settings;
mod span;

pub(crate) use export::{Queue, Spans};
pub(crate) use ids::{SpanId, TraceId};
pub(crate) use parent::{Parent, write};
pub(crate) use settings::Settings;
pub(crate) use span::{Attribute, Span, now};
