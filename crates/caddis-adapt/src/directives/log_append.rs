//! `log_append`: add a field to the access log.

use caddis_ir::{Handler, LogAppend};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log_append",
    old_names: &[],
    summary: "Add a field to the access log; with `<`, its value before the request is handled.",
    syntax: "log_append [<matcher>] [<]<field> <value>",
    subdirectives: &[],
    examples: &[
        "log_append user {http.auth.user.id}",
        "log_append <before {vars.x}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let field = args.required("a field and a value")?.text();
    let value = args.required("a value for the field")?.text();
    // A field `<` is one of this name.
    let early = field.strip_prefix('<').filter(|name| !name.is_empty());
    Ok(Handler::LogAppend(LogAppend {
        key: early.unwrap_or(field).into(),
        value: value.into(),
        early: early.is_some(),
    }))
}
