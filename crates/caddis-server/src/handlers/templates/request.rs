//! Requests as templates see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caddis_template::{Args, Error, Object, Result, StringLists, Value, no_arguments};
use http::request::Parts;
use http::{HeaderMap, Uri, Version, header};

use super::response_header::empty;
use super::url::ShownUrl;
use crate::{Context, uri};

/// A request.
pub(super) struct ShownRequest {
    pub(super) headers: HeaderMap,
    method: String,
    url: Arc<ShownUrl>,
    target: String,
    host: String,
    remote: String,
    version: Version,
    is_tls: bool,
}

impl ShownRequest {
    /// The request that a page is rendered for.
    pub(super) fn of(head: &Parts, context: &Context) -> Self {
        Self {
            method: head.method.to_string(),
            url: Arc::new(ShownUrl::of(&head.uri)),
            headers: head.headers.clone(),
            host: context.host().to_owned(),
            version: head.version,
            ..Self::original(context)
        }
    }

    /// The same as it was sent; Caddy remembers neither its header nor its host.
    pub(super) fn original(context: &Context) -> Self {
        let target: &Uri = context.original_uri();
        Self {
            headers: HeaderMap::new(),
            method: context.original_method().to_string(),
            url: Arc::new(ShownUrl::of(target)),
            target: target.to_string(),
            host: String::new(),
            remote: context.connection().peer.to_string(),
            version: Version::HTTP_09,
            is_tls: context.connection().tls.is_some(),
        }
    }

    pub(super) fn host_without_port(&self) -> String {
        match uri::port(self.host.as_bytes()) {
            None => self.host.clone(),
            Some(_) => String::from_utf8_lossy(uri::host(self.host.as_bytes())).into_owned(),
        }
    }

    fn field(&self, name: &str) -> String {
        let value = self.headers.get(name);
        let value = value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        value.unwrap_or_default()
    }

    fn content_length(&self) -> i64 {
        if self.headers.contains_key(header::TRANSFER_ENCODING) {
            return -1;
        }
        self.field("content-length").parse().unwrap_or_default()
    }

    /// What a form holds: a query. Bodies are not there any more when templates run.
    fn form_value(&self, args: &[Value]) -> Result<Value> {
        let name = Args(args).text(0)?;
        if self.content_length() != 0 {
            return Err(Error::new("the body has been read when templates run"));
        }
        let values = self.url.query();
        let found = values.lists.get(&**name).and_then(|values| values.first());
        Ok(found.map_or("", String::as_str).into())
    }

    fn version(&self) -> (&'static str, i64, i64) {
        match self.version {
            Version::HTTP_10 => ("HTTP/1.0", 1, 0),
            Version::HTTP_11 => ("HTTP/1.1", 1, 1),
            Version::HTTP_2 => ("HTTP/2.0", 2, 0),
            Version::HTTP_3 => ("HTTP/3.0", 3, 0),
            _ => ("", 0, 0),
        }
    }
}

impl Object for ShownRequest {
    fn type_name(&self) -> &'static str {
        "*http.Request"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        match name {
            "FormValue" => return Some(self.form_value(args)),
            "Cookie" => {
                let cookie = Args(args).text(0).and_then(|name| {
                    let mut all = cookies(&self.headers).into_iter();
                    let found = all.find(|cookie| cookie.name == **name);
                    found
                        .map(Value::object)
                        .ok_or_else(|| Error::new("http: named cookie not present"))
                });
                return Some(cookie);
            }
            _ => {}
        }
        let (protocol, major, minor) = self.version();
        let value = match name {
            "Method" => self.method.as_str().into(),
            "URL" => Value::Object(self.url.clone()),
            "Host" => self.host.as_str().into(),
            "RequestURI" => self.target.as_str().into(),
            "RemoteAddr" => self.remote.as_str().into(),
            "Proto" => protocol.into(),
            "ProtoMajor" => Value::Int(major),
            "ProtoMinor" => Value::Int(minor),
            "Header" => Value::object(lists(&self.headers)),
            "Trailer" => Value::object(empty()),
            "ContentLength" => Value::Int64(self.content_length()),
            "TransferEncoding" => Value::texts(Vec::<String>::new()),
            "Close" => Value::Bool(false),
            "Pattern" => "".into(),
            "UserAgent" => self.field("user-agent").into(),
            "Referer" => self.field("referer").into(),
            "Cookies" => Value::list(
                cookies(&self.headers)
                    .into_iter()
                    .map(Value::object)
                    .collect(),
            ),
            "TLS" if !self.is_tls => Value::Nil,
            "TLS" => Value::object(Secured),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// A connection over TLS: no more is told of it than that it is one.
struct Secured;

impl Object for Secured {
    fn type_name(&self) -> &'static str {
        "*tls.ConnectionState"
    }

    fn member(&self, _: &str, _: &[Value]) -> Option<Result<Value>> {
        None
    }

    fn printed(&self) -> String {
        self.type_name().into()
    }
}

/// A cookie of a request.
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    is_quoted: bool,
}

impl Object for Cookie {
    fn type_name(&self) -> &'static str {
        "*http.Cookie"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let value = match name {
            "Name" => self.name.as_str().into(),
            "Value" => self.value.as_str().into(),
            "String" => self.printed().into(),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        let quote = if self.is_quoted { "\"" } else { "" };
        format!("{}={quote}{}{quote}", self.name, self.value)
    }
}

/// The cookies of a request.
pub(super) fn cookies(headers: &HeaderMap) -> Vec<Cookie> {
    let lines = headers.get_all(header::COOKIE).iter();
    let lines: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
        .collect();
    let pairs = lines.iter().flat_map(|line| line.split(';'));
    let pairs = pairs.filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let quoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        (!name.is_empty()).then(|| Cookie {
            name: name.to_owned(),
            value: quoted.unwrap_or(value).to_owned(),
            is_quoted: quoted.is_some(),
        })
    });
    pairs.collect()
}

/// A header as Go has it: without `Host`.
pub(super) fn lists(headers: &HeaderMap) -> StringLists {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::HOST) {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        lists.entry(spelled(name.as_str())).or_default().push(value);
    }
    StringLists { lists, ..empty() }
}

/// The name of a field as Go spells it: `Content-Type`.
pub(super) fn spelled(name: &str) -> String {
    let mut is_first = true;
    let letters = name.chars().map(|letter| {
        let spelled = if is_first {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
        is_first = letter == '-';
        spelled
    });
    letters.collect()
}
