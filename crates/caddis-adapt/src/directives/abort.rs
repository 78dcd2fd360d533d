//! `abort`: close the connection without an answer.

use caddis_ir::{Handler, StaticResponse};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "abort",
    old_names: &[],
    summary: "Close the connection without an answer.",
    syntax: "abort [<matcher>]",
    subdirectives: &[],
    examples: &["abort", "abort /private/*"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    args.finish()?;
    let response = StaticResponse {
        abort: true,
        ..StaticResponse::default()
    };
    Ok(response.into())
}
