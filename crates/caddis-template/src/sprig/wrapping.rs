//! Functions that break lines.

use crate::args::exactly;
use crate::{Args, Function, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "wrap" => exactly(2, |args, run| {
            wrapped(args.text(1)?, args.size(0)?, "\n", Long::Kept, run)
        }),
        "wrapWith" => exactly(3, |args: &Args<'_>, run| {
            wrapped(
                args.text(2)?,
                args.size(0)?,
                args.text(1)?,
                Long::Broken,
                run,
            )
        }),
        _ => None,
    }
}

/// What becomes of words that are longer than a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    Kept,
    Broken,
}

/// Lines of at most so many bytes.
fn wrapped(text: &str, width: usize, end: &str, long: Long, run: &mut Run<'_>) -> Result<Value> {
    let width = width.max(1);
    let end = if end.is_empty() { "\n" } else { end };
    run.room((text.len() / width + 1).saturating_mul(end.len()) + text.len())?;
    let mut out = String::new();
    let mut rest = text;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(' ') {
            rest = after;
            continue;
        }
        let limit = rest.floor_char_boundary(width + 1);
        let fits = rest[..limit].rfind(' ');
        let at = match (fits, long) {
            (Some(at), _) => Some((at, at + 1)),
            (None, Long::Broken) => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let at = rest.floor_char_boundary(width).max(first);
                Some((at, at))
            }
            (None, Long::Kept) => rest.find(' ').map(|at| (at, at + 1)),
        };
        let Some((at, next)) = at else { break };
        out.push_str(&rest[..at]);
        out.push_str(end);
        rest = &rest[next..];
    }
    out.push_str(rest);
    Ok(out.into())
}
