//! What was seen of a server, and where two servers differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::Exchange;
use super::client::Heard;
use super::message::Message;
use super::ports::Ports;
use super::unpack;

/// All that was seen of a server: lines of text, which are compared one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What was answered to each request, in the order of the case.
    pub answers: Vec<Vec<String>>,
    /// What upstreams were asked.
    pub asked: Vec<String>,
    /// The entries of access logs.
    pub logged: Vec<String>,
    /// Other log files, by their name.
    pub files: BTreeMap<String, Vec<String>>,
}

impl Seen {
    pub(super) fn heard(&mut self, exchange: &Exchange, heard: &Heard, ports: &Ports) {
        let mut lines: Vec<String> = heard.agreed.iter().cloned().collect();
        for message in &heard.messages {
            let status = message.start.split(' ').take(2).collect::<Vec<_>>();
            lines.push(status.join(" "));
            lines.extend(fields(message, &exchange.ignored));
            let body = unpack::unpacked(message);
            let body = String::from_utf8_lossy(&body);
            if !exchange.ignored.iter().any(|name| name == "body") {
                lines.push(format!("body {body:?}"));
            }
            if !message.is_whole {
                lines.push("broken off".into());
            }
        }
        lines.extend(heard.end.clone());
        let from = heard.from.to_string();
        let line = |line: String| {
            let line = ports.as_written(&with_client(&line, &from));
            let line = uuids(&line);
            if exchange.is_shape {
                shape(&line)
            } else {
                line
            }
        };
        self.answers.push(lines.into_iter().map(line).collect());
    }

    pub(super) fn asked(&mut self, asked: &[(u16, Message)], ports: &Ports) {
        for (port, request) in asked {
            let mut text = format!("{port}: {}", request.start);
            for (name, value) in &request.fields {
                // RECORDED.md: Caddy asks for gzip on its own. Where it asks for itself, Go names itself.
                let own = [
                    ("accept-encoding", "gzip"),
                    ("user-agent", "Go-http-client/1.1"),
                ];
                if !own.contains(&(name.as_str(), value.as_str())) {
                    let _ = write!(text, "\n  {name}: {}", neutral(name, value));
                }
            }
            if !request.body.is_empty() || !request.is_whole {
                let body = String::from_utf8_lossy(&request.body);
                let whole = if request.is_whole { "" } else { " broken off" };
                let _ = write!(text, "\n  body {body:?}{whole}");
            }
            self.asked.push(uuids(&ports.as_written(&text)));
        }
    }

    pub(super) fn logged(&mut self, output: &str, ports: &Ports) {
        let entries = output
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let is_access = |entry: &Value| {
            let logger = entry.get("logger").and_then(Value::as_str);
            logger.is_some_and(|logger| logger.starts_with("http.log.access"))
        };
        let entries = entries.filter(is_access);
        self.logged = entries.map(|entry| logged(entry, ports)).collect();
    }

    pub(super) fn log_files(&mut self, folder: &Path, ports: &Ports) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if Path::new(&name)
                .extension()
                .is_none_or(|ending| ending != "log")
            {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let is_shape = name.starts_with("shape");
            let line = |line: &str| match serde_json::from_str(line) {
                Ok(entry) if !is_shape => logged(entry, ports),
                Ok(_) | Err(_) => shape(&uuids(&ports.as_written(line))),
            };
            self.files.insert(name, text.lines().map(line).collect());
        }
    }
}

/// Fields that are of the moment, or name the server.
fn fields(message: &Message, ignored: &[String]) -> Vec<String> {
    let is_packed = message.field("content-encoding").is_some();
    let is_length = |name: &str| ["content-length", "transfer-encoding"].contains(&name);
    let is_compared = |name: &str| {
        name != "date"
            && !(is_packed && is_length(name))
            && !ignored.iter().any(|known| known == name)
    };
    let compared = message.fields.iter().filter(|(name, _)| is_compared(name));
    compared
        .map(|(name, value)| format!("{name}: {}", neutral(name, value)))
        .collect()
}

/// The name of the server, where it names itself.
fn neutral(name: &str, value: &str) -> String {
    match name {
        "server" | "via" => value.replace("Caddy", "caddis"),
        _ => value.to_owned(),
    }
}

