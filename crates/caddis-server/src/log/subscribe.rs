//! Events of `tracing` as entries of the logs.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use super::entry::{About, Entry};
use super::{Level, Logs, Nested};

/// Sends every event of this program to the logs in use; the first one who asks for this gets it.
pub(super) fn install(logs: Arc<ArcSwapOption<Logs>>) {
    let subscriber = Registry::default().with(ToLogs(logs));
    // Whoever has installed another one wants to see the events themselves.
    tracing::subscriber::set_global_default(subscriber).ok();
}

pub(super) struct ToLogs(pub(super) Arc<ArcSwapOption<Logs>>);

impl<S: Subscriber> Layer<S> for ToLogs {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event()
            && is_ours(metadata.target())
            && (self.0.load().as_ref())
                .is_some_and(|logs| logs.take(metadata.level().into(), logger(metadata.target())))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let logs = self.0.load();
        Some(match logs.as_ref().map(|logs| logs.least_level()) {
            None => LevelFilter::OFF,
            Some(Level::Debug) => LevelFilter::DEBUG,
            Some(Level::Info) => LevelFilter::INFO,
            Some(Level::Warn) => LevelFilter::WARN,
            Some(Level::Error) => LevelFilter::ERROR,
        })
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let logs = self.0.load();
        let Some(logs) = logs.as_ref() else { return };
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let logger = match fields.logger {
            Some(logger) => Cow::Owned(logger),
            None => Cow::Borrowed(logger(metadata.target())),
        };
        logs.write(Entry {
            at: SystemTime::now(),
            level: metadata.level().into(),
            logger,
            message: fields.message,
            about: About::Event(fields.others),
        });
    }
}

/// The names of loggers have no `::`, and the libraries that log have.
fn is_ours(target: &str) -> bool {
    !target.contains("::") || target.starts_with("caddis")
}

/// What is logged under the name of a module belongs to no part, as Caddy's own core has it.
fn logger(target: &str) -> &str {
    if target.starts_with("caddis") {
        ""
    } else {
        target
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    /// The field `logger` stands for a name that is known only when it happens.
    logger: Option<String>,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn push(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("logger", Value::String(text)) => self.logger = Some(text),
            // tracing has no nested values: `names[]` stands for a list, `request.method` for a part of an object.
            (name, value) => match (name.strip_suffix("[]"), name.split_once('.')) {
                (Some(list), _) => self.others.push((list, items(&value))),
                (None, Some((object, part))) => self.part(object, part, value),
                (None, None) => self.others.push((name, value)),
            },
        }
    }

    fn part(&mut self, object: &'static str, part: &str, value: Value) {
        let known = self.others.iter_mut().find(|(name, _)| *name == object);
        if let Some((_, Value::Object(parts))) = known {
            parts.insert(part.to_owned(), value);
        } else {
            let parts = Map::from_iter([(part.to_owned(), value)]);
            self.others.push((object, Value::Object(parts)));
        }
    }
}

/// What stands between the commas.
fn items(value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let items = text.split(',').filter(|item| !item.is_empty());
    items.collect()
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let value = match value.downcast_ref::<Nested>() {
            Some(Nested(value)) => value.clone(),
            None => value.to_string().into(),
        };
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arc_swap::ArcSwapOption;
    use caddis_ir::Config;
    use serde_json::Value;
    use tracing::{debug, error, info};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::registry::Registry;

    use super::ToLogs;
    use crate::log::Logs;
    use crate::log::files::Files;

    #[test]
    fn events_become_entries_with_the_name_of_their_logger() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.log");
        let json = format!(
            r#"{{"logging":{{"logs":{{"default":{{"writer":{{"output":"file","filename":"{}"}}}}}}}}}}"#,
            file.display()
        );
        let config: Config = caddis_ir::read(&json).unwrap();
        let (logs, thread) = Logs::open(
            &config,
            false,
            &crate::testing::environment().variable,
            &Files::default(),
        )
        .unwrap();
        let in_use = Arc::new(ArcSwapOption::from_pointee(logs));
        let subscriber = Registry::default().with(ToLogs(Arc::clone(&in_use)));
        tracing::subscriber::with_default(subscriber, || {
            info!(port = 443, "protocols[]" = "h1,h2", "listening");
            debug!("not at this level");
            info!(target: "rustls::server", "not ours");
            error!(target: "http.log.error", { request.method = "GET", status = 502, request.uri = %"/x" }, "refused");
            info!(target: "http.log", logger = "http.log.a", "named");
        });
        in_use.store(None);
        thread.join().unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let entries = text.lines().map(|line| {
            let mut entry: Value = serde_json::from_str(line).unwrap();
            entry.as_object_mut().unwrap().shift_remove("ts").unwrap();
            entry.to_string()
        });
        assert_eq!(
            entries.collect::<Vec<_>>(),
            [
                r#"{"level":"info","msg":"listening","port":443,"protocols":["h1","h2"]}"#,
                r#"{"level":"error","logger":"http.log.error","msg":"refused","request":{"method":"GET","uri":"/x"},"status":502}"#,
                r#"{"level":"info","logger":"http.log.a","msg":"named"}"#,
            ]
        );
    }
}
