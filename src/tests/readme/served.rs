//! What of the recorded cases is served: which lines of which directives, and within which lines.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use caddis_server::{Environment, Network, build};
use caddis_source::{Sources, Span};
use caddis_syntax::{Disk, parse};
use caddis_testkit::golden::{Outcome, adapt_file, files, root};
use caddis_testkit::lines::{Part, Written, lines};

/// The words that start a line which is served in some case, alone and with the word of a line around it.
#[derive(Default)]
pub(crate) struct Served(BTreeSet<(Part, String, String)>);

impl Served {
    /// Builds every case that was recorded from Caddy.
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
        (self.0).contains(&(part, name.to_owned(), around.to_owned()))
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
            let within = |span: &Span| stands_in(span, line);
            let around_is_refused =
                (line.around.iter()).any(|at| refused.iter().any(|span| starts(span, &lines[*at])));
            if refused.iter().any(within) || around_is_refused {
                continue;
            }
            self.0.insert((line.part, line.name.clone(), String::new()));
            for at in &line.around {
                let around = lines[*at].name.clone();
                self.0.insert((line.part, line.name.clone(), around));
            }
        }
    }
}

/// Where what cannot be served stands; `None` if that is not known of all of it.
fn refused(outcome: &Outcome, lines: &[Written]) -> Option<Vec<Span>> {
    let errors = build(&outcome.adapted.config, &environment()).err();
    let spans = errors.unwrap_or_default().into_iter().map(|error| {
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

fn environment() -> Environment {
    Environment {
        place: None,
        variable: Arc::new(|_: &str| None),
        dial: Arc::new(Network::default()),
        passwords: None,
        data_dir: PathBuf::new(),
        workers: 1,
    }
}
