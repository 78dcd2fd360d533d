//! The variables that a script finds: those of CGI (RFC 3875), the config's, and the header of the request.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use http::header::{CONNECTION, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Version};

use super::paths::{below, cut};
use crate::placeholders::{Template, Values};
use crate::{Context, uri};

/// Where scripts are, and what they are told.
#[derive(Debug)]
pub(in super::super) struct Settings {
    pub(super) root: Template,
    pub(super) endings: Box<[Box<str>]>,
    pub(super) follows_links: bool,
    pub(super) environment: Box<[(Box<str>, Template)]>,
}

/// What a script is told, but for the header of the request; an extension of the request on its way up.
#[derive(Clone, Debug)]
pub(in super::super) struct Script {
    pub(super) variables: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(super) follows_links: bool,
}

/// The field that a client must not set: programs take the variable for the address of a proxy (CVE-2016-5385).
const PROXY: HeaderName = HeaderName::from_static("proxy");

/// The type of a body whose client does not say it.
const FORM: &[u8] = b"application/x-www-form-urlencoded";

impl Settings {
    /// What the script of a request is told; `None` if its path has a NUL, where programs would cut it off.
    pub(in super::super) fn script(&self, values: &Values<'_>) -> Option<Script> {
        let path = uri::decoded_path(values.uri);
        if path.contains(&0) {
            return None;
        }
        let root = self.root(values);
        let cut = cut(&path, &self.endings);
        let info = match cut.info {
            [] => remainder(values.context),
            info => info.to_vec(),
        };
        let mut script = Script {
            variables: BTreeMap::new(),
            follows_links: self.follows_links,
        };
        script.set("PATH_INFO", &info);
        script.set("DOCUMENT_URI", cut.script);
        script.set("SCRIPT_FILENAME", &below(&root, cut.script));
        let name = if cut.script.is_empty() || cut.script.starts_with(b"/") {
            cut.script.to_vec()
        } else {
            [b"/", cut.script].concat()
        };
        script.set("SCRIPT_NAME", &name);
        if !info.is_empty() {
            script.set("PATH_TRANSLATED", &below(&root, &info));
        }
        script.set("DOCUMENT_ROOT", &root);
        script.say_request(values);
        script.say_host(values);
        script.say_client(values.context);
        for (name, value) in &self.environment {
            script.set(name, &value.fill(values));
        }
        Some(script)
    }

    fn root(&self, values: &Values<'_>) -> Vec<u8> {
        let root = self.root.fill(values);
        let root = if root.is_empty() { &b"."[..] } else { &root };
        if root.starts_with(b"/") {
            return below(b"/", root.strip_suffix(b"/").unwrap_or(root));
        }
        let here = std::env::current_dir().unwrap_or_default();
        let here = Path::as_os_str(&here).as_encoded_bytes();
        below(b"/", &[here, b"/", root].concat())
    }
}

/// What followed the file that the matcher `file` has found, where a rewrite took it away.
fn remainder(context: &Context) -> Vec<u8> {
    let notes = context.notes();
    let mut values = notes.placeholders.iter();
    let found = values.find(|(name, _)| *name == "http.matchers.file.remainder");
    found.map_or_else(Vec::new, |(_, rest)| rest.clone().into_bytes())
}

impl Script {
    /// All variables with those of the header, which come last as in Caddy. `length` is that of the body.
    pub(super) fn with_header(mut self, headers: &HeaderMap, length: u64) -> Self {
        let length = length.to_string();
        for name in headers.keys() {
            if [PROXY, TRANSFER_ENCODING, CONNECTION].contains(name) {
                continue;
            }
            let values: Vec<_> = headers.get_all(name).iter().map(AsRef::as_ref).collect();
            let upper = name.as_str().to_ascii_uppercase().replace('-', "_");
            self.set(&format!("HTTP_{upper}"), &values.join(&b", "[..]));
        }
        let kind = headers.get(CONTENT_TYPE).map(AsRef::as_ref);
        let guessed = (self.variables.get(&b"REQUEST_METHOD"[..]))
            .filter(|method| [&b"POST"[..], b"PUT", b"PATCH"].contains(&method.as_slice()));
        let kind: &[u8] = kind.unwrap_or(guessed.map_or(b"", |_| FORM));
        self.set("CONTENT_TYPE", kind);
        self.set("CONTENT_LENGTH", length.as_bytes());
        self.set("HTTP_CONTENT_LENGTH", length.as_bytes());
        self.variables
            .entry(b"HTTP_USER_AGENT".to_vec())
            .or_default();
        self
    }

    /// The same with another root.
    pub(super) fn moved(mut self, from: &[u8], to: &[u8]) -> Self {
        for name in ["DOCUMENT_ROOT", "SCRIPT_FILENAME", "PATH_TRANSLATED"] {
            let value = self.variables.get(name.as_bytes());
            if let Some(below) = value.and_then(|value| value.strip_prefix(from)) {
                let value = [to, below].concat();
                self.set(name, &value);
            }
        }
        self
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        self.variables.insert(name.into(), value.to_vec());
    }

    fn say_request(&mut self, values: &Values<'_>) {
        let original = values.context.original_uri().path_and_query();
        let query = values.uri.query().unwrap_or_default();
        for (name, value) in [
            ("GATEWAY_INTERFACE", "CGI/1.1"),
            (
                "SERVER_SOFTWARE",
                concat!("caddis/", env!("CARGO_PKG_VERSION")),
            ),
            ("REQUEST_METHOD", values.method.as_str()),
            ("REQUEST_URI", original.map_or("", |uri| uri.as_str())),
            ("QUERY_STRING", query),
            ("SERVER_PROTOCOL", protocol(values.context.version())),
            ("AUTH_TYPE", ""),
            ("REMOTE_IDENT", ""),
        ] {
            self.set(name, value.as_bytes());
        }
        let user = values.context.notes().user.clone().unwrap_or_default();
        self.set("REMOTE_USER", user.as_bytes());
    }

    fn say_host(&mut self, values: &Values<'_>) {
        let tls = values.context.connection().tls.as_ref();
        let (scheme, port) = match tls {
            Some(_) => ("https", &b"443"[..]),
            None => ("http", &b"80"[..]),
        };
        let host = values.headers.get(HOST);
        let host = host.map_or(values.context.host().as_bytes(), AsRef::as_ref);
        self.set("REQUEST_SCHEME", scheme.as_bytes());
        self.set("HTTP_HOST", host);
        self.set("SERVER_NAME", uri::host(host));
        self.set("SERVER_PORT", uri::port(host).unwrap_or(port));
        if let Some(tls) = tls {
            self.set("HTTPS", b"on");
            let version = match tls.version {
                "tls1.2" => "TLSv1.2",
                _ => "TLSv1.3",
            };
            self.set("SSL_PROTOCOL", version.as_bytes());
            self.set("SSL_CIPHER", tls.cipher_suite.as_bytes());
        }
    }

    fn say_client(&mut self, context: &Context) {
        let peer = context.connection().peer;
        let (mut address, mut port) = (Vec::new(), Vec::new());
        let _ = write!(address, "{}", peer.ip().to_canonical());
        let _ = write!(port, "{}", peer.port());
        self.set("REMOTE_ADDR", &address);
        self.set("REMOTE_HOST", &address);
        self.set("REMOTE_PORT", &port);
    }
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}
