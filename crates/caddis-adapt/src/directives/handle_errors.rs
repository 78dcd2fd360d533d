//! `handle_errors`: routes that answer requests which failed.

use caddis_ir::{Expression, Handler, MatcherSet, Route};
use caddis_source::{Code, Diagnostic};

use crate::{Args, Directive, Item, Lower, Result, Scope, Token};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "handle_errors",
    old_names: &[],
    summary: "Routes that answer requests which failed, for all statuses or for some.",
    syntax: "handle_errors [<status or class...>] { <directive>... }",
    subdirectives: &[],
    examples: &[
        "handle_errors 404 410 {\n\trespond \"nothing here\" 404\n}",
        "handle_errors 5xx {\n\trespond \"{err.status_code} {err.status_text}\"\n}",
        "handle_errors {\n\trespond \"{err.status_text}\"\n}",
    ],
    lower: Lower::Items(lower),
};

const NOT_A_STATUS: Code = Code("handle_errors/not-a-status");
const STATUS: &str = "{http.error.status_code}";

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let statuses = args.rest();
    let matchers = match statuses {
        [] => Vec::new(),
        some => vec![for_statuses(some)?],
    };
    let routes = scope.sorted_routes(args.options());
    Ok(vec![Item::ErrorRoute(Route {
        matchers,
        handle: vec![Handler::Subroute(routes)],
        ..Route::default()
    })])
}

/// Caddy asks for statuses by an expression: classes first, then single ones.
fn for_statuses(statuses: &[Token]) -> Result<MatcherSet> {
    let mut parts = Vec::new();
    let mut single = Vec::new();
    for token in statuses {
        match status(token)? {
            Status::Class(digit) => {
                parts.push(format!("{STATUS} >= {digit}00 && {STATUS} <= {digit}99"));
            }
            Status::Single(code) => single.push(code),
        }
    }
    if !single.is_empty() {
        parts.push(format!("{STATUS} in [{}]", single.join(", ")));
    }
    Ok(MatcherSet {
        expression: Some(Expression {
            expr: parts.join(" || "),
            name: String::new(),
        }),
        ..MatcherSet::default()
    })
}

/// A status as it is written: Caddy keeps zeros and signs.
enum Status<'a> {
    Class(char),
    Single(&'a str),
}

fn status(token: &Token) -> Result<Status<'_>> {
    let text = token.text();
    if text.len() != 3 {
        return Err(not_a_status(token));
    }
    let class = text.strip_suffix("xx").map(str::parse::<u8>);
    match (class, text.parse::<i16>()) {
        (Some(Ok(_)), _) => Ok(Status::Class(text.chars().next().unwrap_or_default())),
        (None, Ok(_)) => Ok(Status::Single(text)),
        (Some(Err(_)), _) | (None, Err(_)) => Err(not_a_status(token)),
    }
}

fn not_a_status(token: &Token) -> Diagnostic {
    let text = token.text();
    let error = token
        .error(NOT_A_STATUS, format!("`{text}` is not a status or class"))
        .label("expected three digits, or a digit and `xx`");
    if text.starts_with(['/', '@', '*']) {
        return error
            .help("`handle_errors` takes no matcher; write it in the block, before a directive");
    }
    error.help("write a status such as `404`, or a class such as `4xx`")
}
