//! What the tables of directives, matchers and options say is shown by an example and by cases.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use caddis_adapt::{Shorthand, adapt, directives, matchers, options, placeholders};
use caddis_source::{Sources, Span};
use caddis_syntax::{Block, Disk, Line, Tree, parse};
use caddis_testkit::examples;
use caddis_testkit::golden::{adapt_text, files, root};

/// A word that some case has, and the word of the line around it; empty for a line of the top.
type Used = BTreeSet<(String, String)>;

#[test]
fn every_example_adapts() {
    let of_directives = directives().iter().flat_map(|entry| entry.examples);
    let of_matchers = matchers().iter().flat_map(|entry| entry.examples);
    let of_options = options().iter().flat_map(|entry| entry.examples);
    let texts = of_directives
        .map(|line| examples::of_directive(line))
        .chain(of_matchers.map(|line| examples::of_matcher(line)))
        .chain(of_options.map(|line| examples::of_option(line)));
    for text in texts {
        let outcome = adapt_text("Caddyfile", &text, &|_| None);
        assert!(!outcome.is_refused(), "{text}\n{}", outcome.findings());
    }
}

#[test]
fn every_entry_has_an_example_and_a_usage_line() {
    let of_directives = directives()
        .iter()
        .map(|entry| (entry.name, entry.syntax, entry.examples));
    let of_matchers = matchers()
        .iter()
        .map(|entry| (entry.name, entry.syntax, entry.examples));
    let of_options = options()
        .iter()
        .map(|entry| (entry.name, entry.syntax, entry.examples));
    for (name, syntax, examples) in of_directives.chain(of_matchers).chain(of_options) {
        assert!(syntax.starts_with(name), "`{name}` is used as `{syntax}`");
        if NEEDS_A_PLUGIN.contains(&name) {
            continue;
        }
        let is_shown = |example: &&str| example.split_whitespace().next() == Some(name);
        assert!(examples.iter().any(is_shown), "`{name}` has no example");
    }
}

