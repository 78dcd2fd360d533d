//! caddis and the real Caddy, asked now: Caddyfiles of other people and those of `testdata` adapt to the same text, and
//! what is recorded beside the latter is still what Caddy says.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};

use caddis_testkit::golden::{adapt_text, files, root};
use caddis_testkit::oracle::{Answer, Form, Oracle};
use caddis_testkit::parallel;
use caddis_testkit::shared::{self, say};
use caddis_testkit::variables::{Variables, empty, plausible};

/// What caddis has and stock Caddy does not: a file with it may be refused by Caddy alone.
const OURS: &str = "rate_limit";

/// What came of a file, with what is to be said of it if that is wrong.
enum Outcome {
    Same,
    RefusedByBoth,
    /// Adapted by caddis, refused by Caddy for want of `rate_limit`.
    Ours,
    CaddisOnly(String),
    CaddyOnly(String),
    Different(String),
    /// What is recorded is no longer what Caddy says.
    RecordedOtherwise(String),
}

impl Outcome {
    fn of(path: &Path, oracle: &Oracle, variables: fn(&str) -> Variables, cases: Cases) -> Self {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        let variables = variables(&text);
        let outcome = adapt_text(&path.display().to_string(), &text, &|name| {
            variables.get(name).cloned()
        });
        let answer = oracle
            .adapt(path, &pairs(&variables), Form::Pretty)
            .unwrap();
        if cases == Cases::Recorded && !is_recorded(path, &answer) {
            return Self::RecordedOtherwise(format!("{name} is recorded otherwise: {answer:?}"));
        }
        let ours = caddis_ir::pretty(&outcome.adapted.config) + "\n";
        match (outcome.is_refused(), answer) {
            (true, Answer::Error(_)) => Self::RefusedByBoth,
            (false, Answer::Error(_)) if text.contains(OURS) => Self::Ours,
            (false, Answer::Error(error)) => Self::CaddisOnly(format!("{name}: {error}")),
            (true, Answer::Json(_)) => Self::CaddyOnly(format!("{name}:\n{}", outcome.findings())),
            (false, Answer::Json(theirs)) if theirs == ours => Self::Same,
            (false, Answer::Json(theirs)) => {
                Self::Different(format!("{name}:\nours    {ours}Caddy's {theirs}"))
            }
        }
    }

    fn wrong(&self) -> Option<&str> {
        match self {
            Self::Same | Self::RefusedByBoth | Self::Ours => None,
            Self::CaddisOnly(text)
            | Self::CaddyOnly(text)
            | Self::Different(text)
            | Self::RecordedOtherwise(text) => Some(text),
        }
    }
}

/// Whether the answers of Caddy stand beside the files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cases {
    Recorded,
    Others,
}

fn is_recorded(case: &Path, answer: &Answer) -> bool {
    let (ending, text) = match answer {
        Answer::Json(text) => ("json", text),
        Answer::Error(text) => ("error", text),
    };
    std::fs::read_to_string(case.with_extension(ending)).is_ok_and(|recorded| recorded == *text)
}

fn pairs(variables: &Variables) -> Vec<(&str, &str)> {
    let pairs = variables.iter();
    pairs.map(|(a, b)| (a.as_str(), b.as_str())).collect()
}

fn compare(title: &str, paths: &[PathBuf], variables: fn(&str) -> Variables, cases: Cases) {
    let Some(oracle) = Oracle::find() else {
        say("NOT COMPARED: no Caddy; set CADDY to its binary");
        return;
    };
    let outcomes = parallel::each(paths, |path| Outcome::of(path, &oracle, variables, cases));
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let same = count(|outcome| matches!(outcome, Outcome::Same));
    say(&format!(
        "{title}: {same} the same, {} refused by both, {} with `{OURS}`, {} adapted by caddis only, {} by Caddy only, {} differ",
        count(|outcome| matches!(outcome, Outcome::RefusedByBoth)),
        count(|outcome| matches!(outcome, Outcome::Ours)),
        count(|outcome| matches!(outcome, Outcome::CaddisOnly(_))),
        count(|outcome| matches!(outcome, Outcome::CaddyOnly(_))),
        count(|outcome| matches!(outcome, Outcome::Different(_))),
    ));
    let wrong: Vec<_> = outcomes.iter().filter_map(Outcome::wrong).collect();
    assert!(wrong.is_empty(), "{title}\n{}", wrong.join("\n"));
    assert!(same > 10, "{title}: too few files were compared");
}

fn wild() -> Option<Vec<PathBuf>> {
    let folder = shared::path("wild")?.canonicalize().unwrap();
    Some(files(&folder, ".Caddyfile"))
}

#[test]
fn caddyfiles_of_other_people_adapt_as_in_caddy_with_empty_variables() {
    let Some(paths) = wild() else { return };
    let title = "Caddyfiles of other people, empty variables";
    compare(title, &paths, empty, Cases::Others);
}

#[test]
fn caddyfiles_of_other_people_adapt_as_in_caddy_with_plausible_variables() {
    let Some(paths) = wild() else { return };
    let title = "Caddyfiles of other people, plausible variables";
    compare(title, &paths, plausible, Cases::Others);
}

#[test]
fn caddyfiles_of_the_tests_adapt_as_in_caddy() {
    let paths = files(&root().join("testdata/adapt"), ".caddyfile");
    compare(
        "Caddyfiles of testdata/adapt",
        &paths,
        empty,
        Cases::Recorded,
    );
}
