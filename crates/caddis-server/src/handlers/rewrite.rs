//! `rewrite`: change the URL for the handlers after it.

use std::borrow::Cow;

use caddis_ir::{Path, Rewrite};
use http::{Method, StatusCode};

use crate::build::Builder;
use crate::matchers::file;
use crate::placeholders::{QueryTemplate, Template, Values};
use crate::uri::{self, Slashes};
use crate::{Context, Edit, HandlerError, Node, Request, Result};

/// A prepared rewrite.
struct Rewriting {
    method: Option<Template>,
    path: Option<Template>,
    query: Option<QueryTemplate>,
    strip_prefix: Option<Template>,
    strip_suffix: Option<Template>,
}

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
    let rewriting = Rewriting {
        method: text(&config.method, &at.key("method")),
        path: text(&path, &at_uri),
        strip_prefix: text(&config.strip_path_prefix, &at.key("strip_path_prefix")),
        strip_suffix: text(&config.strip_path_suffix, &at.key("strip_path_suffix")),
        query: query.map(|query| QueryTemplate::build(query, &at_uri, builder)),
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
        let values = Values::of(request);
        let mut path = Cow::Borrowed(before.path().as_bytes());
        if let Some(template) = &self.path {
            let filled = template.fill(&values);
            let end = memchr::memchr(b'?', &filled).unwrap_or(filled.len());
            path = renewed(&before, filled.get(..end).unwrap_or_default()).into();
        }
        let query = match &self.query {
            Some(template) => Some(template.fill(&values)).filter(|query| !query.is_empty()),
            None => before.query().map(|query| query.as_bytes().to_vec()),
        };
        if let Some(template) = &self.strip_prefix {
            path = strip_prefix(&path, &template.fill(&values)).into();
        }
        if let Some(template) = &self.strip_suffix {
            path = strip_suffix(&path, &template.fill(&values)).into();
        }
        let target = uri::join(&path, query.as_deref()).map_err(bad_request)?;
        if target != before {
            Context::of(request).notes().rewritten = Some(target.clone());
            *request.uri_mut() = target;
        }
        Ok(())
    }
}

/// A new path, in the escaping that Go gives it; one that decodes to the old path keeps the old escaping.
fn renewed(before: &http::Uri, new: &[u8]) -> Vec<u8> {
    let decoded: Cow<'_, [u8]> = if uri::is_well_escaped(new) {
        percent_encoding::percent_decode(new).into()
    } else {
        new.into()
    };
    if decoded == uri::decoded_path(before) {
        return before.path().as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(decoded.len());
    uri::path_escape(&decoded, &mut out);
    out
}

fn bad_request(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> HandlerError {
    HandlerError::status(StatusCode::BAD_REQUEST).because(error)
}

/// Takes a prefix away: whatever the case of its letters, and an escape in the path is what it stands for unless
/// the prefix has the escape too.
fn strip_prefix(path: &[u8], prefix: &[u8]) -> Vec<u8> {
    let prefix: Cow<'_, [u8]> = if prefix.starts_with(b"/") {
        prefix.into()
    } else {
        [b"/", prefix].concat().into()
    };
    let path = uri::clean(path.into(), slashes_of(&prefix));
    let mut rest: &[u8] = &path;
    for &wanted in prefix.iter() {
        let (unit, after) = uri::unit(rest);
        let decodes = unit.len() > 1 && wanted != b'%';
        let found = if decodes {
            percent_encoding::percent_decode(unit).next()
        } else {
            rest.first().copied()
        };
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(&wanted)) {
            return path.into_owned();
        }
        rest = if decodes {
            after
        } else {
            rest.get(1..).unwrap_or_default()
        };
    }
    rest.to_vec()
}

fn strip_suffix(path: &[u8], suffix: &[u8]) -> Vec<u8> {
    let path = uri::clean(path.into(), slashes_of(suffix));
    let (kept, end) = path.split_at(path.len().saturating_sub(suffix.len()));
    if end.eq_ignore_ascii_case(suffix) {
        return kept.to_vec();
    }
    path.into_owned()
}

fn slashes_of(text: &[u8]) -> Slashes {
    if text.windows(2).any(|pair| pair == b"//") {
        Slashes::Kept
    } else {
        Slashes::Merged
    }
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
