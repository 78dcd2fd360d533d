//! `remote_ip`: requests from these addresses, of the address that is connected.

use caddis_ir::MatcherSet;
use caddis_source::Code;

use super::ip_ranges;
use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "remote_ip",
    summary: "Requests from these addresses, of the address that is connected.",
    syntax: "remote_ip <address or prefix...> | private_ranges",
    subdirectives: &[],
    examples: &["remote_ip private_ranges 203.0.113.0/24"],
    lower,
};

const FORWARDED: Code = Code("remote_ip/forwarded");

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let ranges = &mut set.remote_ip.get_or_insert_default().ranges;
    for token in args.rest() {
        if token.text() == "forwarded" {
            return Err(token
                .error(FORWARDED, "`remote_ip` does not take `forwarded` any more")
                .help("write `client_ip` in place of `remote_ip forwarded`"));
        }
        ip_ranges::add(token, ranges);
    }
    args.finish_but_for_empty_block()
}
