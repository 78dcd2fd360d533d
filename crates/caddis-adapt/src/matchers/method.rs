//! `method`: requests with these methods.

use caddis_ir::MatcherSet;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "method",
    summary: "Requests with these methods.",
    syntax: "method <method...>",
    subdirectives: &[],
    examples: &["method GET HEAD"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let methods = args.rest().iter().map(|token| token.text().into());
    set.method.get_or_insert_default().extend(methods);
    args.finish_but_for_empty_block()
}
