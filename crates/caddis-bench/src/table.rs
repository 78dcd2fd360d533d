//! The results in Markdown, as the README shows them.

use std::fmt::Write as _;

use time::OffsetDateTime;

use crate::args::Args;
use crate::job::{CONNECTIONS, Job, Row};
use crate::measure::{Figures, Measure};
use crate::programs::Program;
use crate::rounds::{Measured, Results};
use crate::statistics::{Spread, spread};

/// What one has to know of the jobs.
const NOTES: &str = "A stream has 50 tokens a second, each with the time at which the backend sent it; what a proxy adds to their delay is the 99th\n\
     percentile through it less that straight from the backend in the same round, and tokens that are overdue at the end of a turn count\n\
     with the time that they are late. An idle connection has asked once. A start is the quickest of five. caddis and Caddy\n\
     get configs of many sites as JSON: the rows of `adapt` show what comes before. nginx buffers neither\n\
     streams nor uploads; other answers it does, in memory, as that costs it less.";
/// Where nothing was measured.
const NOTHING: &str = "–";

/// Two tables: what is compared, and how fast each server was.
///
/// `load` is that of the machine before the first turn.
pub(crate) fn markdown(args: &Args, load: &str, programs: &[Program], results: &Results) -> String {
    let mut text = preface(args, load, programs);
    text.push_str("\n\n");
    text.push_str(&compared(programs, &results.measured));
    text.push('\n');
    text.push_str(&speeds(programs, &results.measured));
    for failure in &results.failures {
        let _ = write!(text, "\nNot measured: {}.\n", failure.trim());
    }
    text
}

fn preface(args: &Args, load: &str, programs: &[Program]) -> String {
    let day = OffsetDateTime::now_utc().date();
    let versions: Vec<String> = (programs.iter())
        .map(|program| format!("{} {}", program.name, program.version))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (rounds, seconds) = (args.rounds(), args.seconds);
    format!(
        "{day}; {}; one machine with {cores} cores for servers, backend and clients; its load before was {load}.\n\
         Medians of up to {rounds} rounds in turns, those of steady work {seconds} seconds long; of ratios, which are taken within a \
         round, the least and the most in parentheses. Requests over {CONNECTIONS} connections.\n{NOTES}",
        versions.join(", ")
    )
}

/// The figures of all programs, and those of the first one as ratios to the others'.
fn compared(programs: &[Program], results: &[Measured]) -> String {
    let mut text = String::from("| work |");
    let mut rule = String::from("|---|");
    for program in programs {
        let _ = write!(text, " {} |", program.name);
        rule.push_str("---|");
    }
    let first = programs.first().map_or("", |program| program.name);
    for program in programs.iter().skip(1) {
        let _ = write!(text, " {first} / {} |", program.name);
        rule.push_str("---|");
    }
    let _ = write!(text, "\n{rule}\n");
    for measured in results {
        text.push_str(&lines(programs, measured));
    }
    text
}

/// The lines of one job.
pub(crate) fn lines(programs: &[Program], measured: &Measured) -> String {
    let Measured { job, turns } = measured;
    let mut text = String::new();
    for row in job.rows {
        line(&mut text, job, row, programs, turns);
    }
    text
}

fn line(text: &mut String, job: &Job, row: &Row, programs: &[Program], turns: &[Vec<Figures>]) {
    let (unit, _) = job.work.unit();
    let _ = write!(text, "| {}: {} |", job.title, row.measure.title(unit));
    for turns in turns {
        let middle = spread(each(turns, row.measure)).map(|spread| short(spread.median));
        let _ = write!(text, " {} |", middle.as_deref().unwrap_or(NOTHING));
    }
    let ours = turns.first().map_or(&[][..], Vec::as_slice);
    for (program, theirs) in programs.iter().zip(turns).skip(1) {
        let target = match program.name {
            "Caddy" => row.caddy,
            "nginx" => row.nginx,
            _ => None,
        };
        let ratios = ours.iter().zip(theirs).filter_map(|(ours, theirs)| {
            ratio(*ours.get(&row.measure)?, *theirs.get(&row.measure)?)
        });
        let cell = spread(ratios).map(|ratio| compare(ratio, target));
        let _ = write!(text, " {} |", cell.as_deref().unwrap_or(NOTHING));
    }
    text.push('\n');
}

/// Nothing where there is nothing to divide by: what a proxy adds can be lost in the noise.
fn ratio(ours: f64, theirs: f64) -> Option<f64> {
    (theirs > 0.0).then(|| ours.max(0.0) / theirs)
}

