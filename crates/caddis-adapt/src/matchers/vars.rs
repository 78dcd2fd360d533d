//! `vars`: requests with a variable, or a placeholder, that has one of some values.

use caddis_ir::MatcherSet;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "vars",
    summary: "Requests with a variable, or a placeholder, that has one of these values.",
    syntax: "vars <name or {placeholder}> <value...>",
    subdirectives: &[],
    examples: &["vars backend one two", "vars {http.request.method} GET"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let name = args.required("a variable")?;
    let values = args.at_least_one("a value")?;
    let values = values.iter().map(|value| value.text().into());
    let vars = set.vars.get_or_insert_default();
    vars.entry(name.text().into()).or_default().extend(values);
    args.finish_but_for_empty_block()
}
