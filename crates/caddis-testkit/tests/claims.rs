//! What holds for every text, asked of mutated Caddyfiles, of random bytes and of what fuzzing found.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use caddis_testkit::golden::{files, root};
use caddis_testkit::{claims, shared};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// More than any of the texts takes, by far, on a busy machine and without optimisation.
const LONG: Duration = Duration::from_secs(30);

/// What Caddyfiles are made of, so that mutations mean something.
const WORDS: &[&str] = &[
    "{",
    "}",
    "{}",
    "\"",
    "`",
    "\\",
    "\n",
    "*",
    "-1",
    "0",
    "99999999999",
    "@m",
    "@a",
    "import a",
    "import b.conf",
    "import *.conf",
    "{args[0]}",
    "{block}",
    "{$X:d}",
    "<<E",
    "E",
    "#",
    ":",
    ":0",
    ":443",
    "http://",
    "https://",
    "unix//a",
    "[::1]",
    "*.a.test",
    "localhost",
    "{uri}",
    "{$",
    "10s",
    "1MB",
    "true",
    "off",
    "internal",
    "=",
    ">",
    "+",
    "-",
    "?",
    "^(",
    "/",
    "/*",
    "handle",
    "route",
    "header",
    "respond",
    "tls",
    "log",
    "not",
    "reverse_proxy",
    "handle_response",
    "replace_status",
    "intercept",
    "forward_auth",
    "php_fastcgi",
    "handle_errors",
    "file_server",
    "encode",
    "templates",
    "try_files",
    "map",
    "vars",
    "invoke",
    "&(r) {",
    "(s) {",
    "{blocks.k}",
    "{args[:]}",
    "expression",
    "`{path} == '/a'`",
    "transport",
    "dynamic",
    "dns",
    "ca",
    "client_auth",
    "format",
    "output",
    "servers",
    "rate_limit",
    "\u{FEFF}",
    "\u{85}",
    "é",
    "\0",
];

