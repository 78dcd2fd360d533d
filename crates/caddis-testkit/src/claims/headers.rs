//! Rules of headers: nothing that a request brings makes two fields of one, and what is taken away is gone.

#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::framing::Request;
use super::served::{SECRET, ask, build, request, runtime};
use super::upstream::Upstreams;

/// Rules up to an empty line, then the fields of a request.
///
/// A rule is `<` for the request or `>` for the answer, what is done (`+` added, `=` set, `-` taken away, `~` searched
/// and `!` matched for something to replace), a name, and for most of them a value, after a blank each.
pub fn headers(text: &str) {
    let (rules, fields) = text.split_once("\n\n").unwrap_or((text, ""));
    if rules.contains("file.") || text.contains(SECRET) {
        return;
    }
    let fields = fields
        .split_once("\n\n")
        .map_or(fields, |(fields, _)| fields);
    let Some(request) = request("/a?q=1", fields, "") else {
        return;
    };
    let Some(config) = config(rules) else {
        return;
    };
    let upstreams = Upstreams::default();
    let Some((app, seen)) = build(&config, Arc::new(upstreams.clone())) else {
        return;
    };
    let answer = runtime().block_on(ask(&app, request));
    seen.methods();
    let got = upstreams.requests();
    assert!(got.len() <= 1, "one request became {}", got.len());
    for (_, request) in &got {
        holds(request, rules);
    }
    if let Some(answer) = answer {
        let unset = only_taken_away(rules, '>');
        for name in unset {
            let name = name.parse::<http::HeaderName>();
            let is_there = name.is_ok_and(|name| answer.headers.contains_key(name));
            assert!(!is_there, "still there in {:?}", answer.headers);
        }
        assert_eq!(&*answer.body, b"ok", "{}", answer.status);
    }
}

fn holds(request: &Request, rules: &str) {
    assert_eq!(request.fields.values("x-marker"), [b"here"], "{request:?}");
    assert_eq!(request.fields.values("x-forwarded-for"), [b"192.0.2.1"]);
    for name in only_taken_away(rules, '<') {
        assert!(
            request.fields.values(name).is_empty(),
            "{name}: {request:?}"
        );
    }
    let secret = request.fields.0.iter().any(|(_, value)| {
        let mut windows = value.windows(SECRET.len());
        windows.any(|part| part == SECRET.as_bytes())
    });
    assert!(!secret || rules.contains("env"), "filled twice");
}

/// Names that are taken away, where nothing else is done that could bring them back.
fn only_taken_away(rules: &str, side: char) -> Vec<&str> {
    let ours: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.strip_prefix(side))
        .collect();
    // What the proxy itself says is put there after the rules.
    let is_own = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-forwarded-")
            || matches!(&*name, "host" | "user-agent" | "via" | "server" | "date")
            || name.starts_with("accept-encoding")
            || name.starts_with("content-")
            || name.starts_with("x-marker")
    };
    let names = ours.iter().map(|line| line.strip_prefix("- "));
    let names: Option<Vec<&str>> = names.collect();
    let names = names.unwrap_or_default();
    let plain = names
        .into_iter()
        .filter(|name| !name.contains(['*', '{', '\\']) && !is_own(name));
    plain.collect()
}

fn config(rules: &str) -> Option<caddis_ir::Config> {
    let (mut of_request, mut of_answer) = (Rules::default(), Rules::default());
    for line in rules.lines() {
        let mut chars = line.chars();
        let rules = match chars.next()? {
            '<' => &mut of_request,
            '>' => &mut of_answer,
            _ => return None,
        };
        rules.read(chars.as_str())?;
    }
    let mut of_answer = of_answer.json();
    // Else the rules are for what is there before the upstream answers.
    of_answer["deferred"] = true.into();
    let routes = json!([{"handle": [
        {"handler": "headers", "request": of_request.json(), "response": of_answer},
        {
            "handler": "reverse_proxy",
            "upstreams": [{"dial": "a:1"}],
            "headers": {"request": {"set": {"X-Marker": ["here"]}}},
        },
    ]}]);
    let config = json!({"apps": {"http": {"servers": {"s": {"routes": routes}}}}});
    caddis_ir::from_value(&config).ok()
}

#[derive(Default)]
struct Rules {
    add: Map<String, Value>,
    set: Map<String, Value>,
    delete: Vec<String>,
    replace: Map<String, Value>,
}

impl Rules {
    fn read(&mut self, rule: &str) -> Option<()> {
        let mut words = rule.splitn(3, ' ');
        let (what, name) = (words.next()?, words.next()?.to_owned());
        let value = words.next().unwrap_or_default();
        match what {
            "+" => append(&mut self.add, name, value.into()),
            "=" => append(&mut self.set, name, value.into()),
            "-" => self.delete.push(name),
            "~" | "!" => {
                let key = if what == "~" {
                    "search"
                } else {
                    "search_regexp"
                };
                let (search, replace) = value.split_once(' ').unwrap_or((value, ""));
                let replacement = json!({key: search, "replace": replace});
                append(&mut self.replace, name, replacement);
            }
            _ => return None,
        }
        Some(())
    }

    fn json(self) -> Value {
        json!({"add": self.add, "set": self.set, "delete": self.delete, "replace": self.replace})
    }
}

fn append(fields: &mut Map<String, Value>, name: String, value: Value) {
    let values = fields.entry(name).or_insert_with(|| json!([]));
    values.as_array_mut().expect("it is a list").push(value);
}
