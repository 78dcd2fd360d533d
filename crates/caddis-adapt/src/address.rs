//! Site addresses: `https://example.com:8443`, `:80`, `*.example.com`, `[::1]`, ….

use std::net::Ipv6Addr;

use caddis_source::{Code, Diagnostic};

use crate::{Result, Token};

pub(crate) const BAD_PORT: Code = Code("site/bad-port");

/// Caddy cuts what is longer.
const MAX_LENGTH: usize = 4096;

/// A site address in its parts; a part that is not written is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// `http` or `https`, without `://`.
    pub scheme: String,
    /// A name or an IP address, without brackets.
    pub host: String,
    /// A number, as it was written.
    pub port: String,
    /// With its slash; deprecated, but still matched.
    pub path: String,
}

impl Address {
    /// Reads an address; only a port that is none is refused.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = cut(text, MAX_LENGTH).trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let with_colon = format!("{authority}:");
        let (host, port) = split_host_port(authority)
            .or_else(|| split_host_port(&with_colon))
            .unwrap_or((authority, ""));
        check_port(port)?;
        Ok(Self {
            scheme: scheme.into(),
            host: host.into(),
            port: port.into(),
            path: path.into(),
        })
    }

    /// Reads an address at its place in the text.
    pub(crate) fn read(token: &Token) -> Result<Self> {
        Self::parse(token.text())
            .map(|address| address.normal())
            .map_err(|message| bad_port(token, message))
    }

    /// Small letters outside of placeholders, and IPv6 addresses in their short form.
    #[must_use]
    pub fn normal(&self) -> Self {
        let host = self.host.trim();
        let short = short_ipv6(host);
        Self {
            scheme: lower_outside_placeholders(&self.scheme),
            host: lower_outside_placeholders(short.as_deref().unwrap_or(host)),
            port: self.port.clone(),
            path: self.path.clone(),
        }
    }
}

impl std::fmt::Display for Address {
    /// As a URL, without a port that goes without saying; nothing for an address without host and port.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.is_empty() && self.port.is_empty() {
            return Ok(());
        }
        let scheme = match (self.scheme.as_str(), self.port.as_str()) {
            ("", "443") => "https",
            ("", _) => "http",
            (scheme, _) => scheme,
        };
        write!(f, "{scheme}://")?;
        let goes_without_saying = matches!(
            (scheme, self.port.as_str()),
            (_, "") | ("https", "443") | ("http", "80")
        ) || !matches!(scheme, "http" | "https");
        if goes_without_saying {
            f.write_str(&self.host)?;
        } else {
            f.write_str(&join_host_port(&self.host, &self.port))?;
        }
        f.write_str(&self.path)
    }
}

fn bad_port(token: &Token, message: String) -> Diagnostic {
    token
        .error(BAD_PORT, message)
        .label("not a port")
        .help("write a number from 0 to 65535 after the colon")
}

fn check_port(port: &str) -> Result<(), String> {
    if port.is_empty() {
        return Ok(());
    }
    match port.parse::<i64>() {
        Ok(0..=65535) => Ok(()),
        Ok(_) => Err(format!("port {port} is out of range")),
        Err(_) => Err(format!("`{port}` is not a port")),
    }
}

/// At most `length` bytes, without cutting a character in two.
fn cut(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Host and port, where Go's `net.SplitHostPort` finds both; brackets are taken off.
pub(crate) fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let colon = text.rfind(':')?;
    let (host, behind) = if let Some(inner) = text.strip_prefix('[') {
        let end = inner.find(']')?;
        if end + 2 != colon {
            return None;
        }
        (&inner[..end], &text[end + 2..])
    } else {
        let host = &text[..colon];
        if host.contains(':') {
            return None;
        }
        (host, text)
    };
    let stray = host.contains('[') || behind.contains(['[', ']']);
    (!stray).then(|| (host, &text[colon + 1..]))
}

/// `host:port`, with brackets around an IPv6 address.
pub(crate) fn join_host_port(host: &str, port: &str) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// The short form of an IPv6 address; none for IPv4 in IPv6, which Caddy leaves alone.
fn short_ipv6(host: &str) -> Option<String> {
    let (ip, zone) = match host.split_once('%') {
        Some((ip, zone)) if !zone.is_empty() => (ip, Some(zone)),
        Some(_) => return None,
        None => (host, None),
    };
    let ip: Ipv6Addr = ip.parse().ok()?;
    if ip.to_ipv4_mapped().is_some() {
        return None;
    }
    Some(zone.map_or_else(|| ip.to_string(), |zone| format!("{ip}%{zone}")))
}

fn lower_outside_placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut escaped, mut in_placeholder) = (false, false);
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            out.push(c);
            continue;
        }
        match c {
            '{' if !escaped => in_placeholder = true,
            '}' if !escaped => in_placeholder = false,
            _ => {}
        }
        if in_placeholder {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        escaped = false;
    }
    out
}
