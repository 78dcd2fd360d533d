//! How a run went, for people, for TAP readers and as JSON.

use std::fmt::Write as _;
use std::time::Duration;

use caddis_source::Sources;
use serde_json::{Value, json};

use crate::spec::Case;
use crate::{Failure, Mismatch, Outcome, Script};

/// How much of what a server wrote is shown.
const LAST_LINES: usize = 12;

/// How to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// What failed, and how many passed.
    #[default]
    Human,
    /// The Test Anything Protocol, version 13.
    Tap,
    /// One JSON object.
    Json,
}

/// How one case ended.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file.
    pub file: String,
    /// The line of the case.
    pub line: usize,
    /// What it shows.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// How a case of a script ended.
    pub fn new(
        script: &Script,
        case: &Case,
        sources: &Sources,
        outcome: Outcome,
        took: Duration,
    ) -> Self {
        Self {
            file: sources.name(script.spec.file).into(),
            line: sources.position(case.span).line,
            title: case.title.clone(),
            outcome,
            took,
        }
    }
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// As expected.
    pub passed: usize,
    /// Not as expected.
    pub failed: usize,
    /// Not shown this way.
    pub skipped: usize,
    /// The config did not load.
    pub broken: usize,
}

impl Counts {
    /// Counts the cases of a run.
    pub fn of(reports: &[Report]) -> Self {
        let mut counts = Self::default();
        for report in reports {
            match report.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Broken(_) => counts.broken += 1,
            }
        }
        counts
    }
}

/// The whole report.
pub fn render(reports: &[Report], format: Format) -> String {
    match format {
        Format::Human => human(reports),
        Format::Tap => tap(reports),
        Format::Json => format!("{:#}\n", machine(reports)),
    }
}

fn human(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let place = format!("{}:{}  {}", report.file, report.line, report.title);
        match &report.outcome {
            Outcome::Passed => {}
            Outcome::Failed(failures) => {
                let _ = writeln!(text, "FAIL {place}\n{}", details(failures));
            }
            Outcome::Skipped(why) => {
                let _ = writeln!(text, "SKIP {place}\n  {why}\n");
            }
            Outcome::Broken(why) => {
                let _ = writeln!(text, "BROKEN {place}\n{}\n", indent(why, "  "));
            }
        }
    }
    let counts = Counts::of(reports);
    let others = [
        (counts.failed, "failed"),
        (counts.broken, "broken"),
        (counts.skipped, "skipped"),
    ];
    let _ = write!(text, "{} passed", counts.passed);
    for (count, word) in others.iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, ", {count} {word}");
    }
    text.push('\n');
    text
}

/// What was different, step by step, and what the server wrote.
fn details(failures: &[Failure]) -> String {
    let mut text = String::new();
    for failure in failures {
        if failure.step > 0 {
            let _ = writeln!(text, "  step {}  {}", failure.step, failure.request);
        }
        for mismatch in &failure.mismatches {
            text.push_str(&difference(mismatch));
        }
    }
    let mut output = failures.iter().map(|failure| failure.output.as_str());
    if let Some(output) = output.rfind(|output| !output.is_empty()) {
        let lines: Vec<_> = output.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..);
        let last = last.unwrap_or_default().join("\n");
        let _ = writeln!(
            text,
            "  the server wrote, at last:\n{}",
            indent(&last, "    ")
        );
    }
    text
}

fn difference(mismatch: &Mismatch) -> String {
    if mismatch.wanted.is_empty() {
        return format!("{}\n", indent(&mismatch.got, "  ! "));
    }
    let wanted = indent(&mismatch.wanted, "  - ");
    format!("{wanted}\n{}\n", indent(&mismatch.got, "  + "))
}

fn indent(text: &str, with: &str) -> String {
    let lines = text.lines().map(|line| format!("{with}{line}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn tap(reports: &[Report]) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", reports.len());
    for (index, report) in reports.iter().enumerate() {
        let number = index + 1;
        let name = format!("{}: {}", report.file, report.title).replace('#', "\\#");
        let (ok, why) = match &report.outcome {
            Outcome::Passed => ("ok", None),
            Outcome::Skipped(why) => {
                let _ = writeln!(text, "ok {number} - {name} # SKIP {why}");
                continue;
            }
            Outcome::Failed(failures) => ("not ok", Some(details(failures))),
            Outcome::Broken(why) => ("not ok", Some(why.clone())),
        };
        let _ = writeln!(text, "{ok} {number} - {name}");
        if let Some(why) = why {
            let line = report.line;
            let why = indent(&why, "    ");
            let _ = writeln!(text, "  ---\n  line: {line}\n  message: |\n{why}\n  ...");
        }
    }
    text
}

fn machine(reports: &[Report]) -> Value {
    let counts = Counts::of(reports);
    let cases: Vec<_> = reports.iter().map(case).collect();
    json!({
        "passed": counts.passed,
        "failed": counts.failed,
        "broken": counts.broken,
        "skipped": counts.skipped,
        "cases": cases,
    })
}

fn case(report: &Report) -> Value {
    let (outcome, message) = match &report.outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(failures) => ("failed", Some(details(failures))),
        Outcome::Skipped(why) => ("skipped", Some(why.clone())),
        Outcome::Broken(why) => ("broken", Some(why.clone())),
    };
    json!({
        "file": report.file,
        "line": report.line,
        "title": report.title,
        "outcome": outcome,
        "message": message,
        "seconds": report.took.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports() -> Vec<Report> {
        let report = |line, title: &str, outcome| Report {
            file: "a.ctest".into(),
            line,
            title: title.into(),
            outcome,
            took: Duration::ZERO,
        };
        let mismatch = |wanted: &str, got: &str| Mismatch {
            span: None,
            wanted: wanted.into(),
            got: got.into(),
        };
        let failure = Failure {
            step: 1,
            request: "DELETE https://a.test/".into(),
            mismatches: vec![
                mismatch("< 403", "< 200"),
                mismatch("^ none", "^> one DELETE /\n^> one GET /"),
                mismatch("", "unexpected dial to 10.0.0.1:80"),
            ],
            output: "a line of its log".into(),
        };
        vec![
            report(3, "one", Outcome::Passed),
            report(9, "two #2", Outcome::Failed(vec![failure])),
            report(12, "three", Outcome::Skipped("not over sockets".into())),
            report(15, "four", Outcome::Broken("Error: no\nreally".into())),
        ]
    }

    #[test]
    fn people_see_what_was_different() {
        insta::assert_snapshot!(render(&reports(), Format::Human));
    }

    #[test]
    fn tap_readers_see_every_case() {
        insta::assert_snapshot!(render(&reports(), Format::Tap));
    }

    #[test]
    fn machines_see_everything() {
        insta::assert_snapshot!(render(&reports(), Format::Json));
    }
}
