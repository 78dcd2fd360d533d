//! `copy_response_headers`: copy the header of the answer that `handle_response` has in hand.

use caddis_ir::{CopyResponseHeaders, Handler};

use crate::{Args, Directive, Lower, Result, Scope, Token};

const OPTIONS: &[&str] = &["include", "exclude"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "copy_response_headers",
    old_names: &[],
    summary: "Copy the header of the answer that is being handled, within `handle_response`.",
    syntax: "copy_response_headers [<matcher>] { include <field...> | exclude <field...> }",
    subdirectives: OPTIONS,
    examples: &[
        "copy_response_headers",
        "copy_response_headers {\n\texclude Set-Cookie Server\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    args.only_a_matcher()?;
    let mut copy = CopyResponseHeaders::default();
    for line in args.options() {
        let fields = match line.name().text() {
            "include" => &mut copy.include,
            "exclude" => &mut copy.exclude,
            _ => return Err(args.unknown(line.name(), OPTIONS)),
        };
        let mut words = Args::new(line, "include | exclude <field...>");
        fields.extend(words.rest().iter().map(Token::text).map(String::from));
        words.finish()?;
    }
    Ok(Handler::CopyResponseHeaders(copy))
}
