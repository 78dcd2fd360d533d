//! What is counted, and how Prometheus reads it: the names, labels and buckets are Caddy's.

mod admin;
mod counted;
mod encode;
mod hosts;
mod http;
mod meter;
#[expect(
    clippy::module_inception,
    reason = "the file of the type that the others are parts of"
)]
mod metrics;
mod process;
#[cfg(test)]
mod tests;

pub(crate) use self::admin::AdminMetrics;
pub(crate) use self::counted::counted;
pub(crate) use self::encode::Format;
pub(crate) use self::metrics::{LastingMetrics, Metrics};
