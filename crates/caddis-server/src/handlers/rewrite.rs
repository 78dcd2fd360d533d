//! `rewrite`: change the URL for the handlers after it.

use std::borrow::Cow;

use caddis_ir::{Path, Rewrite};
use http::{Method, StatusCode, Uri};

use super::rewrite_path::{InPath, InTarget, strip_prefix, strip_suffix};
use super::rewrite_query::QueryChanges;
use crate::builder::Builder;
use crate::matchers::file;
use crate::placeholders::{QueryTemplate, Template, Values};
use crate::uri;
use crate::{Context, Edit, HandlerError, Node, Request, Result};

/// A prepared rewrite.
struct Rewriting {
    method: Option<Template>,
    path: Option<Template>,
    query: Option<QueryTemplate>,
    /// The target ends in `?`: a query that a placeholder put into the path becomes the query.
    takes_query_of_path: bool,
    /// What is taken away from the path, first at its start.
    strip: Vec<(Template, Strip)>,
    substrings: Vec<InTarget>,
    expressions: Vec<InPath>,
    query_changes: Option<QueryChanges>,
}

/// Takes something away from an escaped path.
type Strip = fn(&[u8], &[u8]) -> Vec<u8>;

/// Prepares a rewrite.
pub(crate) fn build(config: &Rewrite, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    // Nothing after `#` reaches a server.
    let (target, _) = config.uri.split_once('#').unwrap_or((&config.uri, ""));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let at_uri = at.key("uri");
    // The path that is there goes into the new one as it is escaped: decoding must not happen twice.
    let path = path.replace("{http.request.uri.path}", "{http.request.uri.path_as_sent}");
    // Neither must that of the name of a file.
    let path = path.replace(file::RELATIVE, file::RELATIVE_ESCAPED);
    let mut text = |text: &str, at: &Path| {
        let text = (!text.is_empty()).then_some(text)?;
        Some(builder.template(text, at))
    };
    let prefix = text(&config.strip_path_prefix, &at.key("strip_path_prefix"));
    let prefix = prefix.map(|template| (template, strip_prefix as Strip));
    let suffix = text(&config.strip_path_suffix, &at.key("strip_path_suffix"));
    let suffix = suffix.map(|template| (template, strip_suffix as Strip));
    let (at_substrings, at_expressions) = (at.key("uri_substring"), at.key("path_regexp"));
    let rewriting = Rewriting {
        method: text(&config.method, &at.key("method")),
        path: text(&path, &at_uri),
        strip: prefix.into_iter().chain(suffix).collect(),
        query: query.map(|query| QueryTemplate::build(query, &at_uri, builder)),
        takes_query_of_path: query == Some(""),
        substrings: (config.uri_substring.iter().enumerate())
            .filter_map(|(index, rule)| InTarget::build(rule, &at_substrings.index(index), builder))
            .collect(),
        expressions: (config.path_regexp.iter().enumerate())
            .filter_map(|(index, rule)| InPath::build(rule, &at_expressions.index(index), builder))
            .collect(),
        query_changes: (config.query.as_ref())
            .map(|changes| QueryChanges::build(changes, &at.key("query"), builder)),
    };
    Node::edit(rewriting, next)
}

impl Edit for Rewriting {
    fn edit(&self, request: &mut Request) -> Result<()> {
        if let Some(method) = &self.method {
            let name = method.fill(&Values::of(request)).to_ascii_uppercase();
            if !name.is_empty() {
                *request.method_mut() = Method::from_bytes(&name).map_err(bad_request)?;
            }
        }
        let before = request.uri().clone();
        let target = self.target(&before, request).map_err(bad_request)?;
        if target != before {
            Context::of(request).notes().rewritten = Some(target.clone());
            *request.uri_mut() = target;
        }
        Ok(())
    }
}

