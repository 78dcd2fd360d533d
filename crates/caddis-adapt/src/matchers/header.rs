//! `header`: requests with, or without, these header fields.

use std::collections::BTreeMap;

use caddis_ir::MatcherSet;
use caddis_source::Code;

use crate::{Args, Matcher, Result, Scope, read};

pub(super) const MATCHER: Matcher = Matcher {
    name: "header",
    summary: "Requests with this header field, or without it (`!`).",
    syntax: "header <field> <value> | !<field>",
    subdirectives: &[],
    examples: &[
        "header Authorization \"Bearer secret\"",
        "header Connection *Upgrade*",
        "header !Cookie",
    ],
    lower,
};

const NO_NAME: Code = Code("header/no-name");

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    field(args, set.header.get_or_insert_default())
}

/// Adds one field with a value, or one that must be absent; values of one field are alternatives.
pub(crate) fn field(
    args: &mut Args<'_>,
    fields: &mut BTreeMap<String, Option<Vec<String>>>,
) -> Result<()> {
    let token = args.required("a header field")?;
    match token.text().strip_prefix('!') {
        Some("") => {
            return Err(args.with_usage(
                token
                    .error(NO_NAME, "`!` needs the name of a header field")
                    .help("write `!Cookie`, without a space"),
            ));
        }
        Some(absent) => {
            fields.insert(absent.into(), None);
        }
        None => {
            let value = args.required("a value for the field")?.text();
            let values = fields
                .entry(read::canonical_header(token.text()))
                .or_default();
            values.get_or_insert_default().push(value.into());
        }
    }
    args.finish_but_for_empty_block()
}
