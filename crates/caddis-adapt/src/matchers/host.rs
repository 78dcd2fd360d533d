//! `host`: requests for these hosts.

use caddis_ir::MatcherSet;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "host",
    summary: "Requests for these hosts.",
    syntax: "host <host...>",
    subdirectives: &[],
    examples: &["host a.test *.b.test"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let hosts = args.rest().iter().map(|token| token.text().into());
    set.host.get_or_insert_default().extend(hosts);
    args.finish_but_for_empty_block()
}
