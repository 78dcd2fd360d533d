//! `uri`: take something off the path for what comes after.

use caddis_ir::{Handler, Rewrite};
use caddis_source::{Code, Diagnostic, suggest};

use crate::{Args, Directive, Lower, Result, Scope, Token};

/// Every way in which Caddy changes a URL.
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
    summary: "Take a prefix or suffix off the path for what comes after.",
    syntax: "uri [<matcher>] strip_prefix | strip_suffix <text>",
    subdirectives: &[],
    examples: &["uri strip_prefix /api", "uri strip_suffix .html"],
    lower: Lower::Handler(lower),
};

const UNKNOWN: Code = Code("uri/unknown-change");
const NOT_YET: Code = Code("uri/not-yet");

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let kind = args.required("what to change")?;
    let mut rewrite = Rewrite::default();
    let place = match kind.text() {
        "strip_prefix" => &mut rewrite.strip_path_prefix,
        "strip_suffix" => &mut rewrite.strip_path_suffix,
        _ => return Err(args.with_usage(other(kind))),
    };
    *place = args.required("the text to take off")?.text().into();
    args.no_more()?;
    Ok(Handler::Rewrite(rewrite))
}

fn other(kind: &Token) -> Diagnostic {
    if KINDS.contains(&kind.text()) {
        let message = format!("caddis does not have `uri {}` of Caddy yet", kind.text());
        return kind.error(NOT_YET, message).label("not there yet");
    }
    let message = format!("`uri` cannot `{}`", kind.text());
    let error = kind.error(UNKNOWN, message);
    match suggest(kind.text(), KINDS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}
