//! `method`: change the request's method for what comes after.

use caddis_ir::{Handler, Rewrite};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "method",
    old_names: &[],
    summary: "Change the request's method for what comes after.",
    syntax: "method [<matcher>] <method>",
    subdirectives: &[],
    examples: &["method /search POST"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let method = args.required("a method")?;
    args.no_more()?;
    Ok(Handler::Rewrite(Rewrite {
        method: method.text().into(),
        ..Rewrite::default()
    }))
}