impl Rewriting {
    fn target(&self, before: &Uri, request: &Request) -> Result<Uri, http::uri::InvalidUri> {
        let values = Values::of(request);
        let (mut path, mut query) = self.renewed(before, &values);
        // Placeholders see the target as it is after the steps before.
        let step = |path: &[u8], query: &Option<Vec<u8>>| uri::join(path, query.as_deref());
        for (template, strip) in &self.strip {
            path = if let Some(text) = template.constant() {
                strip(&path, text.as_bytes())
            } else {
                let now = step(&path, &query)?;
                strip(&path, &template.fill(&values.at(&now)))
            };
        }
        for replacement in &self.substrings {
            let now = step(&path, &query)?;
            replacement.apply(&mut path, &mut query, &values.at(&now));
        }
        for replacement in &self.expressions {
            let now = step(&path, &query)?;
            replacement.apply(&mut path, &values.at(&now));
        }
        if let Some(changes) = &self.query_changes {
            let now = step(&path, &query)?;
            let changed = changes.apply(query.as_deref().unwrap_or_default(), &values.at(&now));
            query = Some(changed).filter(|query| !query.is_empty());
        }
        step(&path, &query.filter(|query| !query.is_empty()))
    }

    /// The new path, escaped, and the new query.
    fn renewed(&self, before: &Uri, values: &Values<'_>) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut path = before.path().as_bytes().to_vec();
        let mut query_of_path = None;
        if let Some(template) = &self.path {
            let filled = template.fill(values);
            let end = memchr::memchr(b'?', &filled);
            let (new, rest) = filled.split_at(end.unwrap_or(filled.len()));
            query_of_path = rest.get(1..).map(without_braces);
            path = escaped_anew(new);
        }
        let query = match &self.query {
            Some(_) if self.takes_query_of_path => query_of_path,
            Some(template) => Some(template.fill(values)),
            None => before.query().map(|query| query.as_bytes().to_vec()),
        };
        (path, query.filter(|query| !query.is_empty()))
    }
}

/// A query that came with a value: nothing in it is a placeholder.
fn without_braces(query: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(query.len());
    for &byte in query {
        if matches!(byte, b'{' | b'}') {
            uri::escape_byte(byte, &mut out);
        } else {
            out.push(byte);
        }
    }
    out
}

/// A new path, in the escaping that Go gives it.
fn escaped_anew(new: &[u8]) -> Vec<u8> {
    let decoded: Cow<'_, [u8]> = if uri::is_well_escaped(new) {
        percent_encoding::percent_decode(new).into()
    } else {
        new.into()
    };
    let mut out = Vec::with_capacity(decoded.len());
    uri::path_escape(&decoded, &mut out);
    out
}

