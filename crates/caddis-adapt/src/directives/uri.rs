//! `uri`: change parts of the URL for what comes after.

use caddis_ir::{Handler, Path, PathReplacement, Rewrite, TextReplacement};
use caddis_source::{Code, Diagnostic, suggest};

use super::uri_query;
use crate::{Args, Directive, Lower, Result, Scope, Token};

/// Every way in which a URL is changed.
const KINDS: &[&str] = &[
    "strip_prefix",
    "strip_suffix",
    "replace",
    "path_regexp",
    "query",
];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "uri",
    old_names: &[],
    summary: "Change parts of the URL for what comes after.",
    syntax: "uri [<matcher>] strip_prefix | strip_suffix | replace | path_regexp | query <argument>...",
    subdirectives: &[],
    examples: &[
        "uri strip_prefix /api",
        "uri strip_suffix .html",
        "uri replace /docs/ /v1/docs/",
        "uri path_regexp /{2,} /",
        "uri query -utm_source",
        "uri query {\n\tlang en\n\told>new\n}",
    ],
    lower: Lower::Handler(lower),
};

const UNKNOWN: Code = Code("uri/unknown-change");
const NOT_A_LIMIT: Code = Code("uri/not-a-limit");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let kind = args.required("what to change")?;
    let mut rewrite = Rewrite::default();
    let field = match kind.text() {
        "strip_prefix" => {
            rewrite.strip_path_prefix = text(args, "the text to take off")?;
            "strip_path_prefix"
        }
        "strip_suffix" => {
            rewrite.strip_path_suffix = text(args, "the text to take off")?;
            "strip_path_suffix"
        }
        "replace" => {
            rewrite.uri_substring = vec![text_replacement(args)?];
            "uri_substring"
        }
        "path_regexp" => {
            rewrite.path_regexp = vec![PathReplacement {
                find: text(args, "an expression")?,
                replace: text(args, "what to write in its place")?,
            }];
            "path_regexp"
        }
        "query" => {
            rewrite.query = Some(Box::new(uri_query::read(args, scope)?));
            "query"
        }
        _ => return Err(args.with_usage(other(kind))),
    };
    args.no_more()?;
    scope.origin(&Path::root().key(field), args.span());
    Ok(Handler::Rewrite(rewrite))
}

fn text(args: &mut Args<'_>, what: &str) -> Result<String> {
    Ok(args.required(what)?.text().into())
}

fn text_replacement(args: &mut Args<'_>) -> Result<TextReplacement> {
    Ok(TextReplacement {
        find: text(args, "the text to replace")?,
        replace: text(args, "what to write in its place")?,
        limit: args.optional().map_or(Ok(0), limit)?,
    })
}

fn limit(token: &Token) -> Result<i64> {
    // An unset variable leaves an empty word behind, which Caddy takes for no limit.
    let text = token.text();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        token
            .error(NOT_A_LIMIT, format!("`{text}` is not a number"))
            .label("expected how often to replace at most")
            .help("put text with spaces in quotes")
    })
}

fn other(kind: &Token) -> Diagnostic {
    let message = format!("`uri` cannot `{}`", kind.text());
    let error = kind.error(UNKNOWN, message);
    match suggest(kind.text(), KINDS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}
