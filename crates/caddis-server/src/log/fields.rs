//! What is known of what happened, as the fields of an entry.

use http::{HeaderMap, Version, header};
use serde_json::{Map, Value, json};

use super::entry::{About, Access, Asked, Failed, host};
use super::form::Form;
use crate::record::Failure;

/// What is known, in the order in which Caddy writes it.
pub(super) fn fields(about: &About, form: &Form) -> Map<String, Value> {
    match about {
        About::Event(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()));
            fields.collect()
        }
        About::Access(access) => access_fields(access, form),
        About::Failed(failed) => failed_fields(failed, form),
    }
}

fn access_fields(access: &Access, form: &Form) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("request".into(), request(&access.asked));
    fields.insert("bytes_read".into(), access.bytes_read.into());
    fields.insert("user_id".into(), access.user.as_str().into());
    fields.insert("duration".into(), form.duration(access.duration));
    fields.insert("size".into(), access.size.into());
    fields.insert("status".into(), access.status.into());
    let headers = headers(&access.response_headers, access.asked.with_credentials);
    fields.insert("resp_headers".into(), headers);
    fields.extend(access.more.iter().cloned());
    fields
}

fn failed_fields(failed: &Failed, form: &Form) -> Map<String, Value> {
    let Failure {
        message,
        status,
        id,
        trace,
    } = &failed.first;
    let status = status.as_u16();
    let mut fields = Map::new();
    fields.insert("request".into(), request(&failed.asked));
    fields.insert("duration".into(), form.duration(failed.duration));
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
