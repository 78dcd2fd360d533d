//! Sites, snippets and imports, compared with what Caddy makes of the same texts.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the functions they call"
)]

use std::collections::BTreeMap;

use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Block, Line, Memory, Site, Token, Tree, parse, tokens};
use caddis_testkit::shared;
use serde_json::{Value, json};

/// Stands for the absolute path of the folder with the files.
const DIR: &str = "/caddyfiles";

fn table() -> Option<Value> {
    shared::json("conformance/parse.json")
}

struct Parsed {
    sources: Sources,
    tree: Tree,
    errors: Vec<Diagnostic>,
}

fn read(input: &str, files: &[&Value]) -> Parsed {
    let mut memory = BTreeMap::new();
    for (name, text) in files.iter().filter_map(|files| files.as_object()).flatten() {
        let text = text.as_str().unwrap().replace("{DIR}", DIR);
        memory.insert(format!("{DIR}/{name}"), text);
    }
    let mut sources = Sources::new();
    let file = sources.add(format!("{DIR}/Testfile"), input.replace("{DIR}", DIR));
    let (tree, diagnostics) = parse(&mut sources, file, &|_| None, &Memory(memory));
    let errors = diagnostics.into_iter().filter(Diagnostic::is_error);
    Parsed {
        sources,
        tree,
        errors: errors.collect(),
    }
}

fn texts<'a>(tokens: impl IntoIterator<Item = &'a Token>) -> Value {
    tokens.into_iter().map(Token::text).collect()
}

/// The words of a line as Caddy keeps them: the braces of its block are words.
fn segment(line: &Line) -> Vec<String> {
    let mut words: Vec<_> = line
        .words
        .iter()
        .map(|word| word.text().to_owned())
        .collect();
    if let Some(block) = &line.block {
        words.push("{".into());
        words.extend(block.lines.iter().flat_map(segment));
        words.push("}".into());
    }
    words
}

/// The addresses and lines of the first block, which may be the one with the global options.
fn first(tree: &Tree) -> (Value, &[Line]) {
    match (&tree.options, tree.sites.first()) {
        (Some(Block { lines, .. }), None) => (json!([]), lines),
        (_, Some(Site { addresses, block })) => (texts(addresses), &block.lines),
        (None, None) => (json!([]), &[]),
    }
}

fn counts(lines: &[Line]) -> Value {
    lines.iter().map(|line| segment(line).len()).collect()
}

#[test]
fn one_site_has_the_addresses_and_lines_that_caddy_reads() {
    let Some(table) = table() else { return };
    let cases = table["parse_one"].as_array().unwrap();
    for case in cases {
        let parsed = read(case["input"].as_str().unwrap(), &[&table["files"]]);
        let failed = !parsed.errors.is_empty();
        assert_eq!(json!(failed), case["error"], "{case}\n{:?}", parsed.errors);
        if !failed {
            let (keys, lines) = first(&parsed.tree);
            assert_eq!(keys, case["keys"], "{case}");
            assert_eq!(counts(lines), case["segment_token_counts"], "{case}");
        }
    }
    shared::say(&format!(
        "{} sites are read as Caddy reads them",
        cases.len()
    ));
}

fn keys(tree: &Tree) -> Value {
    tree.sites
        .iter()
        .map(|site| texts(&site.addresses))
        .collect()
}

#[test]
fn all_sites_have_the_addresses_that_caddy_reads() {
    let Some(table) = table() else { return };
    for case in table["parse_all"].as_array().unwrap() {
        let parsed = read(case["input"].as_str().unwrap(), &[&table["files"]]);
        let failed = !parsed.errors.is_empty();
        assert_eq!(json!(failed), case["error"], "{case}\n{:?}", parsed.errors);
        if !failed {
            assert_eq!(keys(&parsed.tree), case["keys"], "{case}");
        }
    }
}

#[test]
fn single_configs_are_read_as_caddy_reads_them() {
    let Some(table) = table() else { return };
    let cases = table["single"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let parsed = read(
            case["input"].as_str().unwrap(),
            &[&table["files"], &case["files"]],
        );
        let failed = !parsed.errors.is_empty();
        assert_eq!(json!(failed), case["error"], "{case}\n{:?}", parsed.errors);
        check_message(case, &parsed);
        if !failed {
            check_single(case, &parsed.tree);
        }
    }
}

