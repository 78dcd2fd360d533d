//! `vars_regexp`: requests with a variable, or a placeholder, that matches an expression.

use caddis_ir::{MatcherSet, Pattern};

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "vars_regexp",
    summary: "Requests with a variable, or a placeholder, that matches a regular expression.",
    syntax: "vars_regexp [<name>] <variable or {placeholder}> <expression>",
    subdirectives: &[],
    examples: &["vars_regexp digits {http.request.host} ^([0-9]+)\\."],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    let first = args.required("a variable and an expression")?;
    let second = args.required("an expression")?;
    let (name, variable, pattern) = match args.optional() {
        Some(third) => (first.text(), second, third),
        None => ("", first, second),
    };
    args.finish_but_for_empty_block()?;
    let name = match name {
        "" => scope.matcher_name.unwrap_or(""),
        name => name,
    };
    let pattern = Pattern {
        name: name.into(),
        pattern: pattern.text().into(),
    };
    // Of several expressions for one variable Caddy takes the last.
    let patterns = set.vars_regexp.get_or_insert_default();
    patterns.insert(variable.text().into(), pattern);
    Ok(())
}
