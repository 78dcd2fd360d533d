//! What of the recorded cases is served: which lines of which directives, and within which lines.

use std::collections::BTreeMap;

use caddis_server::not_yet;
use caddis_source::{Sources, Span};
use caddis_syntax::{Disk, parse};
use caddis_testkit::golden::{Outcome, adapt_file, files, root};
use caddis_testkit::lines::{Part, Written, lines};

/// The words that start a line, alone and with the word of a line around it, and how often it is served.
///
/// A line may say nothing that is in the JSON (a matcher that nobody uses), so that once is not enough: a name is served
/// if configs that are served have it often enough, beside those where it is refused itself.
#[derive(Default)]
pub(crate) struct Served(BTreeMap<(Part, String, String), Times>);

/// One in so many: `uri` and `handle_errors` have many forms that are refused, and some that are not.
const SOME: usize = 4;

#[derive(Clone, Copy, Default)]
struct Times {
    served: usize,
    refused: usize,
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
        served
    }

    /// True if a line that starts so is served.
    pub(crate) fn has(&self, part: Part, name: &str) -> bool {
        self.has_within(part, name, "")
    }

    /// True if a line that starts so is served within one that starts with the other word.
    pub(crate) fn has_within(&self, part: Part, name: &str, around: &str) -> bool {
        let times = self.0.get(&(part, name.to_owned(), around.to_owned()));
        times.is_some_and(|times| times.served * SOME > times.refused)
    }

    fn add(&mut self, outcome: &Outcome) {
        let Some(first) = outcome.sources.files().next() else {
            return;
        };
        let mut sources = Sources::new();
        let file = sources.add(outcome.sources.name(first), outcome.sources.shared(first));
        let (tree, _) = parse(&mut sources, file, &|_| None, &Disk);
        let lines = lines(&tree);
        let Some(refused) = refused(outcome, &lines) else {
            return;
        };
        for line in &lines {
            // What is refused may be known to stand in the line around only.
            let mut lines_around = line.around.iter().map(|at| &lines[*at]);
            let is_refused = refused.iter().any(|span| starts(span, line))
                || lines_around.any(|around| refused.iter().any(|span| starts(span, around)));
            let around = line.around.iter().map(|at| lines[*at].name.clone());
            for around in [String::new()].into_iter().chain(around) {
                let key = (line.part, line.name.clone(), around);
                let times = self.0.entry(key).or_default();
                times.refused += usize::from(is_refused);
                times.served += usize::from(refused.is_empty());
            }
        }
    }
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

/// True if the place is the line itself, and not something in its block.
fn starts(span: &Span, line: &Written) -> bool {
    span.file == line.file && line.words.contains(&span.range().start)
}
