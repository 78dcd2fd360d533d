//! A config as it was read: what it says, where its parts stand in the text, and what is worth a warning.

use std::sync::Arc;

use caddis_adapt::Origins;
use caddis_ir::{About, Config, Path, ReadError};
use caddis_server::{BuildError, Load, Places, Source};
use caddis_source::{Code, Diagnostic, FileId, Sources, Span};
use caddis_syntax::Disk;
use serde_json::Value;

use crate::report::Failure;
use crate::text::{Language, Text};
use crate::variables::Variables;

const NOT_A_CONFIG: Code = Code("json/not-a-config");
const CANNOT_BE_SERVED: Code = Code("serve/not-possible");

/// A config, where its parts come from, and what is worth a warning.
#[derive(Debug)]
pub(crate) struct Input {
    /// The config.
    pub(crate) config: Config,
    /// The same as JSON, with what the server does not look at.
    pub(crate) json: Value,
    /// Its texts.
    pub(crate) sources: Sources,
    /// Findings that do not stand in its way.
    pub(crate) warnings: Vec<Diagnostic>,
    parts: Parts,
}

/// Where the parts of a config stand.
#[derive(Clone, Debug)]
enum Parts {
    Nowhere,
    Caddyfile(Origins),
    Json(FileId),
}

impl Parts {
    fn span(&self, path: &Path, sources: &Sources) -> Option<Span> {
        match self {
            Self::Nowhere => None,
            Self::Caddyfile(origins) => origins.span(path),
            Self::Json(file) => {
                let place = caddis_ir::place_in_json(sources.text(*file), path)?;
                Some(Span::new(*file, place.start, place.end))
            }
        }
    }
}

impl Input {
    /// No config: nothing is served, and the admin endpoint waits for one.
    pub(crate) fn none() -> Self {
        Self {
            config: Config::default(),
            json: Value::Null,
            sources: Sources::new(),
            warnings: Vec::new(),
            parts: Parts::Nowhere,
        }
    }

    /// Reads a text with the environment that its `{$NAME}`s mean.
    pub(crate) fn read(text: Text, variables: &Variables) -> Result<Self, Failure> {
        match text.language {
            Language::Caddyfile => Self::read_caddyfile(text, variables),
            Language::Json => Self::read_json(text),
        }
    }

    fn read_caddyfile(text: Text, variables: &Variables) -> Result<Self, Failure> {
        let folder = std::env::current_dir().unwrap_or_default();
        let mut sources = Sources::new().in_folder(folder);
        let file = sources.add(text.name, text.content);
        let environment = |name: &str| variables.get(name);
        let (tree, mut findings) = caddis_syntax::parse(&mut sources, file, &environment, &Disk);
        let adapted = caddis_adapt::adapt(tree, &sources);
        findings.extend(adapted.diagnostics);
        findings.sort_by_key(|finding| finding.span().map(|span| (span.file, span.start)));
        if findings.iter().any(Diagnostic::is_error) {
            return Err(Failure::Findings(findings, sources));
        }
        Ok(Self {
            json: caddis_ir::value(&adapted.config),
            config: adapted.config,
            sources,
            warnings: findings,
            parts: Parts::Caddyfile(adapted.origins),
        })
    }

    fn read_json(text: Text) -> Result<Self, Failure> {
        let mut sources = Sources::new();
        let name = text.name.clone();
        let file = sources.add(text.name, text.content);
        let config = caddis_ir::read(sources.text(file))
            .map_err(|error| unreadable(&error, &name, file, sources.clone()))?;
        Ok(Self {
            json: serde_json::from_str(sources.text(file)).unwrap_or_default(),
            config,
            sources,
            warnings: Vec::new(),
            parts: Parts::Json(file),
        })
    }

    /// What the server is told to serve.
    pub(crate) fn load(&self, source: Option<Source>) -> Load {
        Load {
            json: self.json.clone(),
            forced: false,
            source,
            places: self.places(),
        }
    }

    /// Where parts of the config stand in the text, for what the server says while it runs.
    pub(crate) fn places(&self) -> Option<Places> {
        let Parts::Caddyfile(origins) = self.parts.clone() else {
            return None;
        };
        let sources = self.sources.clone();
        Some(Arc::new(move |path| {
            let span = origins.span(path)?;
            let line = sources.position(span).line;
            Some(format!("{}:{line}", sources.name(span.file)))
        }))
    }

