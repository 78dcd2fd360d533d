//! The JSON that Caddy takes is read and written again; `testdata/json` has every field of each of its modules.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use caddis_ir::{Config, MODULES, Path, Step};
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
    let is_about_a_name = start.contains(&format!("unknown field `{NOBODYS}`"))
        || start.contains(&format!("unknown variant `{NOBODYS}`"));
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

/// Where modules of a namespace stand: the namespace, a config with `nobodys` there, and names that are no modules.
fn namespaces() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let server = |server: Value| json!({"apps": {"http": {"servers": {"a": server}}}});
    let handler = |handler: Value| server(json!({"routes": [{"handle": [handler]}]}));
    let proxy =
        |field: &str, value: Value| handler(json!({"handler": "reverse_proxy", field: value}));
    let tls = |field: &str, value: Value| json!({"apps": {"tls": {field: value}}});
    let policy =
        |field: &str, value: Value| tls("automation", json!({"policies": [{field: value}]}));
    let clients = |value: Value| {
        server(json!({"tls_connection_policies": [{"client_authentication": value}]}))
    };
    let log = |field: &str, value: Value| json!({"logging": {"logs": {"a": {field: value}}}});
    let leaf = json!([{"verifier": "leaf", "leaf_certs_loaders": [{"loader": NOBODYS}]}]);
    let basic = json!({"http_basic": {"hash": {"algorithm": NOBODYS}}});
    let filter = json!({"format": "filter", "fields": {"a": {"filter": NOBODYS}}});
    vec![
        ("", json!({"apps": {NOBODYS: {}}}), &["caddy.filesystems"]),
        (
            "caddy.config_loaders",
            json!({"admin": {"config": {"load": {"module": NOBODYS}}}}),
            &[],
        ),
        (
            "caddy.listeners",
            server(json!({"listener_wrappers": [{"wrapper": NOBODYS}]})),
            &[],
        ),
        (
            "caddy.logging.cores",
            log("core", json!({"module": NOBODYS})),
            &["mock"],
        ),
        (
            "caddy.logging.encoders",
            log("encoder", json!({"format": NOBODYS})),
            &[],
        ),
        ("caddy.logging.encoders.filter", log("encoder", filter), &[]),
        (
            "caddy.logging.writers",
            log("writer", json!({"output": NOBODYS})),
            &[],
        ),
        (
            "caddy.network_proxy",
            proxy(
                "transport",
                json!({"protocol": "http", "network_proxy": {"from": NOBODYS}}),
            ),
            &[],
        ),
        (
            "caddy.storage",
            json!({"storage": {"module": NOBODYS}}),
            &[],
        ),
        (
            "http.authentication.hashes",
            handler(json!({"handler": "authentication", "providers": basic})),
            &[],
        ),
        (
            "http.authentication.providers",
            handler(json!({"handler": "authentication", "providers": {NOBODYS: {}}})),
            &[],
        ),
        (
            "http.encoders",
            handler(json!({"handler": "encode", "encodings": {NOBODYS: {}}})),
            &[],
        ),
        ("http.handlers", handler(json!({"handler": NOBODYS})), &[]),
        (
            "http.ip_sources",
            server(json!({"trusted_proxies": {"source": NOBODYS}})),
            &[],
        ),
        (
            "http.matchers",
            server(json!({"routes": [{"match": [{NOBODYS: {}}]}]})),
            &[],
        ),
        (
            "http.precompressed",
            handler(json!({"handler": "file_server", "precompressed": {NOBODYS: {}}})),
            &[],
        ),
        (
            "http.reverse_proxy.selection_policies",
            proxy(
                "load_balancing",
                json!({"selection_policy": {"policy": NOBODYS}}),
            ),
            &[],
        ),
        (
            "http.reverse_proxy.transport",
            proxy("transport", json!({"protocol": NOBODYS})),
            &[],
        ),
        (
            "http.reverse_proxy.upstreams",
            proxy("dynamic_upstreams", json!({"source": NOBODYS})),
            &[],
        ),
        (
            "tls.ca_pool.source",
            clients(json!({"ca": {"provider": NOBODYS}})),
            &[],
        ),
        (
            "tls.certificates",
            tls("certificates", json!({NOBODYS: {}})),
            &[],
        ),
        (
            "tls.client_auth.verifier",
            clients(json!({"verifiers": [{"verifier": NOBODYS}]})),
            &[],
        ),
        (
            "tls.ech.publishers",
            tls(
                "encrypted_client_hello",
                json!({"publication": [{"publishers": {NOBODYS: {}}}]}),
            ),
            &[],
        ),
        (
            "tls.get_certificate",
            policy("get_certificate", json!([{"via": NOBODYS}])),
            &[],
        ),
        (
            "tls.handshake_match",
            server(json!({"tls_connection_policies": [{"match": {NOBODYS: {}}}]})),
            &[],
        ),
        (
            "tls.issuance",
            policy("issuers", json!([{"module": NOBODYS}])),
            &[],
        ),
        (
            "tls.leaf_cert_loader",
            clients(json!({"verifiers": leaf})),
            &[],
        ),
        (
            "tls.permission",
            tls(
                "automation",
                json!({"on_demand": {"permission": {"module": NOBODYS}}}),
            ),
            &[],
        ),
        (
            "tls.stek",
            tls(
                "session_tickets",
                json!({"key_source": {"provider": NOBODYS}}),
            ),
            &[],
        ),
    ]
}

#[test]
fn the_modules_that_can_be_read_are_those_of_the_list() {
    /// Modules that stand in no config.
    const ELSEWHERE: &[&str] = &["admin.api.", "caddy.adapters.", "caddy.filesystems"];
    let mut seen = BTreeSet::new();
    for (namespace, json, others) in namespaces() {
        let prefix = if namespace.is_empty() {
            String::new()
        } else {
            format!("{namespace}.")
        };
        let error = refusal(&json).unwrap();
        let mut read = expected(&error).unwrap_or_else(|| panic!("{namespace}: {error}"));
        read.retain(|name| !others.contains(&name.as_str()));
        let listed = MODULES.iter().filter_map(|name| name.strip_prefix(&prefix));
        let listed: BTreeSet<String> = listed
            .filter(|name| !name.contains('.'))
            .map(str::to_owned)
            .collect();
        assert_eq!(read, listed, "{namespace}");
        seen.extend(listed.iter().map(|name| format!("{prefix}{name}")));
    }
    let is_elsewhere = |name: &&&str| ELSEWHERE.iter().any(|prefix| name.starts_with(prefix));
    let left = MODULES.iter().filter(|name| !seen.contains(**name));
    let left: Vec<_> = left.filter(|name| !is_elsewhere(name)).collect();
    assert_eq!(left, Vec::<&&str>::new());
}
