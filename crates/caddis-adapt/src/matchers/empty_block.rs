//! A block behind a matcher: refused, unless nothing is in it.

use crate::{Args, Result};

/// Refuses arguments that are left and a block with something in it, as Caddy does.
pub(super) fn finish(args: &mut Args<'_>) -> Result<()> {
    let is_empty = args
        .unread_block()
        .is_some_and(|block| block.lines.is_empty());
    if is_empty {
        return args.no_more();
    }
    args.finish()
}
