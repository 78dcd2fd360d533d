//! `invoke`: run a named route.

use caddis_ir::{Handler, Invoke};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "invoke",
    old_names: &[],
    summary: "Run a named route, `&(name) { … }`.",
    syntax: "invoke [<matcher>] <name>",
    subdirectives: &[],
    examples: &["invoke /api/* example"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let name = args.only("the name of a named route")?;
    scope.invoke(name);
    Ok(Handler::Invoke(Invoke {
        name: name.text().into(),
    }))
}