    /// Warnings of what caddis reads and cannot serve yet.
    pub(crate) fn not_served(&self) -> Vec<Diagnostic> {
        let refused = caddis_server::not_yet_in(&self.json).into_iter();
        let findings = refused.map(|error| self.finding(error).as_warning());
        sorted(findings.collect())
    }

    /// What cannot be served, at its place in the text.
    pub(crate) fn explain(&self, errors: Vec<BuildError>) -> Failure {
        let findings = errors.into_iter().map(|error| self.finding(error));
        Failure::Findings(sorted(findings.collect()), self.sources.clone())
    }

    fn finding(&self, error: BuildError) -> Diagnostic {
        let span = self.parts.span(&error.path, &self.sources);
        let finding = match span {
            Some(span) => Diagnostic::error(CANNOT_BE_SERVED, span, error.message),
            None => Diagnostic::error_without_place(
                CANNOT_BE_SERVED,
                format!("{}: {}", error.path, error.message),
            ),
        };
        match error.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

/// By place, each once.
fn sorted(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| finding.span().map(|span| (span.file, span.start)));
    findings.dedup();
    findings
}

/// A text that is no JSON at all is most likely a Caddyfile with another name.
fn unreadable(error: &ReadError, name: &str, file: FileId, sources: Sources) -> Failure {
    let place = error.place(sources.text(file));
    let span = Span::new(file, place.start, place.end);
    match &error.about {
        About::Text(_) => {
            let at = sources.position(span);
            let message = format!(
                "config is not valid JSON: {name}:{}:{}: {}; did you mean to use a config adapter (the --adapter flag)?",
                at.line, at.column, error.message
            );
            Failure::message(message)
                .help("a Caddyfile of another name needs `--adapter caddyfile`")
        }
        About::Part(_) => {
            let finding = Diagnostic::error(NOT_A_CONFIG, span, error.message.clone());
            Failure::Findings(vec![finding], sources)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Input, Failure> {
        let text = Text::of("config.json", text.into(), Language::Json);
        Input::read(text, &Variables::of(&[]))
    }

    #[test]
    fn variables_of_the_command_line_are_read_in_the_text() {
        let content = "http://{$NAME}:81 {\n\trespond {$BODY:hello}\n}\n".into();
        let text = Text::of("Caddyfile", content, Language::Caddyfile);
        let input = Input::read(text, &Variables::of(&[("NAME", "a.test")])).unwrap();
        let json = caddis_ir::compact(&input.config);
        assert!(json.contains("a.test") && json.contains("hello"), "{json}");
    }

    #[test]
    fn a_caddyfile_of_another_name_is_recognised_by_its_not_being_json() {
        let Err(Failure::Message { message, help }) = json(":80\nrespond hi\n") else {
            panic!("it is read as JSON");
        };
        assert!(message.contains("--adapter"), "{message}");
        assert!(help.is_some());
    }

    #[test]
    fn json_that_is_no_config_is_pointed_at() {
        let Err(Failure::Findings(findings, sources)) = json("{\n\t\"apos\": {}\n}\n") else {
            panic!("`apos` is accepted");
        };
        let span = findings.first().and_then(Diagnostic::span).unwrap();
        assert_eq!(sources.position(span).line, 2);
    }

    #[test]
    fn names_for_the_admin_endpoint_are_kept_in_the_json_and_not_looked_at() {
        let input = json(r#"{"admin": {"@id": "a", "disabled": true}}"#).unwrap();
        assert!(input.config.admin.is_some_and(|admin| admin.disabled));
        assert_eq!(input.json["admin"]["@id"], "a");
    }

    #[test]
    fn a_part_of_the_config_has_a_place_in_the_text() {
        let content = "http://a.test {\n\trespond hello\n}\n".into();
        let text = Text::of("Caddyfile", content, Language::Caddyfile);
        let input = Input::read(text, &Variables::of(&[])).unwrap();
        let server = ["apps", "http", "servers", "srv0", "routes"];
        let root = caddis_ir::Path::root();
        let routes = server.into_iter().fold(root, |path, key| path.key(key));
        let place = input.places().and_then(|places| places(&routes.index(0)));
        assert!(place.is_some_and(|place| place.starts_with("Caddyfile:")));
    }
}
