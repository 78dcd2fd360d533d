//! Texts of Caddyfiles: every one is read, formatted and adapted, or refused in words.
#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::collections::BTreeMap;

use caddis_adapt::Adapted;
use caddis_ir::Config;
use caddis_source::render::{Style, concise, full};
use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Memory, parse, tokens};

/// Each word stands where it says; only words that one variable brought have their place in common.
pub fn lex(text: &str) {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (tokens, diagnostics) = tokens(&mut sources, file, &|_| None);
    let (mut start, mut end) = (0, 0);
    for token in tokens {
        let range = token.span().range();
        let apart = range.start >= end;
        let variables = text.get(start..end).is_some_and(|word| word.contains("{$"));
        assert!(
            apart || (variables && range.start >= start),
            "words overlap"
        );
        assert!(text.get(range.clone()).is_some(), "a word is cut");
        (start, end) = (range.start, range.end);
    }
    concise(&diagnostics, &sources);
}

/// Any text with imports becomes a tree, and every finding can be shown; the text itself can be imported, too.
pub fn expand(text: &str) {
    let (first, second) = text.split_once('\0').unwrap_or((text, text));
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", first);
    let environment = |name: &str| (name.len() == 1).then(|| second.to_owned());
    let files = files(first, second);
    let (_, diagnostics) = parse(&mut sources, file, &environment, &files);
    show(&diagnostics, &sources);
}

/// The formatter changes white space only.
pub fn format(text: &str) {
    let solid = |text: &str| -> String {
        let solid = text.chars().filter(|char| !char.is_whitespace());
        solid.collect()
    };
    assert_eq!(solid(&caddis_syntax::format(text)), solid(text));
}

/// Any text is adapted or refused in words, what comes of it can be read back, and formatting changes nothing.
pub fn adapt(text: &str) {
    let Some(config) = adapted(text) else {
        return;
    };
    let json = caddis_ir::compact(&config);
    let again = caddis_ir::read(&json).ok();
    // The text and not the config: numbers of more than 53 bits are rounded where it is written, as in Caddy.
    let again = again.as_ref().map(caddis_ir::compact);
    assert_eq!(again, Some(json), "not read back: {text:?}");
    if is_formatted_safely(text) {
        let formatted = caddis_syntax::format(text);
        let again = adapted(&formatted);
        assert_eq!(again, Some(config), "{text:?} became {formatted:?}");
    }
}

/// The config of a text that is not refused.
fn adapted(text: &str) -> Option<Config> {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let files = files("respond {args[0]}\n", "{block}\nabort\n");
    let (tree, mut diagnostics) = parse(&mut sources, file, &|_| None, &files);
    let Adapted {
        config,
        diagnostics: findings,
        ..
    } = caddis_adapt::adapt(tree, &sources);
    diagnostics.extend(findings);
    concise(&diagnostics, &sources);
    let refused = diagnostics.iter().any(Diagnostic::is_error);
    (!refused).then_some(config)
}

fn files(first: &str, second: &str) -> Memory {
    Memory(BTreeMap::from([
        ("a".to_owned(), first.to_owned()),
        ("b.conf".to_owned(), second.to_owned()),
    ]))
}

/// Findings are drawn for people, which must work for each of them, too.
fn show(diagnostics: &[Diagnostic], sources: &Sources) {
    concise(diagnostics, sources);
    // A drawing quotes lines, so many of them in one long line would be all that is tested.
    let few = diagnostics.get(..diagnostics.len().min(3)).unwrap_or(&[]);
    full(few, sources, Style::Plain);
}

/// Variables can bring half a word or a brace, and where braces do not match the formatter takes them off other words, as Caddy does.
fn is_formatted_safely(text: &str) -> bool {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (tokens, _) = tokens(&mut sources, file, &|_| None);
    let mut depth = 0_i64;
    for token in &tokens {
        depth += i64::from(token.is_bare("{")) - i64::from(token.is_bare("}"));
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !text.contains("{$")
}
