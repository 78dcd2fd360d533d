//! `.caddyfiletest`: a Caddyfile, a line of ten hyphens, then the JSON it adapts to or a part of the error.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use caddis_source::{Code, Diagnostic, Sources, Span};
use serde_json::Value;

use crate::{Failure, Mismatch, Outcome};

const NOT_READABLE: Code = Code("spec/not-readable");
const NO_RULE: Code = Code("golden/no-rule");
const NOT_JSON: Code = Code("golden/not-json");
const RULE: &str = "----------";

/// Adapts a Caddyfile that stands in a folder: the JSON, or what is wrong with it.
pub type Adapt<'a> = dyn Fn(&str, &Path) -> Result<Value, String> + Sync + 'a;

/// One `.caddyfiletest`.
#[derive(Clone, Debug)]
pub struct Golden {
    /// The path, for messages.
    pub name: String,
    folder: PathBuf,
    caddyfile: String,
    expected: Expected,
}

#[derive(Clone, Debug)]
enum Expected {
    Json(Value),
    Error(String),
}

impl Golden {
    /// Reads a file.
    pub fn read(path: &Path, sources: &mut Sources) -> Result<Self, Diagnostic> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("`{name}` cannot be read: {error}");
            Diagnostic::error_without_place(NOT_READABLE, message)
        })?;
        let file = sources.add(name.clone(), text.clone());
        let Some((caddyfile, expected)) = text.split_once(RULE) else {
            let start = Span::new(file, 0, 0);
            let error = Diagnostic::error(NO_RULE, start, "this file has no line of ten hyphens");
            return Err(error.help(
                "write the Caddyfile, a line `----------`, then JSON or a part of the error",
            ));
        };
        let expected = expected.trim();
        let expected = if expected.starts_with('{') {
            Expected::Json(serde_json::from_str(expected).map_err(|error| {
                let at = caddyfile.len() + RULE.len();
                let place = Span::new(file, at, at);
                Diagnostic::error(NOT_JSON, place, "what is expected is not JSON")
                    .help(error.to_string())
            })?)
        } else {
            Expected::Error(expected.into())
        };
        Ok(Self {
            name,
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            caddyfile: format!("{}\n", caddyfile.trim()),
            expected,
        })
    }

    /// What it shows.
    pub(crate) fn title(&self) -> &'static str {
        match self.expected {
            Expected::Json(_) => "adapts to its JSON",
            Expected::Error(_) => "is refused with its error",
        }
    }

    /// Adapts the Caddyfile and compares.
    pub(crate) fn run(&self, adapt: &Adapt<'_>) -> (Outcome, Duration) {
        let began = Instant::now();
        let difference = match (&self.expected, adapt(&self.caddyfile, &self.folder)) {
            (Expected::Json(wanted), Ok(got)) => different("", wanted, &got),
            (Expected::Json(_), Err(error)) => Some(("its JSON".into(), error)),
            (Expected::Error(wanted), Err(error)) if error.contains(wanted.as_str()) => None,
            (Expected::Error(wanted), Err(error)) => Some((wanted.clone(), error)),
            (Expected::Error(wanted), Ok(_)) => Some((wanted.clone(), "no error".into())),
        };
        let outcome = match difference {
            None => Outcome::Passed,
            Some((wanted, got)) => Outcome::Failed(vec![Failure {
                step: 0,
                request: String::new(),
                mismatches: vec![Mismatch {
                    span: None,
                    wanted,
                    got,
                }],
                output: String::new(),
            }]),
        };
        (outcome, began.elapsed())
    }
}

/// The first place where two values differ, with what is there in each.
fn different(path: &str, wanted: &Value, got: &Value) -> Option<(String, String)> {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            let both = wanted.keys().chain(got.keys());
            both.into_iter().find_map(|key| {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let path = format!("{path}/{key}");
                match (of(wanted), of(got)) {
                    (Some(wanted), Some(got)) => different(&path, &wanted, &got),
                    (Some(wanted), None) => {
                        Some((format!("{path}: {wanted}"), format!("{path} is missing")))
                    }
                    (None, Some(got)) => Some((format!("no {path}"), format!("{path}: {got}"))),
                    (None, None) => None,
                }
            })
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            let mut pairs = wanted.iter().zip(got).enumerate();
            pairs.find_map(|(at, (wanted, got))| different(&format!("{path}/{at}"), wanted, got))
        }
        (wanted, got) if wanted == got => None,
        (wanted, got) => Some((format!("{path}: {wanted}"), format!("{path}: {got}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, adapt: &Adapt<'_>) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.caddyfiletest");
        std::fs::write(&path, text).unwrap();
        let golden = Golden::read(&path, &mut Sources::new()).unwrap();
        golden.run(adapt).0
    }

    #[test]
    fn json_is_compared_as_values() {
        let adapt: &Adapt<'_> = &|text, _| {
            assert_eq!(text, ":80\n");
            Ok(serde_json::json!({"b": [1], "a": 2}))
        };
        let text = "\n:80\n\n----------\n{\"a\": 2, \"b\": [1]}\n";
        assert_eq!(run(text, adapt), Outcome::Passed);
        let other = ":80\n----------\n{\"a\": 2, \"b\": [3]}\n";
        insta::assert_debug_snapshot!(run(other, adapt));
    }

    #[test]
    fn errors_are_compared_by_a_part_of_their_text() {
        let adapt: &Adapt<'_> = &|_, _| Err("Caddyfile:1: unrecognized directive: x".into());
        let text = "x\n----------\nunrecognized directive: x\n";
        assert_eq!(run(text, adapt), Outcome::Passed);
        assert_ne!(run("x\n----------\nother\n", adapt), Outcome::Passed);
        assert_ne!(run("x\n----------\n{}\n", adapt), Outcome::Passed);
    }
}
