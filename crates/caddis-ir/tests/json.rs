//! The JSON that Caddy takes is read and written again; `testdata/json` has every field of each of its modules.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use caddis_ir::{Config, Path, Step};
use serde_json::{Value, json};

/// A name that nothing has.
const NOBODYS: &str = "nobodys";

/// Fields that no config can have a value in, each with the first field beside it: their modules are plugins.
const OF_PLUGINS: &[(&str, &str)] = &[
    ("circuit_breaker", "dynamic_upstreams"),
    ("dns", "automation"),
    ("file_system", "name"),
    ("handlers", "events"),
    ("handshake_context", "alpn"),
    ("match", "delimiters"),
    ("packet_conn_wrappers", "allow_0rtt"),
    ("provider", ""),
    ("provider", "override_domain"),
];

/// The configs, by the names of their files.
#[expect(clippy::disallowed_methods, reason = "a test reads what is beside it")]
fn configs() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/json");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let configs: Vec<_> = paths
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    assert!(configs.len() > 40, "{}", configs.len());
    configs
}

/// Every object below a value, by its path.
fn objects(json: &Value) -> Vec<Path> {
    fn walk(json: &Value, at: &Path, found: &mut Vec<Path>) {
        match json {
            Value::Object(members) => {
                found.push(at.clone());
                members
                    .iter()
                    .for_each(|(key, member)| walk(member, &at.key(key), found));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| walk(item, &at.index(index), found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(json, &Path::root(), &mut found);
    found
}

fn at<'a>(json: &'a mut Value, path: &Path) -> &'a mut Value {
    path.0.iter().fold(json, |json, step| match step {
        Step::Key(key) => &mut json[key],
        Step::Index(index) => &mut json[*index],
    })
}

/// Why a config cannot be read.
fn refusal(json: &Value) -> Option<String> {
    Some(
        serde_json::from_value::<Config>(json.clone())
            .err()?
            .to_string(),
    )
}

/// The names that an error says would have been right.
fn expected(error: &str) -> Option<BTreeSet<String>> {
    let (start, names) = error.split_once("expected ").or_else(|| {
        error
            .ends_with("there are no fields")
            .then_some((error, ""))
    })?;
    let is_about_a_name = start.contains(&format!("unknown field `{NOBODYS}`"));
    let names = names.split('`').skip(1).step_by(2);
    is_about_a_name.then(|| names.map(str::to_owned).collect())
}

#[test]
fn every_field_comes_back() {
    for (name, json) in configs() {
        let config = caddis_ir::from_value(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(caddis_ir::value(&config), json, "{name}");
        let again = caddis_ir::read(&caddis_ir::pretty(&config)).unwrap();
        assert_eq!(again, config, "{name}");
    }
}

/// Objects whose keys the user chooses.
fn has_free_keys(path: &Path) -> bool {
    const MAPS: &[&str] = &[
        "add",
        "certificate_authorities",
        "env",
        "fields",
        "header",
        "header_regexp",
        "headers",
        "logger_names",
        "logs",
        "named_routes",
        "ocsp_overrides",
        "outputs",
        "query",
        "replace",
        "servers",
        "set",
        "vars",
        "vars_regexp",
    ];
    let keys = path.0.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    keys.take(1).any(|key| MAPS.contains(&key))
}

#[test]
fn no_field_is_passed_over() {
    for (name, json) in configs() {
        for path in objects(&json) {
            let mut more = json.clone();
            at(&mut more, &path)[NOBODYS] = json!({"a": [1]});
            let is_read = refusal(&more).is_none();
            let object = at(&mut more, &path);
            let is_vars = object["handler"] == "vars" || path.to_string().contains("/outputs/");
            let is_vars = is_vars
                || (name == "http.handlers.vars" && path.to_string().ends_with("handle/0/a"));
            assert!(
                !is_read || is_vars || has_free_keys(&path),
                "{name}: {path}"
            );
        }
    }
}

/// The other direction: what can be read stands in one of the configs, which Caddy takes.
#[test]
fn no_field_is_more_than_caddy_has() {
    let mut known = BTreeMap::<BTreeSet<String>, BTreeSet<String>>::new();
    for (_, json) in configs() {
        for path in objects(&json) {
            let mut more = json.clone();
            let object = at(&mut more, &path);
            let keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
            object[NOBODYS] = json!(1);
            if let Some(fields) = refusal(&more).as_deref().and_then(expected) {
                known.entry(fields).or_default().extend(keys);
            }
        }
    }
    assert!(known.len() > 90, "{}", known.len());
    let mut missing = BTreeSet::new();
    for (fields, used) in &known {
        let neighbour = |name: &str| fields.iter().find(|field| *field != name).cloned();
        let unused = fields.difference(used);
        missing.extend(unused.map(|name| (name.clone(), neighbour(name).unwrap_or_default())));
    }
    let allowed = OF_PLUGINS.iter();
    let allowed = allowed.map(|(name, neighbour)| ((*name).to_owned(), (*neighbour).to_owned()));
    assert_eq!(missing, allowed.collect());
}
