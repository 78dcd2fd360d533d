//! The results in Markdown, as the README shows them.

use std::fmt::Write as _;

use time::OffsetDateTime;

use crate::args::Args;
use crate::job::{CONNECTIONS, Job, STREAMS};
use crate::programs::Program;
use crate::rounds::{Measured, Turn};

/// How many tokens the backend offers in a second.
const OFFERED: usize = STREAMS * 100;

/// Two tables: CPU time with its ratios, and all else.
///
/// `load` is that of the machine before the first turn.
pub(crate) fn markdown(
    args: &Args,
    load: &str,
    programs: &[Program],
    results: &[Measured],
) -> String {
    let mut text = preface(args, load, programs);
    text.push_str("\n\n");
    text.push_str(&costs(programs, results));
    text.push('\n');
    text.push_str(&speeds(programs, results));
    text
}

fn preface(args: &Args, load: &str, programs: &[Program]) -> String {
    let day = OffsetDateTime::now_utc().date();
    let versions: Vec<String> = (programs.iter())
        .map(|program| format!("{} {}", program.name, program.version))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let Args {
        rounds, seconds, ..
    } = args;
    format!(
        "{day}; {}; one machine with {cores} cores for servers, backend and clients; its load before was {load}.\nMedians of \
         {rounds} rounds of {seconds} seconds in turns, in parentheses the least and the most. Requests over {CONNECTIONS} \
         connections; streams of 100 tokens a second, {OFFERED} in all: where fewer arrive, the machine was too busy.",
        versions.join(", ")
    )
}

/// What a request costs each server, and how the first server compares.
fn costs(programs: &[Program], results: &[Measured]) -> String {
    let mut text = String::from("| CPU time, µs |");
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
    for Measured { job, turns } in results {
        let _ = write!(text, "| {}, per {} |", job.title(), job.unit());
        for turns in turns {
            let _ = write!(text, " {} |", with_spread(&each(turns, |turn| turn.cpu), 1));
        }
        let Some((first, others)) = turns.split_first() else {
            continue;
        };
        for other in others {
            let ratios: Vec<f64> = (first.iter().zip(other))
                .map(|(ours, theirs)| ours.cpu / theirs.cpu)
                .collect();
            let _ = write!(text, " {} |", with_spread(&ratios, 2));
        }
        text.push('\n');
    }
    text
}

/// How fast each server was.
fn speeds(programs: &[Program], results: &[Measured]) -> String {
    let mut text = String::from(
        "| work | server | per second | p50, µs | p99, µs | memory, MiB |\n|---|---|---|---|---|---|\n",
    );
    for Measured { job, turns } in results {
        let what = match job {
            Job::Http1 | Job::Https1 | Job::Https2 | Job::Handshakes => job.title().to_owned(),
            Job::Streams | Job::StreamsTls => format!("{}: delay of a token", job.title()),
        };
        for (program, turns) in programs.iter().zip(turns) {
            let of = |number: fn(&Turn) -> f64| median(&each(turns, number));
            let _ = writeln!(
                text,
                "| {what} | {} | {:.0} | {:.0} | {:.0} | {:.0} |",
                program.name,
                of(|turn| turn.rate),
                of(|turn| turn.p50),
                of(|turn| turn.p99),
                of(|turn| turn.memory),
            );
        }
    }
    text
}

fn each(turns: &[Turn], number: fn(&Turn) -> f64) -> Vec<f64> {
    turns.iter().map(number).collect()
}

/// `12.3 (11.9–13.0)`
fn with_spread(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let median = median(values);
    format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
}

/// The one in the middle, or the mean of the two.
fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.len() % 2) {
        (None, _) => 0.0,
        (Some(middle), 1) => *middle,
        (Some(upper), _) => f64::midpoint(*upper, values[values.len() / 2 - 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        assert_eq!(with_spread(&[1.0, 9.0, 2.0], 1), "2.0 (1.0–9.0)");
        assert_eq!(with_spread(&[4.0, 1.0, 2.0, 3.0], 2), "2.50 (1.00–4.00)");
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let program = |name| Program {
            name,
            file: "x".into(),
            version: "1".to_owned(),
            kind: crate::programs::Kind::Caddy,
        };
        let turn = |cpu| Turn {
            cpu,
            rate: 1000.0,
            p50: 1.0,
            p99: 2.0,
            memory: 3.0,
        };
        let results = [Measured {
            job: Job::Https1,
            turns: vec![vec![turn(10.0), turn(20.0)], vec![turn(100.0), turn(200.0)]],
        }];
        let text = costs(&[program("caddis"), program("Caddy")], &results);
        assert_eq!(
            text,
            "| CPU time, µs | caddis | Caddy | caddis / Caddy |\n|---|---|---|---|\n| HTTPS/1.1 + bearer, per request \
             | 15.0 (10.0–20.0) | 150.0 (100.0–200.0) | 0.10 (0.10–0.10) |\n"
        );
    }
}
