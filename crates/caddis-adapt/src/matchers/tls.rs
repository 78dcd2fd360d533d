//! `tls`: requests over TLS, or those that came as early data.

use caddis_ir::MatcherSet;
use caddis_source::Code;

use crate::{Args, Matcher, Result, Scope};

const NOT_EARLY_DATA: Code = Code("tls/not-early-data");

pub(super) const MATCHER: Matcher = Matcher {
    name: "tls",
    summary: "Requests over TLS; with `early_data`, those that came before the handshake was complete.",
    syntax: "tls [early_data]",
    subdirectives: &[],
    examples: &["tls", "tls early_data"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let tls = set.tls.get_or_insert_default();
    if let Some(word) = args.optional() {
        if word.text() != "early_data" {
            let message = format!("`tls` does not take `{}`", word.text());
            return Err(args.with_usage(
                word.error(NOT_EARLY_DATA, message)
                    .label("expected `early_data`"),
            ));
        }
        tls.handshake_complete = Some(false);
    }
    args.finish_but_for_empty_block()
}
