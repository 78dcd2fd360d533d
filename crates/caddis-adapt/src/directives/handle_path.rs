//! `handle_path`: `handle` with the matched prefix taken off the path.

use caddis_ir::{Handler, MatcherSet, Rewrite, Route};
use caddis_source::{Code, Diagnostic};

use crate::{Args, Directive, Item, Lower, Result, Scope, Token};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "handle_path",
    old_names: &[],
    summary: "Routes for the paths with a prefix, which is taken off before they see the request.",
    syntax: "handle_path <path> { <directive>... }",
    subdirectives: &[],
    examples: &["handle_path /api/* {\n\treverse_proxy localhost:9000\n}"],
    lower: Lower::Items(lower),
};

const NOT_A_PATH: Code = Code("handle_path/not-a-path");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let path = args.required("a path")?;
    if !path.text().starts_with('/') {
        return Err(args.with_usage(not_a_path(path)));
    }
    args.no_more()?;
    let mut routes = scope.sorted_routes(args.options());
    let strip = Handler::Rewrite(Rewrite {
        strip_path_prefix: prefix(path.text()).into(),
        ..Rewrite::default()
    });
    routes.routes.insert(
        0,
        Route {
            handle: vec![strip],
            ..Route::default()
        },
    );
    let matcher = MatcherSet {
        path: Some(vec![path.text().into()]),
        ..MatcherSet::default()
    };
    Ok(vec![Item::Route(Route {
        matchers: vec![matcher],
        handle: vec![Handler::Subroute(routes)],
        ..Route::default()
    })])
}

/// `/api/*` and `/api*` take off `/api`.
fn prefix(path: &str) -> &str {
    let without_star = path.strip_suffix('*');
    without_star.map_or(path, |path| path.strip_suffix('/').unwrap_or(path))
}

fn not_a_path(token: &Token) -> Diagnostic {
    let error = token
        .error(
            NOT_A_PATH,
            format!("`{}` is not a path with a prefix", token.text()),
        )
        .label("expected a path that starts with `/`");
    if token.text().starts_with('@') {
        error.help("to match in another way, write `handle` and, in it, `uri strip_prefix`")
    } else {
        error
    }
}
