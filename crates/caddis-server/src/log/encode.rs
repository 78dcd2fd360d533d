//! Entries as text, in the forms that Caddy has for them.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Version, header};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Level;
use super::entry::{About, Access, Asked, Entry, Failed, host};
use crate::record::Failure;

/// The form of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One JSON object per line.
    Json,
    /// Columns for people.
    Console {
        /// The level in colour.
        colour: bool,
    },
}

impl Encoding {
    /// The entry as a line.
    pub(super) fn line(self, entry: &Entry) -> String {
        match self {
            Self::Json => json_line(entry),
            Self::Console { colour } => console_line(entry, colour),
        }
    }
}

fn json_line(entry: &Entry) -> String {
    let mut object = Map::new();
    object.insert("level".into(), entry.level.lower().into());
    object.insert("ts".into(), seconds(entry.at).into());
    if !entry.logger.is_empty() {
        object.insert("logger".into(), entry.logger.as_ref().into());
    }
    object.insert("msg".into(), entry.message.as_str().into());
    object.extend(fields(&entry.about));
    let mut line = Value::Object(object).to_string();
    line.push('\n');
    line
}

fn console_line(entry: &Entry, colour: bool) -> String {
    let format =
        format_description!("[year]/[month]/[day] [hour]:[minute]:[second].[subsecond digits:3]");
    let at = OffsetDateTime::from(entry.at);
    let mut line = at.format(format).unwrap_or_default();
    let level = entry.level.lower().to_uppercase();
    line.push('\t');
    if colour {
        let code = match entry.level {
            Level::Debug => "35",
            Level::Info => "34",
            Level::Warn => "33",
            Level::Error => "31",
        };
        line.extend(["\u{1b}[", code, "m", &level, "\u{1b}[0m"]);
    } else {
        line.push_str(&level);
    }
    for column in [entry.logger.as_ref(), &printable(&entry.message)] {
        if !column.is_empty() {
            line.push('\t');
            line.push_str(column);
        }
    }
    let fields = fields(&entry.about);
    if !fields.is_empty() {
        line.push('\t');
        spaced(&Value::Object(fields), &mut line);
    }
    line.push('\n');
    line
}

/// What would move the cursor of a terminal is written as an escape.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// JSON with a space after each colon and comma.
fn spaced(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                spaced(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                spaced(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

/// Seconds since 1970, with a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "the format has a float, which is exact to a tenth of a microsecond"
)]
fn seconds(at: SystemTime) -> f64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as f64 / 1e9
}

fn fields(about: &About) -> Map<String, Value> {
    match about {
        About::Event(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()));
            fields.collect()
        }
        About::Access(access) => access_fields(access),
        About::Failed(failed) => failed_fields(failed),
    }
}

fn access_fields(access: &Access) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("request".into(), request(&access.asked));
    fields.insert("bytes_read".into(), access.bytes_read.into());
    fields.insert("user_id".into(), access.user.as_str().into());
    fields.insert("duration".into(), access.duration.as_secs_f64().into());
    fields.insert("size".into(), access.size.into());
    fields.insert("status".into(), access.status.into());
    let headers = headers(&access.response_headers, access.asked.with_credentials);
    fields.insert("resp_headers".into(), headers);
    fields
}

fn failed_fields(failed: &Failed) -> Map<String, Value> {
    let Failure {
        message,
        status,
        id,
        trace,
    } = &failed.first;
    let status = status.as_u16();
    let mut fields = Map::new();
    fields.insert("request".into(), request(&failed.asked));
    fields.insert("duration".into(), failed.duration.as_secs_f64().into());
    if let Some(again) = &failed.again {
        fields.insert("error".into(), again.as_str().into());
        let first = json!({"msg": message, "status": status, "err_id": id, "err_trace": trace});
        fields.insert("first_error".into(), first);
    } else {
        fields.insert("status".into(), status.into());
        fields.insert("err_id".into(), id.as_str().into());
        fields.insert("err_trace".into(), trace.as_str().into());
    }
    fields
}

