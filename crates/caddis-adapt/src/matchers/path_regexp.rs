//! `path_regexp`: requests whose path matches an expression.

use caddis_ir::{MatcherSet, Pattern};

use caddis_source::Diagnostic;

use crate::args::TWICE;
use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "path_regexp",
    summary: "Requests whose path matches a regular expression.",
    syntax: "path_regexp [<name>] <expression>",
    subdirectives: &[],
    examples: &["path_regexp version ^/v([0-9]+)/"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    let first = args.required("an expression")?;
    let (name, pattern) = match args.optional() {
        Some(second) => (first.text(), second),
        None => ("", first),
    };
    let name = match name {
        "" => scope.matcher_name.unwrap_or(""),
        name => name,
    };
    args.finish_but_for_empty_block()?;
    let is_second = set
        .path_regexp
        .as_ref()
        .is_some_and(|first| !first.pattern.is_empty());
    if is_second {
        let message = "a matcher can have one `path_regexp` only";
        return Err(Diagnostic::error(TWICE, args.name().span(), message)
            .label("a second one")
            .help("join the expressions: `^/(a|b)`"));
    }
    set.path_regexp = Some(Pattern {
        name: name.into(),
        pattern: pattern.text().into(),
    });
    Ok(())
}