#[derive(Clone, Copy, Debug)]
enum Mutation {
    DropLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    /// A line of another Caddyfile.
    ForeignLine(Index, Index, Index),
    DropWord(Index),
    ReplaceWord(Index, &'static str),
    DoubleWord(Index),
    Insert(Index, &'static str),
    Byte(Index, u8),
    Cut(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Mutation::DropLine),
        at().prop_map(Mutation::DoubleLine),
        (at(), at()).prop_map(|(one, other)| Mutation::SwapLines(one, other)),
        (at(), at(), at()).prop_map(|(at, file, line)| Mutation::ForeignLine(at, file, line)),
        at().prop_map(Mutation::DropWord),
        (at(), select(WORDS)).prop_map(|(at, word)| Mutation::ReplaceWord(at, word)),
        at().prop_map(Mutation::DoubleWord),
        (at(), select(WORDS)).prop_map(|(at, word)| Mutation::Insert(at, word)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        at().prop_map(Mutation::Cut),
    ]
}

/// Every Caddyfile there is to start from, in the repository and beside it.
fn corpus() -> Vec<String> {
    let mut found = files(&root().join("testdata/adapt"), ".caddyfile");
    if let Some(wild) = shared::path("wild") {
        found.extend(files(&wild, "Caddyfile"));
    }
    let texts = found
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts.collect()
}

fn mutate(text: String, mutation: &Mutation, corpus: &[String]) -> String {
    match *mutation {
        Mutation::DropLine(at) => parts(&text, '\n', |lines| remove(lines, at)),
        Mutation::DoubleLine(at) => parts(&text, '\n', |lines| double(lines, at)),
        Mutation::SwapLines(one, other) => parts(&text, '\n', |lines| {
            let (one, other) = (pick(one, lines), pick(other, lines));
            lines.swap(one, other);
        }),
        Mutation::ForeignLine(at, file, line) => {
            let foreign: Vec<&str> = corpus[file.index(corpus.len())].split('\n').collect();
            let foreign = foreign[line.index(foreign.len())];
            parts(&text, '\n', |lines| lines.insert(pick(at, lines), foreign))
        }
        Mutation::DropWord(at) => parts(&text, ' ', |words| remove(words, at)),
        Mutation::ReplaceWord(at, word) => parts(&text, ' ', |words| {
            let at = pick(at, words);
            words[at] = word;
        }),
        Mutation::DoubleWord(at) => parts(&text, ' ', |words| double(words, at)),
        Mutation::Insert(at, word) => {
            let (start, end) = text.split_at(place(at, &text));
            format!("{start}{word}{end}")
        }
        Mutation::Byte(at, byte) => {
            let mut bytes = text.into_bytes();
            bytes.push(b'\n');
            let at = at.index(bytes.len());
            bytes[at] = byte;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Mutation::Cut(at) => text[..place(at, &text)].to_owned(),
    }
}

/// Splitting gives one part at least, so there is always one to pick.
fn parts<'t>(text: &'t str, at: char, change: impl FnOnce(&mut Vec<&'t str>)) -> String {
    let mut parts = text.split(at).collect();
    change(&mut parts);
    parts.join(&at.to_string())
}

fn pick(at: Index, parts: &[&str]) -> usize {
    at.index(parts.len())
}

fn remove(parts: &mut Vec<&str>, at: Index) {
    parts.remove(pick(at, parts));
}

fn double(parts: &mut Vec<&str>, at: Index) {
    let at = pick(at, parts);
    parts.insert(at, parts[at]);
}

fn place(at: Index, text: &str) -> usize {
    text.floor_char_boundary(at.index(text.len() + 1))
}

/// What all texts are asked, each within a bounded time.
fn check(text: &str) {
    let start = Instant::now();
    claims::adapt(text);
    let took = start.elapsed();
    assert!(took < LONG, "it took {took:?}: {text:?}");
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    }
}

#[test]
fn mutated_caddyfiles_are_adapted_or_refused() {
    let corpus = corpus();
    let texts = (any::<Index>(), vec(mutation(), 1..5));
    let mut runner = proptest::test_runner::TestRunner::new(cases(10_000));
    let result = runner.run(&texts, |(at, mutations)| {
        let text = corpus[at.index(corpus.len())].clone();
        let mutated = mutations.iter();
        check(&mutated.fold(text, |text, mutation| mutate(text, mutation, &corpus)));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

proptest! {
    #![proptest_config(cases(100_000))]

    #[test]
    fn random_bytes_are_adapted_or_refused(seed in any::<u64>(), length in 0..120_usize) {
        check(&random_text(seed | 1, length));
    }
}

/// Random bytes as text; drawn here, since a strategy for each byte costs more than reading it.
fn random_text(mut state: u64, length: usize) -> String {
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    });
    let bytes: Vec<u8> = bytes.take(length).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn every_caddyfile_means_the_same_after_formatting() {
    for text in corpus() {
        check(&text);
    }
}

/// What asks all that holds of an input.
type Claim = fn(&[u8]);

const TARGETS: [(&str, Claim); 9] = [
    ("lex", |bytes| claims::lex(&text(bytes))),
    ("expand", |bytes| claims::expand(&text(bytes))),
    ("fmt", |bytes| claims::format(&text(bytes))),
    ("adapt", |bytes| claims::adapt(&text(bytes))),
    ("placeholders", |bytes| claims::placeholders(&text(bytes))),
    ("paths", |bytes| claims::paths(&text(bytes))),
    ("headers", |bytes| claims::headers(&text(bytes))),
    ("json", |bytes| claims::json(&text(bytes))),
    ("requests", claims::requests),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_fuzzing_has_kept_is_read_again() {
    let panics = panics_of_tasks();
    for (target, ask) in TARGETS {
        let kept: Vec<PathBuf> = files(&root().join("testdata/corpus").join(target), "");
        assert!(!kept.is_empty(), "nothing is kept for {target}");
        for file in kept {
            ask(&fs::read(&file).unwrap());
            let panics = panics.load(Ordering::Relaxed);
            assert_eq!(panics, 0, "{}", file.display());
        }
    }
}

/// Counts the panics that a runtime keeps to itself; a fuzzer ends with the first one.
fn panics_of_tasks() -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let (counting, usual) = (Arc::clone(&count), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        counting.fetch_add(1, Ordering::Relaxed);
        usual(panic);
    }));
    count
}
