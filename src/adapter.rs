//! Texts that come in over the admin endpoint, as JSON: what `caddis adapt` does, for a server that runs.

use std::path::Path;

use caddis_server::{Adapt, AdaptWarning, AdaptedText, Places, Source};
use caddis_source::{Diagnostic, Sources};
use serde_json::Value;

use crate::input::Input;
use crate::text::{self, Language, Text};
use crate::variables::Variables;

/// The name under which the text is known in warnings, as in Caddy.
const NAME: &str = "Caddyfile";

/// Adapts with the environment that the server was started in.
pub(crate) struct Adapter(pub(crate) Variables);

impl Adapt for Adapter {
    fn adapt(&self, adapter: &str, text: String) -> Result<AdaptedText, String> {
        if adapter != "caddyfile" {
            return Err(format!("unrecognized config adapter: {adapter}"));
        }
        let text = Text::of(NAME, text, Language::Caddyfile);
        let input = Input::read(text, &self.0).map_err(|failure| failure.text())?;
        let warnings = input.warnings.iter();
        Ok(AdaptedText {
            warnings: warnings
                .map(|found| warning(found, &input.sources))
                .collect(),
            json: input.json,
        })
    }

    fn places(&self, source: &Source, json: &Value) -> Option<Places> {
        // What is no plain file may have no end, or keep us waiting.
        if !Path::new(&source.file).is_file() {
            return None;
        }
        let input = Input::read(text::again(source).ok()?, &self.0).ok()?;
        (input.json == *json).then(|| input.places())?
    }
}

fn warning(found: &Diagnostic, sources: &Sources) -> AdaptWarning {
    let span = found.span();
    AdaptWarning {
        file: span.map_or_else(String::new, |span| sources.name(span.file).into()),
        line: span.map_or(0, |span| sources.position(span).line),
        directive: String::new(),
        message: found.message().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapt(adapter: &str, text: &str) -> Result<AdaptedText, String> {
        Adapter(Variables::of(&[("NAME", "a.test")])).adapt(adapter, text.into())
    }

    #[test]
    fn a_caddyfile_becomes_json_with_the_variables_of_the_server() {
        let adapted = adapt("caddyfile", "http://{$NAME} {\n\trespond hello\n}\n").unwrap();
        assert!(adapted.json.to_string().contains("a.test"));
        assert_eq!(adapted.warnings, []);
    }

    #[test]
    fn a_warning_has_its_line() {
        let text = "http://a.test {\n\tbasicauth {\n\t\ta $2a$04$Pt0gKbMEAlDdZnUoSc3X8euNSAtaBKOYYcbQQ8gbLfLUBvpWMJgWi\n\t}\n}\n";
        let adapted = adapt("caddyfile", text).unwrap();
        let warning = adapted.warnings.first().unwrap();
        assert_eq!((warning.file.as_str(), warning.line), ("Caddyfile", 2));
    }

    #[test]
    fn every_error_is_told_with_its_place() {
        let error = adapt("caddyfile", "http://a.test {\n\trespnd a\n\trespnd b\n}\n").unwrap_err();
        assert!(
            error.contains("Caddyfile:2:2") && error.contains("Caddyfile:3:2"),
            "{error}"
        );
    }

    #[test]
    fn places_are_those_of_the_file_as_long_as_it_says_what_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Caddyfile");
        let config = "http://a.test {\n\trespond hello\n}\n";
        std::fs::write(&file, config).unwrap();
        let source = Source {
            file: file.display().to_string(),
            adapter: "caddyfile".into(),
        };
        let json = adapt("caddyfile", config).unwrap().json;
        let adapter = Adapter(Variables::of(&[]));
        let keys = ["apps", "http", "servers", "srv0", "routes"];
        let root = caddis_ir::Path::root();
        let route = keys.into_iter().fold(root, |path, key| path.key(key));
        let place = || adapter.places(&source, &json)?(&route.index(0));
        assert_eq!(place(), Some(format!("{}:1", file.display())));
        std::fs::write(&file, "http://b.test {\n\trespond hello\n}\n").unwrap();
        assert_eq!(place(), None);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(place(), None);
    }

    #[test]
    fn other_adapters_are_refused_by_name() {
        let error = adapt("yaml", "").unwrap_err();
        assert!(error.contains("yaml"), "{error}");
    }
}
