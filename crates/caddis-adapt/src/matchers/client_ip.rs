//! `client_ip`: requests from these addresses, of the client, behind trusted proxies.

use caddis_ir::MatcherSet;

use super::ip_ranges;
use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "client_ip",
    summary: "Requests from these addresses, of the client, behind trusted proxies.",
    syntax: "client_ip <address or prefix...> | private_ranges",
    subdirectives: &[],
    examples: &["client_ip private_ranges 203.0.113.0/24"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let ranges = &mut set.client_ip.get_or_insert_default().ranges;
    for token in args.rest() {
        ip_ranges::add(token, ranges);
    }
    args.finish_but_for_empty_block()
}
