//! What of the recorded cases is served: which lines of which directives, and within which lines.

use std::collections::BTreeMap;

use caddis_server::not_yet;
use caddis_source::{Sources, Span};
use caddis_syntax::{Disk, parse};
use caddis_testkit::golden::{Outcome, adapt_file, adapt_text, files, root};
use caddis_testkit::lines::{Part, Written, lines};

/// The words that start a line, alone and with the word of a line around it, and how often it is served.
///
/// A line may say nothing that is in the JSON (a matcher that nobody uses), so that once is not enough: a name is served
/// if it stands in more than half as many configs that are as in ones where it, or what stands beside it, is refused.
#[derive(Default)]
pub(crate) struct Served(BTreeMap<(Part, String, String), Times>);

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
        served
    }

    /// True if a line that starts so is served within one that starts with the other word.
    pub(crate) fn has_within(&self, part: Part, name: &str, around: &str) -> bool {
        let times = self.0.get(&(part, name.to_owned(), around.to_owned()));
        times.is_some_and(|times| times.served * 2 > times.refused)
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
            // What is refused may be known to stand in the line around, or in another line about the same.
            let is_refused = match line.around.first() {
                Some(at) => refused.iter().any(|span| stands_in(span, &lines[*at])),
                None => refused.iter().any(|span| stands_in(span, line)),
            };
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
