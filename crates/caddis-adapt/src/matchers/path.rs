//! `path`: requests for these paths.

use caddis_ir::MatcherSet;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "path",
    summary: "Requests for these paths.",
    syntax: "path <path...>",
    subdirectives: &[],
    examples: &["path /api/* *.php"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let paths = args.rest().iter().map(|token| token.text().into());
    set.path.get_or_insert_default().extend(paths);
    args.finish_but_for_empty_block()
}
