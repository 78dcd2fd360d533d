//! `redir`: answer with a redirect.

use caddis_ir::{Handler, StaticResponse, StatusCode};
use caddis_source::{Code, Diagnostic};

use crate::{Args, Directive, Lower, Result, Scope, Token, read};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "redir",
    old_names: &[],
    summary: "Redirect the client to another URL.",
    syntax: "redir [<matcher>] <to> [<code> | permanent | temporary | html]",
    subdirectives: &[],
    examples: &["redir /old /new permanent", "redir https://b.test{uri}"],
    lower: Lower::Handler(lower),
};

const NOT_A_REDIRECT: Code = Code("redir/not-a-redirect");

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let to = args.optional().ok_or_else(|| no_target(args))?.text();
    let status = match args.optional() {
        None => 302.into(),
        Some(code) => match code.text() {
            "" | "temporary" => 302.into(),
            "permanent" => 301.into(),
            "html" => return Ok(html_page(to).into()),
            _ => redirect_status(code)?,
        },
    };
    Ok(StaticResponse::status(status).header("Location", to).into())
}

/// The mistake that everyone makes once: the only argument is a path, which is a matcher.
fn no_target(args: &Args<'_>) -> Diagnostic {
    let error = args.missing("a target");
    let error = match args.path_matcher() {
        None => error,
        Some(path) => error.help(format!(
            "to redirect every request, write `redir * {}`",
            path.text()
        )),
    };
    args.with_usage(error)
}

/// Takes 3xx, and 401: scripts follow a 3xx unseen, so login pages hand them a 401 instead.
fn redirect_status(token: &Token) -> Result<StatusCode> {
    let status = read::status(token).map_err(|error| {
        error.help("write `permanent`, `temporary`, `html` or a number such as 301")
    })?;
    match status {
        StatusCode::Placeholder(text) if !text.starts_with('{') => Err(token
            .error(NOT_A_REDIRECT, format!("`{text}` is not a redirect status"))
            .label("expected 3xx, 401 or a placeholder")
            .help("write 301 (permanent) or 302 (temporary); put a target with spaces in quotes")),
        StatusCode::Fixed(code) if !matches!(code, 300..=399 | 401) => Err(token
            .error(NOT_A_REDIRECT, format!("{code} is not a redirect status"))
            .label("expected 3xx or 401")
            .help("write 301 (permanent) or 302 (temporary)")),
        status => Ok(status),
    }
}

/// Moves browsers along and leaves other clients, which do not run the page, where they are.
fn html_page(to: &str) -> StaticResponse {
    let body = include_str!("redir.html").replace("{to}", &escaped(to));
    StaticResponse::status(200)
        .header("Content-Type", "text/html; charset=utf-8")
        .body(body)
}

/// The text as it stands in an attribute of HTML.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '\'' => html.push_str("&#39;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&#34;"),
            c => html.push(c),
        }
    }
    html
}
