//! `llm-timeout-too-short`: a time-out is shorter than a model takes to answer.

use caddis_ir::Duration;
use caddis_source::Code;
use caddis_syntax::Line;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::finding::Finding;
use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL008"),
    name: "llm-timeout-too-short",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "A time-out is shorter than a model takes to answer.",
    why: "Loading a model and reading a long prompt can take minutes before the first byte comes, and an answer can take as long again. A time-out in between ends requests that were going well.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		transport http {
			response_header_timeout 30s
			read_timeout 60s
		}
	}
}
",
    bad_line: 7,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		transport http {
			dial_timeout 5s
			response_header_timeout 10m
		}
	}
}
",
    options: &[
        Choice {
            name: "min_llm_timeout",
            default: Value::Text("5m"),
            about: "the shortest time that is enough",
        },
        Choice {
            name: "min_stream_timeout",
            default: Value::Text("10m"),
            about: "the shortest time that is enough for a whole answer",
        },
        Choice {
            name: "max_dial_timeout",
            default: Value::Text("30s"),
            about: "the longest time that a connection may take",
        },
    ],
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let limit = |check: &Check<'_>, name| Duration::parse(&check.text(name)).unwrap_or_default();
    let first_byte = limit(check, "min_llm_timeout");
    let whole = limit(check, "min_stream_timeout");
    let dial = limit(check, "max_dial_timeout");
    let mut found = Vec::new();
    let proxies = proxies::proxies(check);
    for proxy in &proxies {
        let (mut short, mut about) = (None, "");
        for line in proxy.options() {
            let Some(time) = time(line) else { continue };
            let name = line.name().text();
            let (is_wrong, what) = match name {
                "response_header_timeout" | "read_timeout" => {
                    (time < first_byte, "shorter than a model takes")
                }
                "stream_timeout" => (time < whole, "shorter than an answer takes"),
                "dial_timeout" => (time > dial, "longer than a server that is there takes"),
                _ => (false, ""),
            };
            if is_wrong && time.0 > 0 && short.is_none() {
                (short, about) = (Some(line), what);
            }
        }
        found.extend(short.map(|line| too_short(check, line, about)));
    }
    if !proxies.is_empty() {
        let writes = check
            .options("write")
            .filter(|one| one.parent() == "timeouts");
        let short =
            writes.filter(|one| time(one.line).is_some_and(|time| time.0 > 0 && time < whole));
        found.extend(short.map(|one| too_short(check, one.line, "shorter than an answer takes")));
    }
    check.report_all(found);
}

fn time(line: &Line) -> Option<Duration> {
    Duration::parse(line.arguments().first()?.text())
}

fn too_short(check: &Check<'_>, line: &Line, about: &str) -> Finding {
    check
        .at(
            line.span(),
            format!("`{}` is {about}", check.slice(line.span())),
        )
        .label("on the way to a model server")
        .help("leave it out, or write `10m`; what ends requests early is the client's own time-out")
}
