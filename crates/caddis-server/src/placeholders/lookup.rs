//! Values of placeholders with their types, and those that a `map` fills.

use bytes::Bytes;

use super::name::{End, Placeholder, Tls};
use super::{Value, Values};

/// How many tables may be looked up within each other; Caddy ends with a full stack.
const MAX_DEPTH: u8 = 16;
/// How many look-ups one may lead to: a source that names its own placeholder twice doubles them with each.
const MAX_LOOKUPS: u16 = 256;

impl Values<'_> {
    /// A value with its type; `None` if nobody has set it for this request.
    pub(super) fn typed(&self, placeholder: &Placeholder) -> Option<Value> {
        if let Placeholder::Var(name) = placeholder
            && let Some(value) = self.variable(name)
        {
            return Some(value);
        }
        let mut text = Vec::new();
        if !self.write(placeholder, &mut text) {
            return None;
        }
        Some(match placeholder {
            Placeholder::Port | Placeholder::Remote(End::Port) | Placeholder::Local(End::Port) => {
                number(text)
            }
            Placeholder::Noted(name) if **name == *"http.error.status_code" => number(text),
            Placeholder::DurationMs => float(&text),
            Placeholder::ShuttingDown(_)
            | Placeholder::Tls(Tls::Resumed | Tls::ProtocolMutual | Tls::Ech) => {
                Value::Bool(text == b"true")
            }
            _ => Value::Text(Bytes::from(text)),
        })
    }

    /// A variable; null if it is not set.
    fn variable(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.context.notes().var(name) {
            return Some(value.clone());
        }
        match name {
            "client_ip" => None,
            "trusted_proxy" => Some(Value::Bool(self.context.is_trusted_proxy())),
            _ => Some(Value::Null),
        }
    }

    /// The value of a placeholder by what a `map` before says of it; the first one that fills it counts.
    pub(super) fn mapped(&self, name: &str) -> Option<Value> {
        let maps = {
            let mut notes = self.context.notes();
            if notes.map_depth == 0 {
                notes.map_lookups = 0;
            }
            let is_over = notes.map_depth >= MAX_DEPTH || notes.map_lookups >= MAX_LOOKUPS;
            if notes.maps.is_empty() || is_over {
                return None;
            }
            notes.map_depth += 1;
            notes.map_lookups += 1;
            notes.maps.clone()
        };
        let found = maps.iter().find_map(|map| map.look_up(name, self));
        self.context.notes().map_depth -= 1;
        found
    }

    /// Writes such a value; false if there is none.
    pub(super) fn write_mapped(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let value = self.mapped(name);
        if let Some(value) = &value {
            value.write(out);
        }
        value.is_some()
    }
}

/// Go reads ports as numbers, and leaves what is none as it is.
fn number(text: Vec<u8>) -> Value {
    let number = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| text.parse().ok());
    number.map_or_else(|| Value::Text(Bytes::from(text)), Value::Int)
}

fn float(text: &[u8]) -> Value {
    let number = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok());
    Value::Float(number.unwrap_or_default())
}
