//! What is said of an import that names nothing that can be read.

use std::io;

use caddis_source::{Code, Diagnostic, Result, suggest};

use crate::load::is_glob;
use crate::token::Token;

const NOT_FOUND: Code = Code("import/not-found");
const UNREADABLE: Code = Code("import/unreadable");
const GLOB: Code = Code("import/glob");

/// Refuses patterns that Caddy refuses: those with several wildcards can mean too many files.
pub(crate) fn check_pattern(pattern: &Token) -> Result<()> {
    let text = pattern.text();
    if text.contains("{args") {
        let message = format!("`{text}` has no value here");
        return Err(pattern
            .error(NOT_FOUND, message)
            .help("placeholders of arguments have values in what is imported only"));
    }
    let several = |mark| text.matches(mark).count() > 1;
    if several('*') || several('?') || (text.contains('[') && text.contains(']')) {
        let message = format!("`{text}` has wildcards other than one `*`");
        return Err(pattern
            .error(GLOB, message)
            .help("use one `*`, and import each folder on a line of its own"));
    }
    Ok(())
}

/// What is said when files cannot be read; there may be a snippet that was meant.
pub(crate) fn load_error<'a>(
    pattern: &Token,
    error: &io::Error,
    snippets: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let text = pattern.text();
    if error.kind() != io::ErrorKind::NotFound || is_glob(text) {
        let message = format!("`{text}` cannot be imported: {error}");
        return pattern.error(UNREADABLE, message);
    }
    let message = format!("there is no snippet and no file `{text}`");
    let diagnostic = pattern
        .error(NOT_FOUND, message)
        .caddys(format!("File to import not found: {text}"))
        .caddys_at(pattern.span());
    match suggest(text, snippets) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic
            .help("define a snippet above this line, or give a path from the folder of this file"),
    }
}