/// The words that Caddy's table asks for are those that we say are Caddy's.
fn check_message(case: &Value, parsed: &Parsed) {
    let errors = parsed.errors.iter();
    let said: Vec<_> = errors
        .filter_map(|error| Some(error.caddys_words()?.message(&parsed.sources)))
        .map(|message| message.replace(&format!("{DIR}/"), ""))
        .collect();
    if let Some(message) = case.get("error_equals") {
        assert!(said.iter().any(|said| message == said), "{case}\n{said:?}");
    }
    if let Some(prefix) = case.get("error_prefix") {
        let prefix = prefix.as_str().unwrap();
        let begins = said.iter().any(|said| said.starts_with(prefix));
        assert!(begins, "{case}\n{said:?}");
    }
}

fn check_single(case: &Value, tree: &Tree) {
    let one = case["mode"] == "one";
    let (first_keys, first_lines) = first(tree);
    if let Some(expected) = case.get("keys") {
        let keys = if one { first_keys } else { keys(tree) };
        assert_eq!(&keys, expected, "{case}");
    }
    let sites = || tree.sites.iter().map(|site| &site.block.lines);
    if let Some(expected) = case.get("segment_token_counts") {
        let all = sites().map(|lines| counts(lines)).collect();
        let counts = if one { counts(first_lines) } else { all };
        assert_eq!(&counts, expected, "{case}");
    }
    if let Some(expected) = case.get("segment_counts") {
        let counts: Value = sites().map(Vec::len).collect();
        assert_eq!(&counts, expected, "{case}");
    }
    if let Some(expected) = case.get("directives") {
        let names: Value = sites()
            .map(|lines| texts(lines.iter().map(Line::name)))
            .collect();
        assert_eq!(&names, expected, "{case}");
    }
    for (site, lines) in case["tokens"].as_array().into_iter().flatten().enumerate() {
        for (line, words) in lines.as_array().unwrap().iter().enumerate() {
            let read = segment(&tree.sites[site].block.lines[line]);
            for (word, expected) in words.as_array().unwrap().iter().enumerate() {
                assert!(
                    expected.is_null() || expected == &json!(read[word]),
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn ranges_of_arguments_are_those_that_caddy_takes() {
    let Some(table) = table() else { return };
    for case in table["variadic"]["cases"].as_array().unwrap() {
        let input = case["input"].as_str().unwrap();
        let input = if input.is_empty() { "\"\"" } else { input };
        let words = imported(input, "0 1 2 3 4 5 6 7 8 9");
        assert_eq!(json!(words.len() != 1), case["variadic"], "{case}");
    }
}

#[test]
fn arguments_are_filled_in_as_caddy_does() {
    let Some(table) = table() else { return };
    for case in table["args"].as_array().unwrap() {
        let arguments: Vec<_> = case["args"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap())
            .collect();
        let words = imported(case["input"].as_str().unwrap(), &arguments.join(" "));
        assert_eq!(json!(words), json!([case["expect"]]), "{case}");
    }
}

/// What words become when a snippet with them is imported.
fn imported(words: &str, arguments: &str) -> Vec<String> {
    let text = format!("(s) {{\n\tx {words}\n}}\n:80 {{\n\timport s {arguments}\n}}\n");
    let parsed = read(&text, &[]);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let line = &parsed.tree.sites[0].block.lines[0];
    let words = line.arguments().iter().map(|word| word.text().to_owned());
    words.collect()
}

#[test]
fn variables_are_filled_in_as_caddy_does() {
    let Some(table) = table() else { return };
    let values = table["env"]["env"].as_object().unwrap();
    let environment = |name: &str| Some(values.get(name)?.as_str()?.to_owned());
    let words = |text: &Value, environment: &dyn Fn(&str) -> Option<String>| {
        let mut sources = Sources::new();
        let file = sources.add("Testfile", text.as_str().unwrap());
        texts(&tokens(&mut sources, file, environment).0)
    };
    for case in table["env"]["cases"].as_array().unwrap() {
        let expected = words(&case["expect"], &|_| None);
        assert_eq!(words(&case["input"], &environment), expected, "{case}");
    }
    for case in table["all_tokens"].as_array().unwrap() {
        assert_eq!(words(&case["input"], &environment), case["texts"]);
    }
}
