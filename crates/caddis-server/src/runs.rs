//! What of a config can be served: the rest of Caddy's JSON is read, adapted to, and refused here by name and place.

use std::collections::HashSet;

use caddis_ir::{Config, Path};
use serde_json::Value;

use crate::BuildError;

/// What of a value can be served. Whatever is not listed cannot, so that a new part of the IR is refused until it works.
enum Runs {
    /// All of it.
    Whole,
    /// These fields.
    Fields(Fields),
    /// This, of every element or member.
    Each(&'static Runs),
    /// These modules, which a key names.
    Module(&'static str, Fields),
}

type Fields = &'static [(&'static str, &'static Runs)];

use Runs::{Each, Fields as Of, Module, Whole};

/// What of a config is read and cannot be served yet, by name and place.
pub fn not_yet(config: &Config) -> Vec<BuildError> {
    not_yet_in(&caddis_ir::value(config))
}

/// The same for a config as JSON, as the IR writes it.
pub fn not_yet_in(config: &Value) -> Vec<BuildError> {
    let mut found = Vec::new();
    look(config, &CONFIG, &mut Path::root(), "the config", &mut found);
    found
}

/// What is wrong with a config that cannot be served as a whole, with what else building finds; `None` if it can.
pub(crate) fn refused<T>(
    config: &Config,
    build: impl Fn(&Config) -> Result<T, Vec<BuildError>>,
) -> Option<Vec<BuildError>> {
    let refused = not_yet(config);
    if refused.is_empty() {
        return None;
    }
    let mut errors = build(config).err().unwrap_or_default();
    let known: HashSet<Path> = errors.iter().map(|error| error.path.clone()).collect();
    errors.extend(
        refused
            .into_iter()
            .filter(|error| !known.contains(&error.path)),
    );
    Some(errors)
}

fn look(value: &Value, runs: &Runs, at: &mut Path, of: &str, found: &mut Vec<BuildError>) {
    match (runs, value) {
        (Whole, _) => {}
        (Each(inner), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                at.0.push(caddis_ir::Step::Index(index));
                look(item, inner, at, of, found);
                at.0.pop();
            }
        }
        (Each(inner), Value::Object(members)) => {
            for (name, member) in members {
                at.0.push(caddis_ir::Step::Key(name.clone()));
                look(member, inner, at, of, found);
                at.0.pop();
            }
        }
        (Of(fields), Value::Object(_)) => look_at_fields(value, fields, None, at, of, found),
        (Module(key, modules), Value::Object(members)) => {
            let name = members
                .get(*key)
                .and_then(Value::as_str)
                .unwrap_or_default();
            match modules.iter().find(|(known, _)| *known == name) {
                Some((_, Of(fields))) => look_at_fields(value, fields, Some(key), at, name, found),
                Some(_) => {}
                None => found.push(error(at, format!("`{name}`"))),
            }
        }
        (Each(_) | Of(_) | Module(..), _) => {}
    }
}

fn look_at_fields(
    value: &Value,
    fields: Fields,
    module_key: Option<&str>,
    at: &mut Path,
    of: &str,
    found: &mut Vec<BuildError>,
) {
    for (name, member) in value.as_object().into_iter().flatten() {
        if module_key == Some(name) {
            continue;
        }
        at.0.push(caddis_ir::Step::Key(name.clone()));
        match fields.iter().find(|(known, _)| known == name) {
            Some((_, runs)) => look(member, runs, at, of, found),
            None => found.push(error(at, format!("`{name}` of {}", quoted(of)))),
        }
        at.0.pop();
    }
}

fn quoted(of: &str) -> String {
    if of.contains(' ') {
        of.to_owned()
    } else {
        format!("`{of}`")
    }
}

fn error(at: &Path, what: String) -> BuildError {
    BuildError {
        path: at.clone(),
        message: format!("caddis reads {what} and cannot serve it yet"),
        help: None,
    }
}

static WHOLE: Runs = Whole;

static CONFIG: Runs = Of(&[
    (
        "admin",
        &Of(&[
            ("disabled", &WHOLE),
            ("listen", &WHOLE),
            ("enforce_origin", &WHOLE),
            ("origins", &WHOLE),
            ("config", &Of(&[("persist", &WHOLE)])),
        ]),
    ),
    ("logging", &Of(&[("logs", &Each(&LOG))])),
    (
        "storage",
        &Module("module", &[("file_system", &Of(&[("root", &WHOLE)]))]),
    ),
    (
        "apps",
        &Of(&[("http", &HTTP), ("pki", &PKI), ("tls", &TLS)]),
    ),
]);

static LOG: Runs = Of(&[
    (
        "writer",
        &Module(
            "output",
            &[
                ("stdout", &Of(&[])),
                ("stderr", &Of(&[])),
                ("discard", &Of(&[])),
                (
                    "file",
                    &Of(&[
                        ("filename", &WHOLE),
                        ("mode", &WHOLE),
                        ("roll", &WHOLE),
                        ("roll_size_mb", &WHOLE),
                        ("roll_gzip", &WHOLE),
                        ("roll_local_time", &WHOLE),
                        ("roll_keep", &WHOLE),
                        ("roll_keep_days", &WHOLE),
                        ("roll_interval", &WHOLE),
                    ]),
                ),
            ],
        ),
    ),
    (
        "encoder",
        &Module("format", &[("json", &Of(&[])), ("console", &Of(&[]))]),
    ),
    ("level", &WHOLE),
    ("include", &WHOLE),
    ("exclude", &WHOLE),
]);

static HTTP: Runs = Of(&[
    ("http_port", &WHOLE),
    ("https_port", &WHOLE),
    ("grace_period", &WHOLE),
    ("servers", &Each(&SERVER)),
]);

static SERVER: Runs = Of(&[
    ("listen", &WHOLE),
    ("read_timeout", &WHOLE),
    ("read_header_timeout", &WHOLE),
    ("write_timeout", &WHOLE),
    ("idle_timeout", &WHOLE),
    ("keepalive_interval", &WHOLE),
    ("max_header_bytes", &WHOLE),
    ("routes", &ROUTES),
    ("errors", &Of(&[("routes", &ROUTES)])),
    ("tls_connection_policies", &Each(&CONNECTION_POLICY)),
    (
        "automatic_https",
        &Of(&[
            ("disable", &WHOLE),
            ("disable_redirects", &WHOLE),
            ("disable_certificates", &WHOLE),
            ("skip", &WHOLE),
            ("skip_certificates", &WHOLE),
            ("ignore_loaded_certificates", &WHOLE),
        ]),
    ),
    ("strict_sni_host", &WHOLE),
    (
        "trusted_proxies",
        &Module("source", &[("static", &Of(&[("ranges", &WHOLE)]))]),
    ),
    ("client_ip_headers", &WHOLE),
    ("trusted_proxies_strict", &WHOLE),
    (
        "logs",
        &Of(&[
            ("default_logger_name", &WHOLE),
            ("logger_names", &WHOLE),
            ("skip_hosts", &WHOLE),
            ("skip_unmapped_hosts", &WHOLE),
            ("should_log_credentials", &WHOLE),
        ]),
    ),
    ("protocols", &WHOLE),
]);

static ROUTES: Runs = Each(&Of(&[
    ("group", &WHOLE),
    ("match", &Each(&MATCHER_SET)),
    ("handle", &Each(&HANDLER)),
    ("terminal", &WHOLE),
]));

static MATCHER_SET: Runs = Of(&[
    ("client_ip", &Of(&[("ranges", &WHOLE)])),
    ("header", &WHOLE),
    ("header_regexp", &Each(&PATTERN)),
    ("host", &WHOLE),
    ("method", &WHOLE),
    ("not", &Each(&MATCHER_SET)),
    ("path", &WHOLE),
    ("path_regexp", &PATTERN),
    ("protocol", &WHOLE),
    ("query", &WHOLE),
    ("remote_ip", &Of(&[("ranges", &WHOLE)])),
]);

static PATTERN: Runs = Of(&[("name", &WHOLE), ("pattern", &WHOLE)]);

static HANDLER: Runs = Module(
    "handler",
    &[
        (
            "authentication",
            &Of(&[(
                "providers",
                &Of(&[(
                    "http_basic",
                    &Of(&[
                        ("hash", &Module("algorithm", &[("bcrypt", &Of(&[]))])),
                        (
                            "accounts",
                            &Each(&Of(&[("username", &WHOLE), ("password", &WHOLE)])),
                        ),
                        ("realm", &WHOLE),
                        ("hash_cache", &Of(&[])),
                    ]),
                )]),
            )]),
        ),
        ("error", &Of(&[("error", &WHOLE), ("status_code", &WHOLE)])),
        ("headers", &HEADERS),
        (
            "request_body",
            &Of(&[
                ("max_size", &WHOLE),
                ("read_timeout", &WHOLE),
                ("write_timeout", &WHOLE),
                ("set", &WHOLE),
            ]),
        ),
        (
            "reverse_proxy",
            &Of(&[
                (
                    "transport",
                    &Module(
                        "protocol",
                        &[(
                            "http",
                            &Of(&[
                                ("tls", &Of(&[])),
                                ("dial_timeout", &WHOLE),
                                ("response_header_timeout", &WHOLE),
                                ("read_timeout", &WHOLE),
                                ("write_timeout", &WHOLE),
                                ("versions", &WHOLE),
                            ]),
                        )],
                    ),
                ),
                ("upstreams", &Each(&Of(&[("dial", &WHOLE)]))),
                ("flush_interval", &WHOLE),
                ("trusted_proxies", &WHOLE),
                ("headers", &HEADERS),
            ]),
        ),
        (
            "rewrite",
            &Of(&[
                ("method", &WHOLE),
                ("uri", &WHOLE),
                ("strip_path_prefix", &WHOLE),
                ("strip_path_suffix", &WHOLE),
            ]),
        ),
        (
            "static_response",
            &Of(&[
                ("status_code", &WHOLE),
                ("headers", &WHOLE),
                ("body", &WHOLE),
                ("close", &WHOLE),
                ("abort", &WHOLE),
            ]),
        ),
        (
            "subroute",
            &Of(&[("routes", &ROUTES), ("errors", &Of(&[("routes", &ROUTES)]))]),
        ),
    ],
);

static HEADERS: Runs = Of(&[
    (
        "request",
        &Of(&[
            ("add", &WHOLE),
            ("set", &WHOLE),
            ("delete", &WHOLE),
            ("replace", &REPLACEMENTS),
        ]),
    ),
    (
        "response",
        &Of(&[
            ("add", &WHOLE),
            ("set", &WHOLE),
            ("delete", &WHOLE),
            ("replace", &REPLACEMENTS),
            (
                "require",
                &Of(&[("status_code", &WHOLE), ("headers", &WHOLE)]),
            ),
            ("deferred", &WHOLE),
        ]),
    ),
]);

static REPLACEMENTS: Runs = Each(&Each(&Of(&[
    ("search", &WHOLE),
    ("search_regexp", &WHOLE),
    ("replace", &WHOLE),
])));

static PKI: Runs = Of(&[(
    "certificate_authorities",
    &Each(&Of(&[
        ("name", &WHOLE),
        ("root_common_name", &WHOLE),
        ("intermediate_common_name", &WHOLE),
        ("install_trust", &WHOLE),
    ])),
)]);

static TLS: Runs = Of(&[
    (
        "certificates",
        &Of(&[
            ("automate", &WHOLE),
            (
                "load_files",
                &Each(&Of(&[
                    ("certificate", &WHOLE),
                    ("key", &WHOLE),
                    ("format", &WHOLE),
                    ("tags", &WHOLE),
                ])),
            ),
        ]),
    ),
    (
        "automation",
        &Of(&[
            (
                "policies",
                &Each(&Of(&[
                    ("subjects", &WHOLE),
                    ("issuers", &Each(&ISSUER)),
                    ("key_type", &WHOLE),
                    ("on_demand", &WHOLE),
                ])),
            ),
            ("renew_interval", &WHOLE),
        ]),
    ),
]);

static ISSUER: Runs = Module(
    "module",
    &[
        (
            "acme",
            &Of(&[
                ("ca", &WHOLE),
                ("test_ca", &WHOLE),
                ("email", &WHOLE),
                ("acme_timeout", &WHOLE),
                (
                    "challenges",
                    &Of(&[
                        ("http", &CHALLENGE),
                        ("tls-alpn", &CHALLENGE),
                        ("bind_host", &WHOLE),
                    ]),
                ),
                ("trusted_roots_pem_files", &WHOLE),
            ]),
        ),
        (
            "internal",
            &Of(&[
                ("ca", &WHOLE),
                ("lifetime", &WHOLE),
                ("sign_with_root", &WHOLE),
            ]),
        ),
    ],
);

static CHALLENGE: Runs = Of(&[("disabled", &WHOLE), ("alternate_port", &WHOLE)]);

static CONNECTION_POLICY: Runs = Of(&[
    ("match", &Of(&[("sni", &WHOLE)])),
    ("certificate_selection", &Of(&[("any_tag", &WHOLE)])),
    ("protocol_min", &WHOLE),
    ("protocol_max", &WHOLE),
]);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::not_yet_in;