/// A log entry without what is of the moment.
fn logged(mut entry: Value, ports: &Ports) -> String {
    if let Some(members) = entry.as_object_mut() {
        members.remove("ts");
        members.remove("duration");
        // An error has an id by chance, and names a place in the program.
        members.remove("err_id");
        members.remove("err_trace");
        let headers = members.get("resp_headers").and_then(Value::as_object);
        if headers.is_some_and(|headers| headers.contains_key("Content-Encoding")) {
            members.remove("size");
        }
        for headers in ["resp_headers"] {
            let headers = members.get_mut(headers).and_then(Value::as_object_mut);
            if let Some(headers) = headers {
                headers.remove("Date");
                // RECORDED.md: Caddy logs fields that have no value, and sends none of them.
                headers.retain(|_, values| values != &Value::Array(Vec::new()));
                for name in ["Server", "Via"] {
                    if let Some(Value::Array(values)) = headers.get_mut(name) {
                        for value in values {
                            *value = neutral("via", value.as_str().unwrap_or_default()).into();
                        }
                    }
                }
            }
        }
        let request = members.get_mut("request").and_then(Value::as_object_mut);
        if let Some(request) = request {
            request.remove("remote_port");
        }
    }
    let text = serde_json::to_string_pretty(&sorted(&entry)).unwrap_or_default();
    uuids(&ports.as_written(&text))
}

/// The order of header fields in a log is by chance.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.as_str());
            let sorted = members
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)));
            Value::Object(sorted.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn with_client(line: &str, port: &str) -> String {
    if port == "0" {
        line.to_owned()
    } else {
        line.replace(port, "<client's port>")
    }
}

/// A text in which all runs of digits are alike.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            shape.push(letter);
        } else if !shape.ends_with('0') {
            shape.push('0');
        }
    }
    shape
}

/// A text in which all UUIDs are alike.
fn uuids(text: &str) -> String {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    const LENGTH: usize = 36;
    let is_uuid = |part: &str| {
        let groups: Vec<_> = part.split('-').collect();
        let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
        lengths == GROUPS
            && part
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.get(..LENGTH).is_some_and(is_uuid) {
            replaced.push_str("<uuid>");
            rest = rest.get(LENGTH..).unwrap_or_default();
        } else {
            replaced.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    replaced
}

/// Where caddis differs from Caddy, each told for itself.
pub fn differences(exchanges: &[Exchange], caddy: &Seen, caddis: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut expected_to_differ = false;
    for exchange in exchanges {
        for _ in 0..exchange.times {
            let (theirs, ours) = (caddy.answers.get(at), caddis.answers.get(at));
            at += 1;
            expected_to_differ |= exchange.differs.is_some();
            match (&exchange.differs, theirs == ours) {
                (None, false) => {
                    let what = format!("the answer to `{}`", exchange.title);
                    found.push(told(&what, &lines(theirs), &lines(ours)));
                }
                (Some(row), true) if exchange.times == 1 => found.push(format!(
                    "`{}` is answered as by Caddy, and is said to differ: {row}",
                    exchange.title
                )),
                _ => {}
            }
        }
    }
    // Where an answer differs, so may what comes of it.
    if expected_to_differ {
        return found;
    }
    if caddy.asked != caddis.asked {
        found.push(told(
            "what the upstreams were asked",
            &caddy.asked,
            &caddis.asked,
        ));
    }
    if !exchanges.iter().any(|exchange| exchange.is_not_logged) && caddy.logged != caddis.logged {
        found.push(told("the access log", &caddy.logged, &caddis.logged));
    }
    for name in caddy.files.keys().chain(caddis.files.keys()) {
        let (theirs, ours) = (caddy.files.get(name), caddis.files.get(name));
        if theirs != ours {
            found.push(told(name, &lines(theirs), &lines(ours)));
        }
    }
    found
}

fn lines(seen: Option<&Vec<String>>) -> Vec<String> {
    seen.cloned().unwrap_or_default()
}

/// Two lists, line by line, with a sign before the lines that only one of them has.
fn told(what: &str, caddy: &[String], caddis: &[String]) -> String {
    let split = |texts: &[String]| -> Vec<String> {
        texts
            .iter()
            .flat_map(|text| text.lines())
            .map(str::to_owned)
            .collect()
    };
    let (caddy, caddis) = (split(caddy), split(caddis));
    let mut text = format!("{what} (- Caddy, + caddis)\n");
    let diff = similar::TextDiff::from_slices(
        &caddy.iter().map(String::as_str).collect::<Vec<_>>(),
        &caddis.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for change in diff.iter_all_changes() {
        let _ = writeln!(text, "  {}{}", change.tag(), change.value());
    }
    text
}