fn request(asked: &Asked) -> Value {
    let (connection, head) = (asked.context.connection(), &asked.head);
    let target = head.uri.path_and_query();
    let mut request = json!({
        "remote_ip": connection.peer.ip().to_string(),
        "remote_port": connection.peer.port().to_string(),
        "client_ip": asked.context.client_ip().to_string(),
        "proto": protocol(head.version),
        "method": head.method.as_str(),
        "host": host(&head.uri, &head.headers),
        "uri": target.map_or("", http::uri::PathAndQuery::as_str),
        "headers": headers(&head.headers, asked.with_credentials),
    });
    if let Some(encodings) = values(&head.headers, &header::TRANSFER_ENCODING) {
        request["transfer_encoding"] = encodings;
    }
    if let Some(tls) = &connection.tls {
        request["tls"] = json!({
            "resumed": tls.resumed,
            "version": if tls.version == "tls1.2" { 0x0303 } else { 0x0304 },
            "cipher_suite": cipher_suite(&tls.cipher_suite),
            "proto": tls.alpn,
            "server_name": tls.server_name,
            "ech": false,
        });
        if let Some(shown) = &tls.client_certificate
            && let Some((name, serial)) = crate::client_certificate::name_and_serial(shown)
        {
            request["tls"]["client_common_name"] = name.into();
            request["tls"]["client_serial"] = serial.into();
        }
    }
    request
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}

/// The number of a cipher suite (IANA's registry of TLS parameters); zero if we do not speak it.
fn cipher_suite(name: &str) -> u16 {
    match name {
        "TLS_AES_128_GCM_SHA256" => 0x1301,
        "TLS_AES_256_GCM_SHA384" => 0x1302,
        "TLS_CHACHA20_POLY1305_SHA256" => 0x1303,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" => 0xc02b,
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" => 0xc02c,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" => 0xc02f,
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" => 0xc030,
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" => 0xcca8,
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" => 0xcca9,
        _ => 0,
    }
}

/// Header fields as Go has them: names in its spelling, without the host and the framing.
pub(crate) fn headers(map: &HeaderMap, with_credentials: bool) -> Value {
    let mut fields = Map::new();
    for name in map.keys() {
        let shown = match *name {
            header::HOST | header::TRANSFER_ENCODING => continue,
            header::AUTHORIZATION
            | header::PROXY_AUTHORIZATION
            | header::COOKIE
            | header::SET_COOKIE
                if !with_credentials =>
            {
                Some(json!(["REDACTED"]))
            }
            _ => values(map, name),
        };
        fields.insert(canonical(name.as_str()), shown.unwrap_or_default());
    }
    Value::Object(fields)
}

fn values(map: &HeaderMap, name: &header::HeaderName) -> Option<Value> {
    let values = map.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| Value::from(String::from_utf8_lossy(value.as_bytes())))
        .collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// The spelling of a header's name in Go: `www-authenticate` is `Www-Authenticate`.
fn canonical(name: &str) -> String {
    let mut begins = true;
    name.chars()
        .map(|c| {
            let c = if begins { c.to_ascii_uppercase() } else { c };
            begins = c == '-';
            c
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::Value;

    use super::Encoding;
    use crate::log::Level;
    use crate::log::entry::{About, Entry};

    fn entry(message: &str) -> Entry {
        Entry {
            at: UNIX_EPOCH + Duration::from_millis(1_795_467_479_500),
            level: Level::Warn,
            logger: Cow::Borrowed("tls"),
            message: message.into(),
            about: About::Event(vec![
                ("names", Value::from(vec!["a", "b"])),
                ("n", 1.into()),
            ]),
        }
    }

    #[test]
    fn entries_have_the_form_of_caddys() {
        assert_eq!(
            Encoding::Json.line(&entry("stapling OCSP")),
            "{\"level\":\"warn\",\"ts\":1795467479.5,\"logger\":\"tls\",\"msg\":\"stapling OCSP\",\
             \"names\":[\"a\",\"b\"],\"n\":1}\n"
        );
        assert_eq!(
            Encoding::Console { colour: true }.line(&entry("stapling OCSP")),
            "2026/11/23 20:57:59.500\t\u{1b}[33mWARN\u{1b}[0m\ttls\tstapling OCSP\t\
             {\"names\": [\"a\", \"b\"], \"n\": 1}\n"
        );
    }

    #[test]
    fn no_entry_can_end_its_line_or_move_the_cursor() {
        for encoding in [Encoding::Json, Encoding::Console { colour: false }] {
            let line = encoding.line(&entry("a\nb\u{1b}[2Jc\rd"));
            assert_eq!(
                line.matches(char::is_control)
                    .filter(|c| *c != "\t")
                    .count(),
                1,
                "{line:?}"
            );
            assert!(line.ends_with('\n'));
        }
    }
}
