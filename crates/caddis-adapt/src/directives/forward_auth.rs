//! `forward_auth`: ask another server whether a request may go on.

use std::collections::BTreeMap;

use caddis_ir::{
    Handler, HeaderRules, Headers, MatcherSet, RequireResponse, ResponseHandler, ReverseProxy,
    Rewrite, Vars,
};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::handle_response::Answers;
use super::passed_on::pass_on;
use super::proxy_subdirectives;
use super::reverse_proxy::{self, Draft};
use crate::routes::route;
use crate::{Args, Directive, Lower, Result, Scope, Token, read, run_on};

const OPTIONS: &[&str] = &["uri", "copy_headers"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "forward_auth",
    old_names: &[],
    summary: "Ask another server whether a request may go on, by a copy of it without its body.",
    syntax: "forward_auth [<matcher>] <upstream...> { uri, copy_headers, and the options of reverse_proxy }",
    subdirectives: OPTIONS,
    examples: &[
        "forward_auth localhost:9091 {\n\turi /api/authz\n\tcopy_headers Remote-User Remote-Email>X-Email\n}",
    ],
    lower: Lower::Handler(lower),
};

const NO_URI: Code = Code("forward_auth/no-uri");

/// What only `forward_auth` has.
#[derive(Default)]
struct Own<'a> {
    uri: Option<&'a Token>,
    /// The field that is copied, and the name that it gets.
    copies: BTreeMap<&'a str, &'a str>,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let takes = [proxy_subdirectives::TAKES, &[("uri", 1)]].concat();
    let known = [proxy_subdirectives::OPTIONS, OPTIONS].concat();
    let lines = run_on::lines(args.options(), &takes, &known);
    let mut own = Own::default();
    let mut passed_on = Vec::new();
    for line in lines.iter() {
        match line.name().text() {
            "uri" => own.uri(line, args)?,
            "copy_headers" => own.copy_headers(line)?,
            _ => passed_on.push(pass_on(line, OPTIONS, args)?),
        }
    }
    let uri = own.uri.map(Token::text).filter(|uri| !uri.is_empty());
    let uri = uri.ok_or_else(|| no_uri(args))?;
    let mut answers = Answers::default();
    answers.first(copied(&own.copies), args.span());
    let draft = Draft::of(asking(uri));
    let proxy = reverse_proxy::read(args, &passed_on, draft, answers, scope)?;
    Ok(Handler::ReverseProxy(Box::new(proxy)))
}

impl<'a> Own<'a> {
    fn uri(&mut self, line: &'a Line, of: &Args<'_>) -> Result<()> {
        let uri = Args::new(line, "uri <path>").only("a path")?;
        if self.uri.is_some_and(|uri| !uri.text().is_empty()) {
            let caddys = format!("cannot re-declare uri: {}", uri.text());
            return Err(of.twice(line.name()).caddys(caddys));
        }
        self.uri = Some(uri);
        Ok(())
    }

    fn copy_headers(&mut self, line: &'a Line) -> Result<()> {
        let mut args = Args::new(line, "copy_headers <field>[><name>]...");
        let on_line = args.rest();
        let in_block = args.options().iter().flat_map(|line| &line.words);
        let fields: Vec<_> = on_line.iter().chain(in_block).collect();
        // Caddy takes the brace of a block that follows fields and is empty for a word.
        let has_lines = line
            .block
            .as_ref()
            .is_none_or(|block| !block.lines.is_empty());
        if fields.is_empty() || !has_lines {
            return Err(args.with_usage(args.missing("a header field")));
        }
        for field in fields {
            let mut parts = field.text().split('>');
            let from = parts.next().unwrap_or_default();
            self.copies.insert(from, parts.next().unwrap_or(from));
        }
        Ok(())
    }
}

fn no_uri(args: &Args<'_>) -> Diagnostic {
    let message = "`forward_auth` needs `uri`";
    let error = Diagnostic::error(NO_URI, args.span(), message);
    error.help("write where to ask: `uri /api/authz`")
}

/// The request as the other server gets it: a `GET`, with what was asked for in its header.
fn asking(uri: &str) -> ReverseProxy {
    let mut rules = HeaderRules::default();
    for (field, value) in [
        ("X-Forwarded-Method", "{http.request.method}"),
        ("X-Forwarded-Uri", "{http.request.uri}"),
    ] {
        rules.set.insert(field.into(), vec![value.into()]);
    }
    let mut proxy = ReverseProxy {
        rewrite: Some(Rewrite {
            method: "GET".into(),
            uri: uri.into(),
            ..Rewrite::default()
        }),
        ..ReverseProxy::default()
    };
    proxy.headers.get_or_insert_default().request = Some(rules);
    proxy
}

/// An answer of 2xx lets the request go on, with header fields of the answer in its own.
fn copied(copies: &BTreeMap<&str, &str>) -> ResponseHandler {
    // Without a handler the other server's answer would be sent; one that does nothing is enough.
    let mut routes = vec![route(None, Handler::Vars(Vars::default()))];
    for (from, to) in copies {
        let value = format!(
            "{{http.reverse_proxy.header.{}}}",
            read::canonical_header(from)
        );
        let to = read::canonical_header(to);
        let mut drop = HeaderRules::default();
        drop.delete.push(to.clone());
        let mut set = HeaderRules::default();
        set.set.insert(to, vec![value.clone()]);
        routes.push(route(None, edit(drop)));
        routes.push(route(Some(has(value)), edit(set)));
    }
    ResponseHandler {
        require: Some(RequireResponse {
            status_code: vec![2],
            ..RequireResponse::default()
        }),
        status_code: None,
        routes,
    }
}

fn edit(rules: HeaderRules) -> Handler {
    Handler::Headers(Headers {
        request: Some(rules),
        response: None,
    })
}

/// The placeholder is filled by something.
fn has(placeholder: String) -> MatcherSet {
    let empty = MatcherSet {
        vars: Some(BTreeMap::from([(placeholder, vec![String::new()])])),
        ..MatcherSet::default()
    };
    MatcherSet {
        not: Some(vec![empty]),
        ..MatcherSet::default()
    }
}
