//! A span: one request on its way through a handler, in the form that collectors know.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span as Message, Status};

use super::parent::Parent;

/// One request on its way through a handler.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) name: String,
    /// The span itself, with the trace that it belongs to.
    pub(crate) context: Parent,
    /// The one that it comes from.
    pub(crate) parent: Option<super::SpanId>,
    /// In nanoseconds since 1970.
    pub(crate) begun: u64,
    pub(crate) ended: u64,
    pub(crate) attributes: Vec<(String, Attribute)>,
    pub(crate) failed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Text(String),
    Number(i64),
}

/// The time, in nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}

impl Span {
    pub(super) fn message(self) -> Message {
        let code = if self.failed {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        let attributes = self.attributes.into_iter();
        Message {
            trace_id: self.context.trace.bytes().to_vec(),
            span_id: self.context.span.bytes().to_vec(),
            trace_state: self.context.state,
            parent_span_id: self
                .parent
                .map_or_else(Vec::new, |parent| parent.bytes().to_vec()),
            flags: u32::from(self.context.sampled),
            name: self.name,
            kind: SpanKind::Server.into(),
            start_time_unix_nano: self.begun,
            end_time_unix_nano: self.ended,
            attributes: attributes.map(|(key, value)| pair(key, value)).collect(),
            status: Some(Status {
                message: String::new(),
                code: code.into(),
            }),
            ..Message::default()
        }
    }
}

pub(super) fn pair(key: String, value: Attribute) -> KeyValue {
    let value = match value {
        Attribute::Text(text) => Value::StringValue(text),
        Attribute::Number(number) => Value::IntValue(number),
    };
    KeyValue {
        key,
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
