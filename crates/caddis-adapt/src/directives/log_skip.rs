//! `log_skip`: requests without an access log.

use std::collections::BTreeMap;

use caddis_ir::{Handler, Vars};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log_skip",
    old_names: &["skip_log"],
    summary: "Leave requests out of the access log.",
    syntax: "log_skip [<matcher>]",
    subdirectives: &[],
    examples: &["log_skip /health"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    args.only_a_matcher()?;
    args.finish_but_for_empty_block()?;
    let vars = [("log_skip".to_owned(), true.into())];
    Ok(Handler::Vars(Vars(BTreeMap::from(vars))))
}
