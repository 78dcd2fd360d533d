//! `lb_policy` and the like in the block of `reverse_proxy`: which upstream is asked, and how often one is looked for.

use caddis_ir::{LoadBalancing, Path};
use caddis_source::Code;
use caddis_syntax::Line;

use super::{line_values, selection_policy};
use crate::{Args, Result, Scope};

pub(super) const OPTIONS: &[&str] = &[
    "lb_policy",
    "lb_retries",
    "lb_try_duration",
    "lb_try_interval",
    "lb_retry_match",
];

const TWO_POLICIES: Code = Code("reverse_proxy/two-policies");

/// Reads a line that starts with one of the options.
pub(super) fn option(
    line: &Line,
    balancing: &mut LoadBalancing,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let at = Path::root().key("load_balancing");
    scope.origin(&at, line.span());
    let name = line.name();
    match name.text() {
        "lb_policy" => {
            if balancing.selection_policy.is_some() {
                let message = "an upstream is chosen in one way only";
                let error = name.error(TWO_POLICIES, message);
                return Err(error.help("write `lb_policy` once"));
            }
            scope.origin(&at.key("selection_policy"), line.span());
            let mut args = Args::new(line, "lb_policy <policy> …");
            balancing.selection_policy = Some(selection_policy::read(&mut args, scope)?);
        }
        "lb_retries" => {
            scope.origin(&at.key("retries"), line.span());
            balancing.retries = line_values::number(line, "lb_retries <number>")?;
        }
        "lb_try_duration" => {
            scope.origin(&at.key("try_duration"), line.span());
            balancing.try_duration = line_values::time(line, "lb_try_duration <duration>")?;
        }
        "lb_try_interval" => {
            scope.origin(&at.key("try_interval"), line.span());
            balancing.try_interval = line_values::time(line, "lb_try_interval <duration>")?;
        }
        _ => {
            let at = at.key("retry_match").index(balancing.retry_match.len());
            scope.origin(&at, line.span());
            retry_match(line, balancing, scope)?;
        }
    }
    Ok(())
}

/// Each line is a set; a request that is in one of them may be sent again.
fn retry_match(line: &Line, balancing: &mut LoadBalancing, scope: &mut Scope<'_>) -> Result<()> {
    let block = line.block.as_ref();
    // What the matchers note has no place in the handler.
    let mut scope = scope.within(None);
    let set = match line.arguments() {
        [] => scope.matcher_set(block.map_or(&[], |block| &block.lines)),
        words => scope.matcher_set(&[Line {
            words: words.to_vec(),
            block: block.cloned(),
        }]),
    }?;
    balancing.retry_match.push(set);
    Ok(())
}
