//! What of the recorded cases is served: which lines of which directives, and within which lines.

use std::collections::{BTreeMap, BTreeSet};

use caddis_adapt::directives;
use caddis_server::not_yet;
use caddis_source::{Sources, Span};
use caddis_syntax::{Disk, parse};
use caddis_testkit::examples::of_directive;
use caddis_testkit::golden::{Outcome, adapt_file, adapt_text, files, root};
use caddis_testkit::lines::{Part, Written, lines};

/// The words that start a line, alone and with the word of a line around it, and how often it is served.
///
/// A line may say nothing that is in the JSON (a matcher that nobody uses), so that once is not enough: a name is served
/// if it stands in more than half as many configs that are as in ones where it, or what stands beside it, is refused.
#[derive(Default)]
pub(crate) struct Served {
    times: BTreeMap<Key, Times>,
    /// What stands in a case that is run, or in an example that is served as a whole.
    shown: BTreeSet<Key>,
}

type Key = (Part, String, String);

#[derive(Clone, Copy, Default)]
struct Times {
    served: usize,
    refused: usize,
}

/// True if one of these configs adapts and is served.
pub(crate) fn any(mut texts: impl Iterator<Item = String>) -> bool {
    texts.any(|text| {
        let outcome = adapt_text("Caddyfile", &text, &|_| None);
        !outcome.is_refused() && not_yet(&outcome.adapted.config).is_empty()
    })
}

impl Served {
    /// Looks at every case that was recorded from Caddy.
    pub(crate) fn of_cases() -> Self {
        let mut served = Self::default();
        for case in files(&root().join("testdata/adapt"), ".caddyfile") {
            if case.with_extension("json").exists() {
                served.add(&adapt_file(&case));
            }
        }
        for case in files(&root().join("testdata/side_by_side"), ".caddyfile") {
            served.show(&adapt_file(&case));
        }
        for line in directives().iter().flat_map(|directive| directive.examples) {
            let outcome = adapt_text("Caddyfile", &of_directive(line), &|_| None);
            if !outcome.is_refused() && not_yet(&outcome.adapted.config).is_empty() {
                served.show(&outcome);
            }
        }
        served
    }

    /// True if a line that starts so is served within one that starts with the other word.
    pub(crate) fn has_within(&self, part: Part, name: &str, around: &str) -> bool {
        let key = (part, name.to_owned(), around.to_owned());
        let is_mostly = |times: &Times| times.served * 2 > times.refused;
        self.shown.contains(&key) || self.times.get(&key).is_some_and(is_mostly)
    }

    fn show(&mut self, outcome: &Outcome) {
        let lines = lines_of(outcome);
        for line in &lines {
            let around = line.around.iter().map(|at| lines[*at].name.clone());
            let keys = around.map(|around| (line.part, line.name.clone(), around));
            self.shown.extend(keys);
        }
    }

    fn add(&mut self, outcome: &Outcome) {
        let lines = lines_of(outcome);
        let Some(refused) = refused(outcome, &lines) else {
            return;
        };
        for line in &lines {
            // What is refused may be known to stand in the line around, or in another line about the same.
            let is_refused = match line.around.first() {
                Some(at) => refused.iter().any(|span| stands_in(span, &lines[*at])),
                None => refused.iter().any(|span| stands_in(span, line)),
            };
            let around = line.around.iter().map(|at| lines[*at].name.clone());
            for around in [String::new()].into_iter().chain(around) {
                let key = (line.part, line.name.clone(), around);
                let times = self.times.entry(key).or_default();
                times.refused += usize::from(is_refused);
                times.served += usize::from(refused.is_empty());
            }
        }
    }
}

/// The lines of the file itself.
fn lines_of(outcome: &Outcome) -> Vec<Written> {
    let Some(first) = outcome.sources.files().next() else {
        return Vec::new();
    };
    let mut sources = Sources::new();
    let file = sources.add(outcome.sources.name(first), outcome.sources.shared(first));
    let (tree, _) = parse(&mut sources, file, &|_| None, &Disk);
    lines(&tree)
}

/// Where what cannot be served stands; `None` if that is not known of all of it.
fn refused(outcome: &Outcome, lines: &[Written]) -> Option<Vec<Span>> {
    let errors = not_yet(&outcome.adapted.config).into_iter();
    let spans = errors.map(|error| {
        let span = outcome.adapted.origins.span(&error.path)?;
        lines
            .iter()
            .any(|line| stands_in(&span, line))
            .then_some(span)
    });
    spans.collect()
}

fn stands_in(span: &Span, line: &Written) -> bool {
    span.file == line.file && line.whole.contains(&span.range().start)
}
