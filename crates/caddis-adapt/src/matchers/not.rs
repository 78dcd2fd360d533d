//! `not`: requests that these matchers do not match.

use caddis_ir::MatcherSet;
use caddis_syntax::Line;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "not",
    summary: "Requests that a matcher, or all matchers of a block together, do not match.",
    syntax: "not <matcher> | { <matcher>... }",
    subdirectives: &[],
    examples: &["not path /public/*", "not {\n\tpath /a\n\tmethod GET\n}"],
    lower,
};

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    // Caddy does not hand the name of the definition on to the matchers in here.
    let name = scope.matcher_name.take();
    let inner = inner(args, scope);
    scope.matcher_name = name;
    set.not.get_or_insert_default().push(inner?);
    Ok(())
}

fn inner(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<MatcherSet> {
    let block = args.block();
    match args.rest() {
        [] => scope.matcher_set(block.map_or(&[], |block| &block.lines)),
        words => scope.matcher_set(&[Line {
            words: words.to_vec(),
            block: block.cloned(),
        }]),
    }
}