#[test]
fn every_entry_has_a_good_case_and_a_bad_one_where_arguments_can_be_wrong() {
    let (good, bad) = (used("json", Note::Every), used("error", Note::Wrong));
    let mut missing = Vec::new();
    for (kind, name, old_names, syntax, suboptions) in entries() {
        if NOT_RECORDED.contains(&name) {
            continue;
        }
        let names = [name].into_iter().chain(old_names.iter().copied());
        for name in names {
            let has = |used: &Used| used.iter().any(|(word, _)| word == name);
            if !has(&good) && !NEEDS_A_PLUGIN.contains(&name) {
                missing.push(format!("no good case for the {kind} `{name}`"));
            }
            if !has(&bad) && syntax != name && !NEVER_WRONG.contains(&(name, "")) {
                missing.push(format!("no bad case for the {kind} `{name}`"));
            }
        }
        for suboption in suboptions {
            if !good.contains(&((*suboption).into(), name.into())) {
                missing.push(format!(
                    "no good case for `{suboption}` of the {kind} `{name}`"
                ));
            }
            let is_bad = bad.contains(&((*suboption).into(), name.into()));
            if !is_bad && !NEVER_WRONG.contains(&(suboption, name)) {
                missing.push(format!(
                    "no bad case for `{suboption}` of the {kind} `{name}`"
                ));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_short_placeholder_has_a_recorded_case() {
    let cases = files(&root().join("testdata/adapt/placeholders"), ".caddyfile");
    let recorded = cases.iter().map(|case| case.with_extension("json"));
    let texts: Vec<(String, String)> = cases
        .iter()
        .zip(recorded)
        .filter(|(_, recorded)| recorded.exists())
        .map(|(case, recorded)| {
            let read = |path: &Path| fs::read_to_string(path).unwrap();
            (read(case), read(&recorded))
        })
        .collect();
    assert!(!placeholders().is_empty());
    for Shorthand { short, long } in placeholders() {
        // What takes a parameter is shown with one.
        let has_parameter = short.ends_with('.');
        let end = if has_parameter { "" } else { "}" };
        let (short, long) = (format!("{{{short}{end}"), format!("{{{long}{end}"));
        let is_shown =
            |(case, json): &(String, String)| case.contains(&short) && json.contains(&long);
        assert!(texts.iter().any(is_shown), "no case for `{short}`");
    }
}

type Entry = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static [&'static str],
);

fn entries() -> Vec<Entry> {
    let of_directives = directives().iter().map(|entry| {
        (
            "directive",
            entry.name,
            entry.old_names,
            entry.syntax,
            entry.subdirectives,
        )
    });
    let of_matchers = matchers().iter().map(|entry| {
        (
            "matcher",
            entry.name,
            &[][..],
            entry.syntax,
            entry.subdirectives,
        )
    });
    let of_options = options().iter().map(|entry| {
        (
            "option",
            entry.name,
            &[][..],
            entry.syntax,
            entry.subdirectives,
        )
    });
    of_directives.chain(of_matchers).chain(of_options).collect()
}

/// What Caddy refuses in every form, because its modules are plugins; `tests/dns.rs` has the cases of those of ours.
const NEEDS_A_PLUGIN: [&str; 3] = ["acme_dns", "dns", "filesystem"];
/// Directives of plugins and such that the Caddy that is asked was built without; tests in this folder have their cases.
const NOT_RECORDED: [&str; 2] = ["rate_limit", "tracing"];

/// Suboptions, and where they stand, and directives, of which Caddy takes everything.
const NEVER_WRONG: [(&str, &str); 4] = [
    // A line without a name is taken as well.
    ("log_name", ""),
    // What stands behind it is read as the next field.
    ("defer", "header"),
    // Caddy does not look at what stands behind them.
    ("capture_stderr", "php_fastcgi"),
    ("resolve_root_symlink", "php_fastcgi"),
];

/// Which lines of a case are noted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Note {
    Every,
    /// Those that an error is about.
    Wrong,
}

/// The words that start a line in the cases with this ending beside them.
fn used(ending: &str, which: Note) -> Used {
    let mut notes = Notes::default();
    for case in files(&root().join("testdata/adapt"), ".caddyfile") {
        if case.with_extension(ending).exists() {
            notes.case(&case, which);
        }
    }
    notes.used
}

#[derive(Default)]
struct Notes {
    used: Used,
    /// Where the errors of the case are; none if every line is noted.
    errors: Option<Vec<Range<usize>>>,
}

impl Notes {
    fn case(&mut self, case: &Path, which: Note) {
        let text = fs::read_to_string(case).unwrap();
        let mut sources = Sources::new();
        let file = sources.add(case.display().to_string(), text);
        let (tree, _) = parse(&mut sources, file, &|_| None, &Disk);
        self.errors = (which == Note::Wrong).then(|| errors(tree.clone(), &sources));
        let sites = tree.sites.iter().map(|site| &site.block);
        let named_routes = tree.named_routes.iter().map(|route| &route.block);
        for block in tree.options.iter().chain(sites).chain(named_routes) {
            self.block(block, &[]);
        }
    }

    fn block(&mut self, block: &Block, around: &[String]) {
        for line in &block.lines {
            self.line(line, around);
        }
    }

    fn line(&mut self, line: &Line, around: &[String]) {
        let name = line.name().text().to_owned();
        if self.is_noted(line) {
            self.used.insert((name.clone(), String::new()));
            for outer in around {
                self.used.insert((name.clone(), outer.clone()));
            }
        }
        // A matcher can stand behind the name of its definition, and behind `not`.
        if (name.starts_with('@') || name == "not") && line.words.len() > 1 {
            let inner = Line {
                words: line.arguments().to_vec(),
                block: line.block.clone(),
            };
            return self.line(&inner, around);
        }
        if let Some(block) = &line.block {
            let around: Vec<String> = around.iter().cloned().chain([name]).collect();
            self.block(block, &around);
        }
    }

    fn is_noted(&self, line: &Line) -> bool {
        let Some(errors) = &self.errors else {
            return true;
        };
        let words = line.span().range();
        let end = (line.block.as_ref()).map_or(words.end, |block| block.close.range().end);
        let is_within = |error: &Range<usize>| words.start <= error.start && error.end <= end;
        errors.iter().any(is_within)
    }
}

fn errors(tree: Tree, sources: &Sources) -> Vec<Range<usize>> {
    let adapted = adapt(tree, sources);
    let found = adapted.diagnostics.iter();
    found
        .filter(|found| found.is_error())
        .filter_map(|found| found.span().map(Span::range))
        .collect()
}
