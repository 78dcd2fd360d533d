//! A case as it is written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::server::{with_options, with_settings};

/// A config and what is sent to the servers that are started with it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The config.
    pub config: Config,
    /// Files beside it.
    pub files: Option<PathBuf>,
    /// What is sent.
    pub exchanges: Vec<Exchange>,
}

/// A config's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Config {
    /// A Caddyfile.
    Caddyfile(String),
    /// JSON, for what no Caddyfile can say.
    Json(String),
}

impl Config {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Caddyfile(text) | Self::Json(text) => text,
        }
    }

    /// The text that the servers read: with options that keep them to themselves.
    pub fn as_run(&self) -> std::io::Result<String> {
        match self {
            Self::Caddyfile(text) => Ok(with_options(text)),
            Self::Json(text) => with_settings(text),
        }
    }
}

/// One request, and how it is sent.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// What it shows.
    pub title: String,
    /// The port as it is written in the case.
    pub port: u16,
    /// The server name, if it is sent over TLS.
    pub tls: Option<String>,
    /// How the handshake is made.
    pub handshake: Handshake,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Header fields of the answer that are not compared; `body` stands for the body.
    pub ignored: Vec<String>,
    /// Whether runs of digits count as alike.
    pub is_shape: bool,
    /// How many times it is sent.
    pub times: usize,
    /// How long is waited before.
    pub after: Duration,
    /// The row of `RECORDED.md` that says why the answers differ.
    pub differs: Option<String>,
    /// Whether its log entry is left out.
    pub is_not_logged: bool,
}

/// How a TLS handshake is made.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The file with the certificate and the key that are shown.
    pub shows: Option<String>,
    /// Whether any certificate is taken, and compared with what else was agreed on.
    pub compares: bool,
    /// The protocols inside that are offered.
    pub offers: Option<Vec<String>>,
    /// Whether TLS 1.2 is spoken.
    pub is_tls12: bool,
}

impl Case {
    /// Reads a case by its `.requests` file.
    pub fn read(requests: &Path) -> Result<Self, String> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let files = requests.with_extension("files");
        let json = requests.with_extension("json");
        Ok(Self {
            config: if json.exists() {
                Config::Json(read(&json)?)
            } else {
                Config::Caddyfile(read(&requests.with_extension("caddyfile"))?)
            },
            files: files.exists().then_some(files),
            exchanges: exchanges(&read(requests)?)?,
        })
    }
}

fn exchanges(text: &str) -> Result<Vec<Exchange>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(line) = rest.lines().next() {
        let after = rest.get(line.len() + 1..).unwrap_or("");
        let Some(title) = line.strip_prefix("===") else {
            if !line.is_empty() && !line.starts_with('#') {
                return Err(format!("`{line}` stands before the first `===`"));
            }
            rest = after;
            continue;
        };
        let end = after.find("\n===").map_or(after.len(), |at| at + 1);
        let (message, next) = after.split_at(end);
        found.push(exchange(title, message)?);
        rest = next;
    }
    if found.is_empty() {
        return Err("there is no request".into());
    }
    Ok(found)
}

fn exchange(title: &str, message: &str) -> Result<Exchange, String> {
    let mut words = title.split('|').map(str::trim);
    let mut exchange = Exchange {
        title: words.next().unwrap_or_default().to_owned(),
        times: 1,
        ..Exchange::default()
    };
    let mut is_raw = false;
    for option in words {
        let (name, value) = option.split_once(' ').unwrap_or((option, ""));
        let bad = || format!("`{option}` is no option");
        match name {
            "to" => {
                let port = value.strip_prefix(':').ok_or_else(bad)?;
                exchange.port = port.parse().map_err(|_| bad())?;
            }
            "tls" => exchange.tls = Some(value.to_owned()),
            "shows" => exchange.handshake.shows = Some(value.to_owned()),
            "comparing" if value == "handshake" => exchange.handshake.compares = true,
            "offering" => {
                let names = value.split(',').map(|name| name.trim().to_owned());
                exchange.handshake.offers = Some(names.collect());
            }
            "tls1.2" => exchange.handshake.is_tls12 = true,
            "raw" => is_raw = true,
            "ignoring" => {
                let names = value
                    .split(',')
                    .map(|name| name.trim().to_ascii_lowercase());
                exchange.ignored.extend(names);
            }
            "shape" => exchange.is_shape = true,
            "times" => exchange.times = value.parse().map_err(|_| bad())?,
            "after" => {
                let number = value.strip_suffix("ms").ok_or_else(bad)?;
                exchange.after = Duration::from_millis(number.parse().map_err(|_| bad())?);
            }
            "differs" => exchange.differs = Some(value.to_owned()),
            "not" if value == "logged" => exchange.is_not_logged = true,
            _ => return Err(bad()),
        }
    }
    if exchange.port == 0 {
        exchange.port = if exchange.tls.is_some() { 8443 } else { 8080 };
    }
    exchange.bytes = if is_raw { raw(message) } else { http(message) };
    Ok(exchange)
}

/// The message with the line ends of HTTP, and with a length if it has a body and says nothing of it.
fn http(message: &str) -> Vec<u8> {
    let message = message.trim_end_matches('\n');
    let (head, body) = message.split_once("\n\n").unwrap_or((message, ""));
    let mut head = head.replace('\n', "\r\n");
    let is_framed = head.lines().any(|line| {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        name == "content-length" || name == "transfer-encoding"
    });
    if !body.is_empty() && !is_framed {
        let _ = write!(head, "\r\nContent-Length: {}", body.len());
    }
    format!("{head}\r\n\r\n{body}").into_bytes()
}

/// The message as it is written, with its escapes read.
fn raw(message: &str) -> Vec<u8> {
    let text: String = message.lines().collect();
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = match (first, after.first()) {
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'\\')) => (b'\\', 2),
            (b'\\', Some(b'x')) => {
                let digits = after
                    .get(1..3)
                    .and_then(|digits| std::str::from_utf8(digits).ok());
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                (byte.unwrap_or(b'?'), 4)
            }
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_with_their_options() {
        let text = "# a comment\n=== one\nGET / HTTP/1.1\nHost: a\n\n=== two | to :8081 | shape | ignoring ETag, body\nPOST / HTTP/1.1\n\nabc\n";
        let found = exchanges(text).unwrap();
        assert_eq!(found[0].bytes, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(
            found[1].bytes,
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
        );
        assert_eq!((found[1].port, found[1].is_shape), (8081, true));
        assert_eq!(found[1].ignored, ["etag", "body"]);
    }

    #[test]
    fn escapes_of_raw_requests_are_read() {
        assert_eq!(
            raw(r"GET /\x00 HTTP/1.1\r\n\r\n"),
            b"GET /\0 HTTP/1.1\r\n\r\n"
        );
    }
}
