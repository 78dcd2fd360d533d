//! What holds for requests, paths, placeholders, header rules and JSON, asked of mutations of what fuzzing has kept.

use std::fs;

use caddis_testkit::claims;
use caddis_testkit::golden::{files, root};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

/// So many mutated inputs for each target; `PROPTEST_CASES` names another number.
const CASES: u32 = 100;

#[derive(Clone, Copy, Debug)]
enum Mutation {
    /// A word of the target's dictionary, put in.
    Word(Index, Index),
    /// The same in the place of as many bytes.
    Over(Index, Index),
    Byte(Index, u8),
    Remove(Index, u8),
    /// Some bytes of another input.
    Foreign(Index, Index, Index, u8),
    Double(Index, u8),
    Cut(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), at()).prop_map(|(at, word)| Mutation::Word(at, word)),
        2 => (at(), at()).prop_map(|(at, word)| Mutation::Over(at, word)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        1 => (at(), 1..40_u8).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (at(), at(), at(), any::<u8>())
            .prop_map(|(at, other, from, count)| Mutation::Foreign(at, other, from, count)),
        1 => (at(), 1..100_u8).prop_map(|(at, count)| Mutation::Double(at, count)),
        1 => at().prop_map(Mutation::Cut),
    ]
}

/// What a target begins with, and the words that mean something there.
struct Seeds {
    inputs: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Seeds {
    fn of(target: &str) -> Self {
        let kept = files(&root().join("testdata/corpus").join(target), "");
        let read = |file| fs::read(file).expect("what is kept can be read");
        let inputs: Vec<Vec<u8>> = kept.iter().map(read).collect();
        let dictionary = root().join(format!("crates/fuzz/dictionaries/{target}.dict"));
        let words = fs::read_to_string(dictionary).expect("the target has words");
        let words: Vec<Vec<u8>> = words.lines().map(unescaped).collect();
        assert!(!inputs.is_empty() && !words.is_empty(), "{target}");
        Self { inputs, words }
    }

    fn mutate(&self, mut input: Vec<u8>, mutation: Mutation) -> Vec<u8> {
        let end = input.len();
        let place = |at: Index| at.index(end + 1);
        let upto = |at: usize, count: usize| at..end.min(at + count);
        match mutation {
            Mutation::Word(at, word) => {
                let (at, word) = (place(at), word.get(&self.words));
                input.splice(at..at, word.iter().copied());
            }
            Mutation::Over(at, word) => {
                let (at, word) = (place(at), word.get(&self.words));
                input.splice(upto(at, word.len()), word.iter().copied());
            }
            Mutation::Byte(at, byte) => {
                let at = place(at);
                input.splice(upto(at, 1), [byte]);
            }
            Mutation::Remove(at, count) => {
                let at = place(at);
                input.drain(upto(at, count.into()));
            }
            Mutation::Foreign(at, other, from, count) => {
                let (at, other) = (place(at), other.get(&self.inputs));
                let part = other.iter().skip(from.index(other.len() + 1));
                input.splice(at..at, part.take(count.into()).copied());
            }
            Mutation::Double(at, count) => {
                let at = place(at);
                let part = input[upto(at, count.into())].to_vec();
                input.splice(at..at, part);
            }
            Mutation::Cut(at) => input.truncate(place(at)),
        }
        input
    }
}

/// A line of a dictionary: a word in quotes, with `\xHH` for what cannot be written.
fn unescaped(line: &str) -> Vec<u8> {
    let word = line.trim_matches('"');
    let mut parts = word.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

fn check(target: &str, ask: fn(&[u8])) {
    let seeds = Seeds::of(target);
    let mutated = (any::<Index>(), vec(mutation(), 1..6));
    let cases = std::env::var("PROPTEST_CASES").ok();
    let cases = cases.map_or(CASES, |cases| cases.parse().expect("a number"));
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    });
    let result = runner.run(&mutated, |(at, mutations)| {
        let input = at.get(&seeds.inputs).clone();
        let mutations = mutations.into_iter();
        let input = mutations.fold(input, |input, mutation| seeds.mutate(input, mutation));
        let asked = std::panic::catch_unwind(|| ask(&input));
        prop_assert!(asked.is_ok(), "{}", input.escape_ascii());
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn mutated_requests_reach_nobody_whom_they_must_not() {
    check("requests", claims::requests);
}

#[test]
fn mutated_placeholders_are_filled_once() {
    check("placeholders", |bytes| {
        claims::placeholders(&String::from_utf8_lossy(bytes));
    });
}

#[test]
fn mutated_paths_match_as_they_are_sent() {
    check("paths", |bytes| {
        claims::paths(&String::from_utf8_lossy(bytes));
    });
}

#[test]
fn mutated_header_rules_do_what_they_say() {
    check("headers", |bytes| {
        claims::headers(&String::from_utf8_lossy(bytes));
    });
}

#[test]
fn mutated_json_is_built_or_refused() {
    check("json", |bytes| {
        claims::json(&String::from_utf8_lossy(bytes));
    });
}
