//! `caddis reload`: give a server that runs another config.

use caddis_ir::Path;
use caddis_server::BuildError;
use serde_json::Value;

use crate::admin_client::{Answer, Endpoint, Method};
use crate::cli_server::ReloadArgs;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text;
use crate::variables::Variables;

/// Adapts the config, hands it to the server, and shows what the server finds wrong at its place in the text.
pub(crate) fn run(args: &ReloadArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&args.config.envfiles.files)?;
    let Some(text) = text::to_serve(&args.config, io)? else {
        return Err(Failure::message("there is no config to load")
            .help("name one with `--config`, or call it from the folder of a Caddyfile"));
    };
    let source = text.source();
    let input = Input::read(text, &variables)?;
    io.findings(&input.warnings, &input.sources);
    let endpoint = Endpoint::of(args.address.as_deref(), Some(&input.config), &variables)?;
    let mut headers = vec![("Content-Type", "application/json")];
    if args.force {
        headers.push(("Cache-Control", "must-revalidate"));
    }
    if let Some(source) = &source {
        headers.push(("Caddy-Config-Source-File", &source.file));
        headers.push(("Caddy-Config-Source-Adapter", &source.adapter));
    }
    let answer = endpoint.ask(Method::POST, "/load", &headers, input.json.to_string())?;
    if answer.is_success() {
        return Ok(Outcome::SUCCESS);
    }
    Err(match faults(&answer, &input.json) {
        faults if faults.is_empty() => answer.refusal(&endpoint),
        faults => input.explain(faults),
    })
}

/// What the server found wrong in the config, if it said where.
fn faults(answer: &Answer, config: &Value) -> Vec<BuildError> {
    let body = answer.json();
    let faults = body.get("faults").and_then(Value::as_array);
    faults.map_or_else(Vec::new, |faults| {
        let text = |fault: &Value, member| Some(fault.get(member)?.as_str()?.to_owned());
        (faults.iter())
            .filter_map(|fault| {
                Some(BuildError {
                    path: path(text(fault, "path")?.trim_matches('/'), config),
                    message: text(fault, "message")?,
                    help: text(fault, "help"),
                })
            })
            .collect()
    })
}

/// The path that was written as `apps/http/servers/srv0/routes/0`; the config tells keys, which may have slashes
/// in them, from places in arrays.
fn path(text: &str, config: &Value) -> Path {
    let mut path = Path::root();
    let mut rest = text;
    let mut here = Some(config);
    while !rest.is_empty() {
        let (step, after) = rest.split_once('/').unwrap_or((rest, ""));
        let keys = here.and_then(Value::as_object).into_iter().flatten();
        let known = keys
            .filter_map(|(key, below)| Some((key, below, below_key(rest, key)?)))
            .max_by_key(|(key, ..)| key.len());
        if let Some((key, below, after)) = known {
            (path, here, rest) = (path.key(key), Some(below), after);
            continue;
        }
        let index = step
            .parse()
            .ok()
            .filter(|_| here.is_none_or(Value::is_array));
        here = index.and_then(|index: usize| here?.get(index));
        path = match index {
            Some(index) => path.index(index),
            None => path.key(step),
        };
        rest = after;
    }
    path
}

/// What comes after a key with which a path begins.
fn below_key<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let after = path.strip_prefix(key)?;
    after
        .strip_prefix('/')
        .or(after.is_empty().then_some(after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_read_with_the_config_that_it_is_about() {
        let config = json!({"apps": {"http": {"0": [{"a/b": {"c": 1}}]}}});
        let expected = Path::root().key("apps").key("http").key("0").index(0);
        assert_eq!(path("apps/http/0/0", &config), expected);
        let expected = expected.key("a/b").key("c");
        assert_eq!(path("apps/http/0/0/a/b/c", &config), expected);
        assert_eq!(path("", &config), Path::root());
    }

    #[test]
    fn a_path_to_what_the_config_does_not_have_is_read_as_it_stands() {
        let expected = Path::root().key("apps").key("none").index(2);
        assert_eq!(path("apps/none/2", &json!({"apps": {}})), expected);
    }

    #[test]
    fn an_answer_without_places_has_no_faults() {
        let answer = Answer::of(400, r#"{"error": "no"}"#);
        assert_eq!(faults(&answer, &Value::Null), []);
    }

    #[test]
    fn what_the_server_finds_wrong_has_its_place() {
        let body =
            r#"{"error": "no", "faults": [{"path": "/apps/http", "message": "m", "help": null}]}"#;
        let found = faults(&Answer::of(400, body), &json!({"apps": {"http": {}}}));
        let expected = BuildError {
            path: Path::root().key("apps").key("http"),
            message: "m".into(),
            help: None,
        };
        assert_eq!(found, [expected]);
    }
}
