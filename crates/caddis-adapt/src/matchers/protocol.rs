//! `protocol`: requests over this protocol.

use caddis_ir::MatcherSet;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "protocol",
    summary: "Requests over this protocol.",
    syntax: "protocol http | https | grpc | http/<version>[+]",
    subdirectives: &[],
    examples: &["protocol https", "protocol http/2+"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let protocol = args.required("a protocol")?;
    args.finish_but_for_empty_block()?;
    set.protocol = Some(protocol.text().into());
    Ok(())
}
