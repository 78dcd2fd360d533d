//! A site whose address is a variable that is not set reads as the block of global options.

use caddis_source::{Code, Diagnostic, Sources, Span};
use caddis_syntax::Block;

use crate::surface;

const EMPTY_ADDRESS: Code = Code("site/empty-address");

/// The error for a first block that was meant as a site: an empty variable stands before its brace, and a line in it is
/// no global option.
pub(crate) fn find(block: &Block, sources: &Sources) -> Option<Diagnostic> {
    let is_option = |name: &str| surface::OPTIONS.contains(&name);
    let is_of_site = |line: &caddis_syntax::Line| !is_option(line.name().text());
    if !block.lines.iter().any(is_of_site) {
        return None;
    }
    let address = before(block.open, sources);
    let variable = sources.slice(address);
    if !variable.contains("{$") {
        return None;
    }
    let message = format!("`{variable}` is empty, so this block has no address");
    Some(
        Diagnostic::error(EMPTY_ADDRESS, address, message)
            .label("read as the block of global options")
            .help("set the variable, or write a value for when it is not set: `{$NAME:localhost}`"),
    )
}

/// What stands on the line before the brace.
fn before(open: Span, sources: &Sources) -> Span {
    let text = sources.text(open.file);
    let text = text.get(..open.range().start).unwrap_or("");
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let words = text.get(line..).unwrap_or("");
    let start = line + (words.len() - words.trim_start().len());
    Span::new(
        open.file,
        start,
        line + words.trim_end().len().max(start - line),
    )
}
