//! The jobs that are measured, and the ratios to be reached.

use std::time::Duration;

use crate::job::{Job, MIB, Over, Row, Setup, Streams, Work};
use crate::measure::Measure;

/// Between two tokens of a stream: fifty in a second, as a model writes them.
const TOKEN: Duration = Duration::from_millis(20);
/// The same where so many streams are open that memory counts, and not how fast they are.
const SLOW_TOKEN: Duration = Duration::from_millis(200);
const SMALL: usize = crate::backend::ANSWER.len();
/// As many rounds as are asked for.
const ANY: u32 = u32::MAX;
/// Rounds of what takes long, or has no target.
const FEW: u32 = 2;
const CPU: &[Row] = &[shown(Measure::Cpu)];
const CLOCK: &[Row] = &[shown(Measure::Clock)];
const STREAM: &[Row] = &[
    shown(Measure::Cpu),
    shown(Measure::FirstToken),
    shown(Measure::AddedP99),
];
const STREAMS: &[Row] = &[
    target(Measure::Cpu, 0.5, 0.9),
    target(Measure::FirstToken, 0.5, 0.9),
    target(Measure::AddedP99, 0.5, 0.9),
];

/// All jobs, in the order of the table.
pub(crate) const JOBS: &[Job] = &[
    Job {
        rows: &[target(Measure::Cpu, 0.13, 1.0)],
        ..requests("http1", "HTTP/1.1 + bearer", Over::Http1, SMALL)
    },
    Job {
        rows: &[target(Measure::Cpu, 0.12, 0.8)],
        ..requests("https1", "HTTPS/1.1 + bearer", Over::Https1, SMALL)
    },
    Job {
        rows: &[target(Measure::Cpu, 0.08, 0.7)],
        ..requests("https2", "HTTPS/2 + bearer", Over::Https2, SMALL)
    },
    Job {
        rows: &[target(Measure::Cpu, 0.4, 0.72)],
        ..job(
            "handshakes",
            "full TLS handshake + 1 request",
            Work::Handshakes,
        )
    },
    Job {
        most_rounds: FEW,
        ..streams("stream", "1 NDJSON stream", 1, Over::Http1, STREAM)
    },
    Job {
        most_rounds: FEW,
        ..streams(
            "stream-tls",
            "1 NDJSON stream, TLS",
            1,
            Over::Https1,
            STREAM,
        )
    },
    streams("streams", "200 NDJSON streams", 200, Over::Http1, STREAMS),
    streams(
        "streams-tls",
        "200 NDJSON streams, TLS",
        200,
        Over::Https1,
        STREAMS,
    ),
    Job {
        rows: &[shown(Measure::Cpu), shown(Measure::Memory)],
        most_rounds: FEW,
        ..job(
            "streams-1000",
            "1000 slow NDJSON streams",
            many(1000, SLOW_TOKEN, Over::Http1, 0),
        )
    },
    Job {
        most_rounds: FEW,
        ..requests("answers-64k", "64 KiB answers", Over::Http1, 64 * 1024)
    },
    Job {
        rows: &[target(Measure::Cpu, 0.65, 0.55)],
        ..requests("answers-1m", "1 MiB answers", Over::Http1, MIB)
    },
    Job {
        rows: &[target(Measure::Cpu, 0.65, 0.55)],
        ..job("uploads", "10 MB uploads", Work::Uploads)
    },
    Job {
        most_rounds: FEW,
        ..job("too-large", "413 for a body too large", Work::TooLarge)
    },
    Job {
        rows: CLOCK,
        ..job("login-first", "first login, bcrypt 14", Work::FirstLogin)
    },
    Job {
        rows: &[against_caddy(Measure::Cpu, 0.2)],
        ..job("login-later", "later logins, bcrypt 14", Work::Logins)
    },
    Job {
        rows: &[target(Measure::P99, 0.2, 0.05)],
        most_rounds: FEW,
        ..job(
            "wrong-passwords",
            "200 streams while 16 clients send wrong passwords",
            many(200, TOKEN, Over::Http1, 16),
        )
    },
    Job {
        rows: &[target(Measure::Clock, 0.35, 0.8)],
        ..job("start", "start to listening", Work::StartUp)
    },
    Job {
        rows: &[
            against_caddy(Measure::IdleMemory, 0.35),
            shown(Measure::Memory1000),
            against_caddy(Measure::PerConnection1000, 0.35),
            shown(Measure::Memory10000),
            against_caddy(Measure::PerConnection10000, 0.35),
        ],
        most_rounds: 1,
        ..job("memory", "idle connections", Work::Idle(Over::Http1))
    },
    Job {
        rows: &[
            shown(Measure::Memory1000),
            against_caddy(Measure::PerConnection1000, 0.35),
            shown(Measure::Memory10000),
            against_caddy(Measure::PerConnection10000, 0.35),
        ],
        most_rounds: 1,
        ..job(
            "memory-tls",
            "idle connections, TLS",
            Work::Idle(Over::Https1),
        )
    },
    reload("reload-1", "reload, 1 site", 1, ANY),
    reload("reload-10000", "reload, 10 000 sites", 10_000, FEW),
    of_setup("routes-1", "1 route", Setup::Routes(1)),
    of_setup("routes-20", "the last of 20 routes", Setup::Routes(20)),
    of_setup("routes-200", "the last of 200 routes", Setup::Routes(200)),
    of_setup("sites-1", "1 site", Setup::Sites(1)),
    of_setup("sites-100", "one of 100 sites", Setup::Sites(100)),
    of_setup("sites-10000", "one of 10 000 sites", Setup::Sites(10_000)),
    Job {
        rows: &[against_caddy(Measure::WholeCpu, 0.5)],
        ..job("adapt-1000", "`adapt`, 1000 sites", Work::Adapt(1000))
    },
    Job {
        rows: &[against_caddy(Measure::WholeCpu, 0.1)],
        most_rounds: FEW,
        ..job("adapt-10000", "`adapt`, 10 000 sites", Work::Adapt(10_000))
    },
];

