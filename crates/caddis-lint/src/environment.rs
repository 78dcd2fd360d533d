//! The variables that a config is read with: those that are given, and marks for those that are not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use caddis_syntax::{Load, Loaded};

/// The ports for `:{$PORT}` that nobody has given; none of them means anything.
const SOME_PORTS: std::ops::Range<u32> = 61_000..65_000;

/// The variables that are given to the lint; nothing is read from the process.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Their values.
    pub values: BTreeMap<String, String>,
    /// Whether any were given, so that the others can be called unset.
    pub is_given: bool,
    /// Read every other variable as empty, as Caddy would.
    pub is_strict: bool,
}

impl Environment {
    /// These variables and no others.
    pub fn of(values: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            values: values.iter().map(own).collect(),
            is_given: true,
            is_strict: false,
        }
    }

    /// Whether the lint knows what the variable is when the config is served.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.is_strict || self.values.contains_key(name)
    }
}

/// What `{$NAME}` is read as in one config.
///
/// A variable that is not given becomes `{env.NAME}`, a value that is not known before a request comes; one that stands where
/// a port stands becomes a port. Each text is looked at when it is loaded.
pub(crate) struct Reading<'a> {
    environment: &'a Environment,
    load: &'a dyn Load,
    uses: RefCell<Uses>,
}

#[derive(Default)]
struct Uses {
    with_default: BTreeSet<String>,
    as_port: BTreeSet<String>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(environment: &'a Environment, load: &'a dyn Load, text: &str) -> Self {
        let reading = Self {
            environment,
            load,
            uses: RefCell::default(),
        };
        reading.look(text);
        reading
    }

    /// What stands for a variable; `None` for the default that is written beside it.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.environment.values.get(name) {
            return Some(value.clone());
        }
        let uses = self.uses.borrow();
        if self.environment.is_strict || uses.with_default.contains(name) {
            None
        } else if uses.as_port.contains(name) {
            Some(some_port(name))
        } else {
            Some(format!("{{env.{name}}}"))
        }
    }

    fn look(&self, text: &str) {
        let mut uses = self.uses.borrow_mut();
        for variable in variables(text) {
            if variable.default.is_some() {
                uses.with_default.insert(variable.name.into());
            }
            let before = text.get(..variable.start).unwrap_or("");
            let after = text.get(variable.end..).unwrap_or("");
            let ends = after.is_empty() || after.starts_with([' ', '\t', '\n', '\r', ',', '/']);
            if before.ends_with(':') && ends {
                uses.as_port.insert(variable.name.into());
            }
        }
    }
}

impl Load for Reading<'_> {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        let loaded = self.load.load(pattern, from)?;
        for file in &loaded {
            self.look(&file.text);
        }
        Ok(loaded)
    }
}

/// A port for a variable: mostly another one for another name, so that two are not taken for the same.
fn some_port(name: &str) -> String {
    let sum = name.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    (SOME_PORTS.start + sum % (SOME_PORTS.end - SOME_PORTS.start)).to_string()
}

/// A `{$NAME}` or `{$NAME:default}` in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variable<'t> {
    pub(crate) name: &'t str,
    pub(crate) default: Option<&'t str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The variables of a text, in order.
pub(crate) fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("{$")?;
            let end = start + text.get(start..)?.find('}')? + 1;
            from = end;
            let inside = text.get(start + 2..end - 1)?;
            if inside.is_empty() {
                continue;
            }
            let (name, default) = match inside.split_once(':') {
                Some((name, default)) => (name, Some(default)),
                None => (inside, None),
            };
            return Some(Variable {
                name,
                default,
                start,
                end,
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use caddis_syntax::Memory;

    #[test]
    fn what_is_not_given_is_a_mark_or_the_default_beside_it() {
        let text = "{$SITE} :{$PORT}\n{$A:x} {$} {$B}";
        let environment = Environment::of(&[("B", "b")]);
        let memory = Memory::default();
        let reading = Reading::new(&environment, &memory, text);
        assert_eq!(reading.value("SITE").as_deref(), Some("{env.SITE}"));
        assert_eq!(reading.value("PORT"), Some(some_port("PORT")));
        assert_eq!(reading.value("A"), None);
        assert_eq!(reading.value("B").as_deref(), Some("b"));
        assert_eq!(variables(text).count(), 4);
    }
}
