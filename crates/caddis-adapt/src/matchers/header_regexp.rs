//! `header_regexp`: requests with a header field that matches an expression.

use caddis_ir::{MatcherSet, Pattern};

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "header_regexp",
    summary: "Requests with a header field that matches a regular expression.",
    syntax: "header_regexp [<name>] <field> <expression>",
    subdirectives: &[],
    examples: &["header_regexp login Cookie login_([a-f0-9]+)"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    let first = args.required("a header field and an expression")?;
    let second = args.required("an expression")?;
    let (name, field, pattern) = match args.optional() {
        Some(third) => (first.text(), second, third),
        None => ("", first, second),
    };
    let name = match name {
        "" => scope.matcher_name.unwrap_or(""),
        name => name,
    };
    args.finish_but_for_empty_block()?;
    let fields = set.header_regexp.get_or_insert_default();
    if fields.contains_key(field.text()) {
        return Err(args
            .twice(field)
            .label("a matcher has one expression for a field"));
    }
    let pattern = Pattern {
        name: name.into(),
        pattern: pattern.text().into(),
    };
    fields.insert(field.text().into(), pattern);
    Ok(())
}
