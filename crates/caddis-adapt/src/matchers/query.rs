//! `query`: requests with these query parameters.

use caddis_ir::MatcherSet;
use caddis_source::Code;

use crate::{Args, Matcher, Result, Scope};

pub(super) const MATCHER: Matcher = Matcher {
    name: "query",
    summary: "Requests with these query parameters; `*` is any value.",
    syntax: "query <parameter>=<value>...",
    subdirectives: &[],
    examples: &["query sort=asc", "query page=*"],
    lower,
};

const NO_VALUE: Code = Code("query/no-value");

fn lower(args: &mut Args<'_>, set: &mut MatcherSet, _: &mut Scope<'_>) -> Result<()> {
    let parameters = set.query.get_or_insert_default();
    for token in args.rest() {
        let text = token.text();
        // Caddy skips an empty word, which is what an unset variable leaves behind.
        if text.is_empty() {
            continue;
        }
        let Some((name, value)) = text.split_once('=') else {
            return Err(args.with_usage(
                token
                    .error(NO_VALUE, format!("`{text}` has no value"))
                    .label("expected a parameter, `=` and a value")
                    .help(format!("write `{text}=*` for any value")),
            ));
        };
        let values = parameters.entry(name.into()).or_default();
        values.push(value.into());
    }
    args.finish_but_for_empty_block()
}
