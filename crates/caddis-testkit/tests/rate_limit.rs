//! `rate_limit`, which the packaged Caddy does not have: the JSON is that of its documentation.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use caddis_testkit::golden::{Outcome, adapt_text};
use serde_json::{Value, json};

fn adapt(lines: &str) -> Outcome {
    let text = format!("http://a.test {{\n{lines}\n}}\n");
    adapt_text("Caddyfile", &text, &|_| None)
}

/// The handlers of the site.
fn handlers(lines: &str) -> Value {
    let outcome = adapt(lines);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let json = caddis_ir::value(&outcome.adapted.config);
    let site = json.pointer("/apps/http/servers/srv0/routes/0/handle/0/routes");
    let route = site.and_then(|routes| routes.get(0)).unwrap();
    route["handle"].clone()
}

#[test]
fn every_option_is_in_the_json() {
    let zone = "zone a {\n\tmatch {\n\t\tmethod GET\n\t\tpath /x\n\t}\n\tkey {remote_host}\n\twindow 1m\n\tevents 5\n}";
    assert_eq!(
        handlers(&format!(
            "rate_limit {{\n{zone}\nzone b {{\nwindow 2s\nevents 1\n}}\njitter 0.2\nsweep_interval 30s\nlog_key\n}}"
        )),
        json!([{
            "handler": "rate_limit",
            "jitter": 0.2,
            "log_key": true,
            "rate_limits": {
                "a": {
                    "match": [{"method": ["GET"], "path": ["/x"]}],
                    "key": "{http.request.remote.host}",
                    "window": 60_000_000_000_u64,
                    "max_events": 5,
                },
                "b": {"window": 2_000_000_000, "max_events": 1},
            },
            "sweep_interval": 30_000_000_000_u64,
        }])
    );
}

#[test]
fn it_stands_before_basic_auth() {
    let lines = "basic_auth {\na $2a$04$Pt0gKbMEAlDdZnUoSc3X8euNSAtaBKOYYcbQQ8gbLfLUBvpWMJgWi\n}\nrate_limit {\nzone a {\nwindow 1s\nevents 1\n}\n}";
    let handlers = handlers(lines);
    let names = handlers.as_array().unwrap().iter();
    let names: Vec<_> = names.map(|handler| handler["handler"].clone()).collect();
    assert_eq!(names, ["rate_limit", "authentication"]);
}

#[test]
fn what_is_wrong_is_refused() {
    let zone = |lines: &str| format!("rate_limit {{\nzone a {{\n{lines}\n}}\n}}");
    let wrong = [
        "rate_limit 5".into(),
        "rate_limit {\nzone\n}".into(),
        "rate_limit {\nzon a\n}".into(),
        "rate_limit {\njitter much\n}".into(),
        "rate_limit {\njitter NaN\n}".into(),
        "rate_limit {\njitter 20\n}".into(),
        "rate_limit {\nsweep_interval 5\n}".into(),
        "rate_limit {\nlog_key x\n}".into(),
        "rate_limit {\ndistributed\n}".into(),
        "rate_limit {\nstorage file_system\n}".into(),
        zone("events 5"),
        zone("window 5s"),
        zone("window 0s\nevents 5"),
        zone("window 5s\nevents 0"),
        zone("window 5s\nevents x"),
        zone("window 5s\nevents -1"),
        zone("window 5s\nwindow 5s\nevents 1"),
        zone("window 5s\nevents 1\nkey a b"),
        zone("window 5s\nevents 1\nmatch path /"),
        zone("window 5s\nevents 1\nrate 5"),
    ];
    for lines in wrong {
        assert!(adapt(&lines).is_refused(), "{lines}");
    }
}
