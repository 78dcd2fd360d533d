//! caddis and the real Caddy, asked now: Caddyfiles of other people and those of `testdata` adapt to the same text.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};

use caddis_testkit::golden::{adapt_text, files, root};
use caddis_testkit::oracle::{Answer, Form, Oracle};
use caddis_testkit::shared::{self, say};
use caddis_testkit::variables::{Variables, empty, plausible};

/// How many files may need something that is not there yet; the number only ever falls.
const NOT_THERE_YET: usize = 59;

/// What caddis has and stock Caddy does not: a file with it may be refused by Caddy alone.
const OURS: &str = "rate_limit";

/// What came of a number of files.
#[derive(Default)]
struct Tally {
    same: usize,
    refused_by_both: usize,
    /// Adapted by caddis, refused by Caddy for want of `rate_limit`.
    ours: usize,
    not_there_yet: Vec<String>,
    /// Adapted by one of the two.
    caddis_only: Vec<String>,
    caddy_only: Vec<String>,
    different: Vec<String>,
}

impl Tally {
    fn add(&mut self, path: &Path, oracle: &Oracle, variables: fn(&str) -> Variables) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        let variables = variables(&text);
        let outcome = adapt_text(&path.display().to_string(), &text, &|name| {
            variables.get(name).cloned()
        });
        let answer = oracle.adapt(path, &pairs(&variables), Form::Compact);
        let ours = caddis_ir::compact(&outcome.adapted.config) + "\n";
        match (outcome.is_refused(), answer.unwrap()) {
            (true, Answer::Error(_)) => self.refused_by_both += 1,
            (false, Answer::Error(_)) if text.contains(OURS) => self.ours += 1,
            (false, Answer::Error(error)) => self.caddis_only.push(format!("{name}: {error}")),
            (true, Answer::Json(_)) if outcome.is_not_there_yet() => self.not_there_yet.push(name),
            (true, Answer::Json(_)) => {
                let findings = outcome.findings();
                self.caddy_only.push(format!("{name}:\n{findings}"));
            }
            (false, Answer::Json(theirs)) if theirs == ours => self.same += 1,
            (false, Answer::Json(theirs)) => self
                .different
                .push(format!("{name}:\nours    {ours}Caddy's {theirs}")),
        }
    }

    fn report(&self, title: &str) {
        say(&format!(
            "{title}: {} the same, {} refused by both, {} with `{OURS}`, {} not there yet, {} adapted by caddis only, {} by Caddy only, {} differ",
            self.same,
            self.refused_by_both,
            self.ours,
            self.not_there_yet.len(),
            self.caddis_only.len(),
            self.caddy_only.len(),
            self.different.len(),
        ));
        if !self.not_there_yet.is_empty() {
            say(&format!("not there yet: {}", self.not_there_yet.join(" ")));
        }
        let wrong = [&self.caddis_only, &self.caddy_only, &self.different];
        let wrong: Vec<_> = wrong.into_iter().flatten().map(String::as_str).collect();
        assert!(wrong.is_empty(), "{title}\n{}", wrong.join("\n"));
        assert!(self.not_there_yet.len() <= NOT_THERE_YET, "{title}");
        assert!(self.same > 10, "{title}: too few files were compared");
    }
}

fn pairs(variables: &Variables) -> Vec<(&str, &str)> {
    let pairs = variables.iter();
    pairs.map(|(a, b)| (a.as_str(), b.as_str())).collect()
}

fn compare(title: &str, paths: &[PathBuf], variables: fn(&str) -> Variables) {
    let Some(oracle) = Oracle::find() else {
        say("NOT COMPARED: no Caddy; set CADDY to its binary");
        return;
    };
    let mut tally = Tally::default();
    for path in paths {
        tally.add(path, &oracle, variables);
    }
    tally.report(title);
}

fn wild() -> Option<Vec<PathBuf>> {
    let folder = shared::path("wild")?.canonicalize().unwrap();
    Some(files(&folder, ".Caddyfile"))
}

#[test]
fn caddyfiles_of_other_people_adapt_as_in_caddy_with_empty_variables() {
    let Some(paths) = wild() else { return };
    let title = "Caddyfiles of other people, empty variables";
    compare(title, &paths, empty);
}

#[test]
fn caddyfiles_of_other_people_adapt_as_in_caddy_with_plausible_variables() {
    let Some(paths) = wild() else { return };
    let title = "Caddyfiles of other people, plausible variables";
    compare(title, &paths, plausible);
}

#[test]
fn caddyfiles_of_the_tests_adapt_as_in_caddy() {
    let paths = files(&root().join("testdata/adapt"), ".caddyfile");
    compare("Caddyfiles of testdata/adapt", &paths, empty);
}