/// The job with a name.
pub(crate) fn named(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}

const fn job(name: &'static str, title: &'static str, work: Work) -> Job {
    Job {
        name,
        title,
        setup: Setup::Usual,
        work,
        rows: CPU,
        most_rounds: ANY,
    }
}

const fn requests(name: &'static str, title: &'static str, over: Over, bytes: usize) -> Job {
    job(name, title, Work::Requests(over, bytes))
}

const fn streams(
    name: &'static str,
    title: &'static str,
    count: usize,
    over: Over,
    rows: &'static [Row],
) -> Job {
    Job {
        rows,
        ..job(name, title, many(count, TOKEN, over, 0))
    }
}

const fn many(count: usize, pause: Duration, over: Over, strangers: usize) -> Work {
    Work::Streams(Streams {
        count,
        pause,
        over,
        strangers,
    })
}

const fn reload(name: &'static str, title: &'static str, sites: usize, most_rounds: u32) -> Job {
    Job {
        setup: Setup::Sites(sites),
        rows: CLOCK,
        most_rounds,
        ..job(name, title, Work::Reload)
    }
}

const fn of_setup(name: &'static str, title: &'static str, setup: Setup) -> Job {
    Job {
        setup,
        most_rounds: FEW,
        ..requests(name, title, Over::Http1, SMALL)
    }
}

const fn shown(measure: Measure) -> Row {
    Row {
        measure,
        caddy: None,
        nginx: None,
    }
}

const fn against_caddy(measure: Measure, ratio: f64) -> Row {
    Row {
        measure,
        caddy: Some(ratio),
        nginx: None,
    }
}

const fn target(measure: Measure, caddy: f64, nginx: f64) -> Row {
    Row {
        measure,
        caddy: Some(caddy),
        nginx: Some(nginx),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_jobs_have_one_name() {
        let names: HashSet<_> = JOBS.iter().map(|job| job.name).collect();
        assert_eq!(names.len(), JOBS.len());
    }
}
