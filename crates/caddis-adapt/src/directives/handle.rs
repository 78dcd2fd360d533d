//! `handle`: routes of which only the first that matches is taken.

use caddis_ir::Handler;

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "handle",
    old_names: &[],
    summary: "Routes for some requests; of several `handle` only the first that matches is taken.",
    syntax: "handle [<matcher>] { <directive>... }",
    subdirectives: &[],
    examples: &["handle /api/* {\n\treverse_proxy localhost:9000\n}"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    args.no_more()?;
    Ok(Handler::Subroute(scope.sorted_routes(args.options())))
}
