//! Adapting in process, stage by stage.

use std::time::{Duration, Instant};

use caddis_source::Sources;
use caddis_syntax::{Disk, parse, tokens};

const RUNS: usize = 3;
const STAGES: [&str; 5] = ["lex", "parse", "adapt", "write", "free"];

pub(crate) fn header() -> String {
    STAGES.map(|stage| format!("{stage:>10}")).concat()
}

/// The shortest of some runs of each stage, which other programs disturbed the least.
pub(crate) fn row(text: &str) -> String {
    let mut least = [Duration::MAX; STAGES.len()];
    for _ in 0..RUNS {
        let run = run(text);
        for (least, time) in least.iter_mut().zip(run) {
            *least = time.min(*least);
        }
    }
    least
        .map(|time| format!("{:>10}", format!("{time:.1?}")))
        .concat()
}

/// Parsing begins with lexing, so that is counted twice.
fn run(text: &str) -> [Duration; STAGES.len()] {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (_, lexing) = time(|| tokens(&mut sources, file, &|_| None));
    let (parsed, parsing) = time(|| parse(&mut sources, file, &|_| None, &Disk));
    let (adapted, adapting) = time(|| caddis_adapt::adapt(parsed.0, &sources));
    let errors = adapted.diagnostics.iter();
    assert_eq!(errors.filter(|found| found.is_error()).count(), 0);
    let (json, writing) = time(|| caddis_ir::compact(&adapted.config));
    let ((), freeing) = time(|| drop((adapted, json)));
    [lexing, parsing, adapting, writing, freeing]
}

fn time<T>(stage: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = stage();
    (made, start.elapsed())
}