/// `0.12 (0.11–0.13), ≤ 0.13 met`
fn compare(ratio: Spread, target: Option<f64>) -> String {
    let Spread {
        median,
        least,
        most,
    } = ratio;
    let mut text = format!("{median:.2} ({least:.2}–{most:.2})");
    if let Some(target) = target {
        let verdict = if median <= target {
            "met"
        } else {
            "**missed**"
        };
        let _ = write!(text, ", ≤ {target:.2} {verdict}");
    }
    text
}

/// How fast each server was, where clients asked again and again.
fn speeds(programs: &[Program], results: &[Measured]) -> String {
    let mut text = String::from("| per second · p50 / p99 in ms · memory in MiB |");
    let mut rule = String::from("|---|");
    for program in programs {
        let _ = write!(text, " {} |", program.name);
        rule.push_str("---|");
    }
    let _ = write!(text, "\n{rule}\n");
    let has_rate =
        |turns: &Vec<Figures>| turns.iter().any(|turn| turn.contains_key(&Measure::Rate));
    for Measured { job, turns } in results {
        if !turns.iter().any(has_rate) {
            continue;
        }
        let (unit, _) = job.work.unit();
        let _ = write!(text, "| {}, {unit}s |", job.title);
        for turns in turns {
            let _ = write!(text, " {} |", speed(turns));
        }
        text.push('\n');
    }
    text
}

fn speed(turns: &[Figures]) -> String {
    let of = |measure| spread(each(turns, measure)).map(|spread| spread.median);
    let (Some(rate), Some(p50), Some(p99)) =
        (of(Measure::Rate), of(Measure::P50), of(Measure::P99))
    else {
        return NOTHING.to_owned();
    };
    let memory = of(Measure::Memory).map_or(NOTHING.to_owned(), |memory| format!("{memory:.0}"));
    let (p50, p99) = (short(p50 / 1000.0), short(p99 / 1000.0));
    format!("{rate:.0} · {p50} / {p99} · {memory}")
}

fn each(turns: &[Figures], measure: Measure) -> impl Iterator<Item = f64> {
    turns
        .iter()
        .filter_map(move |turn| turn.get(&measure).copied())
}

/// As many digits as say something.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::named;
    use crate::programs::Kind;

    fn program(name: &'static str) -> Program {
        Program {
            name,
            file: "x".into(),
            version: "1".to_owned(),
            kind: Kind::Caddy,
        }
    }

    fn cpu(values: &[f64]) -> Vec<Figures> {
        let turn = |cpu: &f64| Figures::from([(Measure::Cpu, *cpu)]);
        values.iter().map(turn).collect()
    }

    #[test]
    fn ratios_are_taken_within_a_round_and_held_against_the_target() {
        let results = [Measured {
            job: named("https1").unwrap(),
            turns: vec![cpu(&[10.0, 20.0]), cpu(&[100.0, 200.0]), cpu(&[10.0, 40.0])],
        }];
        let programs = ["caddis", "Caddy", "nginx"].map(program);
        assert_eq!(
            compared(&programs, &results),
            "| work | caddis | Caddy | nginx | caddis / Caddy | caddis / nginx |\n|---|---|---|---|---|---|\n\
             | HTTPS/1.1 + bearer: CPU µs per request | 15.0 | 150 | 25.0 | 0.10 (0.10–0.10), ≤ 0.12 met \
             | 0.75 (0.50–1.00), ≤ 0.80 met |\n"
        );
    }

    #[test]
    fn a_ratio_above_the_target_is_missed() {
        let ratio = spread([0.7, 0.8, 0.9]).unwrap();
        assert_eq!(
            compare(ratio, Some(0.75)),
            "0.80 (0.70–0.90), ≤ 0.75 **missed**"
        );
    }

    #[test]
    fn who_was_not_measured_is_not_compared() {
        let results = [Measured {
            job: named("handshakes").unwrap(),
            turns: vec![cpu(&[10.0]), vec![Figures::new()]],
        }];
        let text = compared(&["caddis", "Caddy"].map(program), &results);
        assert!(text.ends_with("| 10.0 | – | – |\n"), "{text}");
    }

    #[test]
    fn less_than_nothing_is_nothing() {
        assert_eq!(ratio(-3.0, 10.0), Some(0.0));
        assert_eq!(ratio(10.0, -3.0), None);
    }
}
