//! What holds for every text: nothing is lost, nothing panics, the formatter keeps the words.

use std::collections::BTreeMap;

use caddis_source::{Diagnostic, Sources};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::lex::{Kind, all_by_grammar, lex};
use crate::testing::tree_text;
use crate::{Memory, Tree, env, format, parse, tokens};

/// Pieces that mean something to the lexer or the parser, so that random texts reach all of both.
const NASTY: &[&str] = &[
    "{",
    "}",
    "{}",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "\r",
    "\r\n",
    "\\",
    "\\\n",
    "\\ ",
    "\"",
    "`",
    "#",
    "# c",
    "<<",
    "<<E",
    "<<E\n",
    "E",
    "\nE\n",
    "<",
    "\\<<",
    "a",
    "b.test",
    ",",
    ", ",
    "import s\n",
    "import ",
    "import *.conf\n",
    "(s) {\n",
    "(s)",
    "&(r) {\n",
    "@m",
    "{$",
    "{$X}",
    "{$X:d}",
    "{args[0]}",
    "{args[:]}",
    "{args[1:]}",
    "{args.0}",
    "{block}",
    "{blocks.k}",
    "\u{FEFF}",
    "\u{85}",
    "\u{A0}",
    "é",
    "\0",
    ":80",
    "handle {\n",
];

/// How many cases to try: so many, or as many percent of them as `CADDIS_CASES` says.
#[expect(
    clippy::disallowed_methods,
    reason = "how long tests take is for who runs them to say"
)]
fn cases(usual: u32) -> ProptestConfig {
    let percent = std::env::var("CADDIS_CASES").ok();
    let percent = percent.and_then(|text| text.parse().ok()).unwrap_or(100);
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(usual / 100 * percent)
    }
}

fn nasty() -> impl Strategy<Value = String> {
    vec(select(NASTY), 0..40).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = String> {
    (any::<u64>(), 0..120_usize).prop_map(|(seed, length)| random_text(seed | 1, length))
}

/// Random bytes as text; drawn here, since a strategy for each byte costs more than reading it.
fn random_text(mut state: u64, length: usize) -> String {
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(length)
    .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A real config with some of its characters doubled, dropped or replaced.
fn mutated() -> impl Strategy<Value = String> {
    const CONFIG: &str = include_str!("../../../testdata/fmt/everything.caddyfile");
    let places = vec((0..CONFIG.len(), select(NASTY), 0..4_usize), 0..8);
    let lines: Vec<&str> = CONFIG.lines().collect();
    let count = lines.len();
    (subsequence(lines, 0..=count), places).prop_map(|(lines, places)| {
        let mut text = lines.join("\n");
        for (at, piece, dropped) in places {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.ceil_char_boundary((start + dropped).min(text.len()));
            text.replace_range(start..end, piece);
        }
        text
    })
}

fn read(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> (Tree, Vec<Diagnostic>) {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = Memory(BTreeMap::from([
        file("a.conf", "respond {args[0]}\nimport b.conf\n"),
        file(
            "b.conf",
            "(t) {\n\tabort {args[1:]}\n}\nimport s x y\n{block}\n",
        ),
    ]));
    let mut sources = Sources::new();
    let id = sources.add("Caddyfile", text);
    parse(&mut sources, id, environment, &files)
}

/// A variable whose value changes how the rest of the text is read.
fn hostile(name: &str) -> Option<String> {
    (name == "X").then(|| "{ \"x".to_owned())
}

/// Variables stay as they are, so that texts can be compared before and after formatting.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a look-up of variables may find none"
)]
fn unchanged(name: &str) -> Option<String> {
    Some(format!("{{${name}}}"))
}

fn words(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let id = sources.add("Caddyfile", text);
    let (tokens, _) = tokens(&mut sources, id, &unchanged);
    tokens.iter().map(|token| token.text().to_owned()).collect()
}

/// Everything that must hold, whatever the text.
fn check(text: &str) {
    let pieces: Vec<_> = lex(text).collect();
    assert_eq!(
        pieces,
        all_by_grammar(text),
        "the grammar reads {text:?} otherwise"
    );
    let mut end = 0;
    for piece in pieces {
        assert_eq!(piece.range.start, end, "a gap or an overlap in {text:?}");
        end = piece.range.end;
    }
    assert_eq!(end, text.len(), "the end is missing in {text:?}");
    if text.contains("{$X") {
        read(text, &hostile);
    }
    let (tree, diagnostics) = read(text, &unchanged);
    check_format(text);
    if is_comparable(text) && !diagnostics.iter().any(Diagnostic::is_error) {
        let formatted = format(text);
        let (again, _) = read(&formatted, &unchanged);
        assert_eq!(
            tree_text(&again),
            tree_text(&tree),
            "{text:?} became {formatted:?}"
        );
    }
}

fn check_format(text: &str) {
    let once = format(text);
    assert_eq!(solid(&once), solid(text), "{text:?} became {once:?}");
    if is_comparable(text) {
        assert_eq!(
            ended(words(&once)),
            ended(words(text)),
            "{text:?} became {once:?}"
        );
        assert_eq!(format(&once), once, "{text:?}");
    }
}

/// A quote that nobody closes takes in the line end that the formatter, as Caddy's, puts behind the text.
fn ended(mut words: Vec<String>) -> Vec<String> {
    if let Some(last) = words.last_mut() {
        *last = last.trim_end_matches('\n').to_owned();
    }
    words
}

/// What is no white space.
fn solid(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

/// A default value that holds half of a quoted word is not the same text once it is filled in.
fn is_comparable(text: &str) -> bool {
    is_balanced(text) && env::replace(text, &unchanged).text == text
}

/// Where braces do not match, the formatter takes them off other words, as Caddy does.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i64;
    let braces = lex(text).filter(|piece| piece.kind == Kind::Bare);
    for piece in braces {
        depth += match &text[piece.range] {
            "{" => 1,
            "}" => -1,
            _ => 0,
        };
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

proptest! {
    #![proptest_config(cases(100_000))]

    #[test]
    fn random_bytes_are_read_and_formatted(text in bytes()) {
        check(&text);
    }
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn nasty_pieces_are_read_and_formatted(text in nasty()) {
        check(&text);
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn mutated_configs_are_read_and_formatted(text in mutated()) {
        check(&text);
    }
}
