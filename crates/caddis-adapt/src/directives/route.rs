//! `route`: directives in the order in which they are written.

use caddis_ir::Handler;

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "route",
    old_names: &[],
    summary: "Directives in the order in which they are written, not in Caddy's.",
    syntax: "route [<matcher>] { <directive>... }",
    subdirectives: &[],
    examples: &["route {\n\trespond /health OK\n\treverse_proxy localhost:9000\n}"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    args.no_more()?;
    Ok(Handler::Subroute(scope.routes_as_written(args.options())))
}
