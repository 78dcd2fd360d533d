//! `request_header`: edit the header of the request.

use caddis_ir::{Handler, HeaderRules, Headers};

use super::header_rules;
use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "request_header",
    old_names: &[],
    summary: "Edit the header of the request, for what comes after.",
    syntax: "request_header [<matcher>] [+ | -]<field> [<value> | <find> <replace>]",
    subdirectives: &[],
    examples: &[
        "request_header X-Real-IP {remote_host}",
        "request_header -Cookie",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let token = args.required("a header field")?;
    let field = token.text().strip_suffix(':').unwrap_or(token.text());
    let mut rules = HeaderRules::default();
    let edit = header_rules::edit(field, args);
    header_rules::apply_to_request(&mut rules, &edit, token)?;
    args.no_more()?;
    Ok(Handler::Headers(Headers {
        request: Some(rules),
        response: None,
    }))
}
