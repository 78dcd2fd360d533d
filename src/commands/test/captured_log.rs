//! What a server logs on the thread of its case, as JSON entries in Caddy's form.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Event, Level, Metadata, Subscriber};

/// The entries so far; capturing ends when this is dropped.
pub(super) struct CapturedLog {
    entries: Arc<Mutex<Vec<Value>>>,
    _guard: DefaultGuard,
}

impl CapturedLog {
    /// Captures what this thread logs from now on.
    pub(super) fn begin() -> Self {
        let entries = Arc::<Mutex<Vec<Value>>>::default();
        let capture = Capture(Arc::clone(&entries));
        // With a single subscriber in the process, tracing would ask whichever thread meets an event first whether
        // anyone wants it, and remember a no: hence a second one, which wants nothing.
        let _ = tracing::subscriber::set_global_default(NoSubscriber::default());
        Self {
            entries,
            _guard: tracing::subscriber::set_default(capture),
        }
    }

    /// Adds entries that came another way, and gives all that there are so far.
    pub(super) fn with(&self, others: &[String]) -> Vec<Value> {
        let others = others
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.extend(others);
        entries.clone()
    }
}

struct Capture(Arc<Mutex<Vec<Value>>>);

impl Subscriber for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Loggers have names like `http.log.access`; what has a module's path is another crate talking to itself.
        *metadata.level() <= Level::INFO
            || *metadata.level() == Level::DEBUG && !metadata.target().contains("::")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut entry = Entry::default();
        let metadata = event.metadata();
        let level = metadata.level().as_str().to_lowercase();
        entry.0.insert("level".into(), level.into());
        entry.0.insert("logger".into(), metadata.target().into());
        event.record(&mut entry);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(Value::Object(entry.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Entry(Map<String, Value>);

impl Entry {
    fn add(&mut self, field: &Field, value: Value) {
        let name = match field.name() {
            "message" => "msg",
            name => name,
        };
        insert(&mut self.0, name, value);
    }
}

/// Names with dots are objects in objects.
fn insert(object: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((outer, inner)) = name.split_once('.') else {
        object.insert(name.into(), value);
        return;
    };
    let outer = object.entry(outer).or_insert_with(|| Map::new().into());
    if let Value::Object(outer) = outer {
        insert(outer, inner, value);
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
