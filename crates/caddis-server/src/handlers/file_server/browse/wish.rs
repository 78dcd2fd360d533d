//! What a client wants of a list: its form, its order, and how much of it.

use caddis_ir::Browse as Config;
use http::{HeaderMap, HeaderValue, header};
use time::OffsetDateTime;

use super::entry::Targets;
use super::order::{DIRECTIONS, Order, WORDS};
use super::read::{Form, List};
use crate::handlers::file_server::hide::Hidden;
use crate::{Context, Request, uri};

/// The settings of lists.
pub(crate) struct Browse {
    limit: usize,
    targets: Targets,
    by: Option<String>,
    direction: Option<String>,
}

/// The most files of a list if the config says nothing.
const LIMIT: usize = 10_000;

impl Browse {
    pub(crate) fn build(config: &Config) -> Self {
        // Only the first two words count, as in Caddy.
        let known = |words: &[&str]| {
            let mut given = config.sort.iter().take(2).rev();
            given.find(|word| words.contains(&word.as_str())).cloned()
        };
        Self {
            limit: match config.file_limit {
                0 => LIMIT,
                // A number below 0 is none.
                limit => usize::try_from(limit).unwrap_or(usize::MAX),
            },
            targets: if config.reveal_symlinks {
                Targets::Told
            } else {
                Targets::Kept
            },
            by: known(&WORDS),
            direction: known(&DIRECTIONS),
        }
    }

    /// The list that a request asks for, and the cookies by which its order is remembered.
    pub(crate) fn list(
        &self,
        folder: Vec<u8>,
        hidden: Hidden,
        request: &Request,
    ) -> (List, Vec<HeaderValue>) {
        let mut cookies = Vec::new();
        let mut wish = |name, configured: &Option<String>, words: &[&str], default: &str| {
            let asked = parameter(request, name).filter(|word| !word.is_empty());
            let Some(word) = asked.or_else(|| configured.clone()) else {
                return cookie(request.headers(), name).unwrap_or_else(|| default.to_owned());
            };
            if words.contains(&word.as_str()) {
                cookies.extend(remember(name, &word, request));
            }
            word
        };
        let order = Order {
            by: wish("sort", &self.by, &WORDS, "namedirfirst"),
            direction: wish("order", &self.direction, &DIRECTIONS, "asc"),
            offset: parameter(request, "offset").and_then(|number| number.parse().ok()),
            limit: parameter(request, "limit").and_then(|number| number.parse().ok()),
        };
        let path = uri::decoded_path(request.uri());
        let list = List {
            folder,
            path: String::from_utf8_lossy(&crate::files::clean(&path)).into_owned(),
            hidden,
            limit: self.limit,
            targets: self.targets,
            form: form(request.headers()),
            order,
            unless_since: since(request.headers()),
        };
        (list, cookies)
    }
}

/// The first value of a parameter.
fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = uri::query_pairs(query);
    let (_, value) = pairs.find(|(key, _)| **key == *name.as_bytes())?;
    Some(String::from_utf8_lossy(&value).into_owned())
}

/// The first value of a cookie.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        let quoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        (key == name).then(|| quoted.unwrap_or(value).to_owned())
    })
}

/// The words are our own, and can stand in a header.
fn remember(name: &str, word: &str, request: &Request) -> Option<HeaderValue> {
    let is_tls = Context::of(request).connection().tls.is_some();
    let secure = if is_tls { "; Secure" } else { "" };
    let cookie = format!("{name}={word}; HttpOnly{secure}; SameSite=Lax");
    HeaderValue::try_from(cookie).ok()
}

fn form(headers: &HeaderMap) -> Form {
    let fields = headers.get_all(header::ACCEPT).iter();
    let fields: Vec<_> = fields.map(HeaderValue::as_bytes).collect();
    let fields = fields.join(&b',').to_ascii_lowercase();
    let likes = |kind: &str| memchr::memmem::find(&fields, kind.as_bytes()).is_some();
    if likes("application/json") {
        Form::Json
    } else if likes("text/plain") {
        Form::Text
    } else {
        Form::Page
    }
}

fn since(headers: &HeaderMap) -> Option<OffsetDateTime> {
    let field = headers.get(header::IF_MODIFIED_SINCE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(field).ok()?.into())
}