fn bad_request(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> HandlerError {
    HandlerError::status(StatusCode::BAD_REQUEST).because(error)
}

#[cfg(test)]
mod tests {
    use caddis_ir::{Handler, Rewrite, StaticResponse};

    use crate::testing::{request, route, serve_routes};

    /// Method and target after a rewrite, of a request with the header `Q`.
    async fn rewritten(rewrite: Rewrite, path: &str) -> String {
        let body = "{http.request.method} {http.request.uri}";
        let body = StaticResponse::default().body(body);
        let server = serve_routes(vec![route(
            None,
            vec![Handler::Rewrite(rewrite), body.into()],
        )]);
        let mut request = request(path);
        let q = "a b?c&d{http.request.method}%2f".parse().unwrap();
        request.headers_mut().insert("Q", q);
        server.ask(request).await.unwrap().text().to_owned()
    }

    async fn check(cases: &[(&str, &str, &str)], rewrite: impl Fn(String) -> Rewrite) {
        for (setting, path, expected) in cases {
            let found = rewritten(rewrite((*setting).into()), path).await;
            assert_eq!(found, format!("GET {expected}"), "{setting} {path}");
        }
    }

    #[tokio::test]
    async fn a_method_is_written_in_capitals() {
        let method = |method: &str| Rewrite {
            method: method.into(),
            ..Rewrite::default()
        };
        assert_eq!(rewritten(method("post"), "/o").await, "POST /o");
        assert_eq!(
            rewritten(method("{http.request.uri.query.m}"), "/?m=put").await,
            "PUT /?m=put"
        );
    }

    /// Recorded from Caddy 2.11.4.
    #[tokio::test]
    async fn a_target_is_rewritten_as_in_caddy() {
        let cases = [
            ("/new", "/o?k=v", "/new?k=v"),
            ("/new?x=1", "/o?k=v&a=1", "/new?x=1"),
            ("/new?", "/o?k=v&a=1", "/new"),
            ("?b=2", "/o?k=v&a=1", "/o?b=2"),
            ("?{http.request.uri.query}&b=2", "/o?k=v", "/o?k=v&b=2"),
            ("?{http.request.uri.query}&b=2", "/o", "/o?b=2"),
            (
                "?{http.request.uri.query}&b=2",
                "/o?a=%41&a=%2B",
                "/o?a=%41&a=%2B&b=2",
            ),
            ("/x?b=2&{http.request.uri.query}", "/o?k=v", "/x?b=2&k=v"),
            ("/x?b=2&{http.request.uri.query}", "/o", "/x?b=2"),
            ("/pre{http.request.uri}", "/o?k=v", "/pre/o?k=v"),
            ("/pre{http.request.uri}", "/a%2Fb?x=y", "/pre/a/b?x=y"),
            (
                "/pre{http.request.uri.path}",
                "/a%2Fb%20c?x=y",
                "/pre/a/b%20c?x=y",
            ),
            (
                "{http.request.uri.path}/x",
                "/a%2Fb%3fc?x=y",
                "/a/b%3Fc/x?x=y",
            ),
            (
                "{http.request.uri.path}?{http.request.uri.query}&z={http.request.header.Q}",
                "/o?k=v",
                "/o?k=v&z=a+b%3Fc%26d%7Bhttp.request.method%7D%252f",
            ),
            ("/a%2Fb c", "/o?k=v&a=1", "/a/b%20c?k=v&a=1"),
            ("/a#f?x", "/o?k=v&a=1", "/a?k=v&a=1"),
            ("/a{http.request.header.Q}", "/o?k=v&a=1", "/aa%20b?k=v&a=1"),
        ];
        check(&cases, |uri| Rewrite {
            uri,
            ..Rewrite::default()
        })
        .await;
    }

    /// Recorded from Caddy 2.11.4, which leaves `bar` of `/foobar` without a slash: that is no target.
    #[tokio::test]
    async fn a_prefix_is_stripped_as_in_caddy() {
        let cases = [
            ("/foo", "/foo", "/"),
            ("/foo", "/foo/", "/"),
            ("/foo", "/foo/bar?q", "/bar?q"),
            ("/foo", "/foobar", "/bar"),
            ("/foo", "/FOO/bar", "/bar"),
            ("/foo", "/f%6fo/bar", "/bar"),
            ("/foo", "//foo/bar", "/bar"),
            ("/foo", "/x", "/x"),
            ("/foo", "/foo//bar", "/bar"),
            ("/foo", "/foo/%2e%2e/x", "/%2e%2e/x"),
            ("/foo/", "/foo/x", "/x"),
            ("/foo/", "/foo", "/foo"),
            ("foo", "/foo/x", "/x"),
            ("/a%2fb", "/a%2fb/c", "/c"),
            ("/a%2fb", "/a%2Fb/c", "/c"),
            ("/a%2fb", "/a/b/c", "/a/b/c"),
            ("/a/b", "/a%2fb/c", "/c"),
            ("/a/b", "/a//b/c", "/c"),
            ("//foo", "//foo/x", "/x"),
            ("//foo", "/foo/x", "/foo/x"),
        ];
        check(&cases, |strip_path_prefix| Rewrite {
            strip_path_prefix,
            ..Rewrite::default()
        })
        .await;
    }

    /// Recorded from Caddy 2.11.4.
    #[tokio::test]
    async fn a_suffix_is_stripped_as_in_caddy() {
        let cases = [
            ("bar", "/foo/bar", "/foo/"),
            ("bar", "/bar?q", "/?q"),
            ("bar", "/x/b%61r", "/x/b%61r"),
            ("bar", "/BAR", "/"),
            (".html", "/x.html", "/x"),
            (".html", "/x%2ehtml", "/x%2ehtml"),
            ("/b", "/a%2fb", "/a%2fb"),
            ("/b", "/a/b", "/a"),
            ("%2fb", "/a%2fb", "/a"),
            ("%2fb", "/a%2Fb", "/a"),
            ("%2fb", "/a/b", "/a/b"),
        ];
        check(&cases, |strip_path_suffix| Rewrite {
            strip_path_suffix,
            ..Rewrite::default()
        })
        .await;
    }

    #[tokio::test]
    async fn the_original_target_stays_known() {
        let rewrite = Handler::Rewrite(Rewrite {
            uri: "/new?x=1".into(),
            ..Rewrite::default()
        });
        let body = StaticResponse::default().body("{http.request.orig_uri}");
        let server = serve_routes(vec![route(None, vec![rewrite, body.into()])]);
        assert_eq!(server.get("/o?k=v").await.text(), "/o?k=v");
    }
}