    fn found(config: &serde_json::Value) -> Vec<String> {
        let errors = not_yet_in(config);
        let line = |error: crate::BuildError| format!("{}: {}", error.path, error.message);
        errors.into_iter().map(line).collect()
    }

    #[test]
    fn what_is_not_listed_is_refused_by_name_and_place() {
        let config = json!({"apps": {"http": {"servers": {"a": {"routes": [{
            "match": [{"path": ["/"], "expression": "true"}],
            "handle": [
                {"handler": "encode"},
                {"handler": "reverse_proxy", "load_balancing": {}, "upstreams": [{"dial": "a"}]},
            ],
        }]}}}, "events": {}}});
        let routes = "apps/http/servers/a/routes/0";
        assert_eq!(
            found(&config),
            [
                format!(
                    "{routes}/match/0/expression: caddis reads `expression` of the config and cannot serve it yet"
                ),
                format!("{routes}/handle/0: caddis reads `encode` and cannot serve it yet"),
                format!(
                    "{routes}/handle/1/load_balancing: caddis reads `load_balancing` of `reverse_proxy` and cannot serve it yet"
                ),
                "apps/events: caddis reads `events` of the config and cannot serve it yet".into(),
            ]
        );
    }

    #[test]
    fn what_is_served_is_not_refused() {
        let config = json!({"apps": {"http": {"servers": {"a": {"listen": [":1"], "routes": [{
            "handle": [{"handler": "static_response", "body": "hi"}],
        }]}}}}});
        assert_eq!(found(&config), Vec::<String>::new());
    }
}
