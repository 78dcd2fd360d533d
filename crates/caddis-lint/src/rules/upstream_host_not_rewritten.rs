//! `upstream-host-not-rewritten`: ollama will refuse the name that is asked for.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Safety, Value};

use crate::models;
use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL005"),
    name: "upstream-host-not-rewritten",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Ollama will refuse the name that is asked for.",
    why: "As long as Ollama listens on loopback, it answers 403 to a `Host` that is not this machine's. A proxy hands on the public name unless it is told otherwise.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 5,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		header_up Host {upstream_hostport}
	}
}
",
    options: &[Choice {
        name: "ollama_binds_loopback",
        default: Value::Text("auto"),
        about: "`always`, `never`, or `auto` for loopback upstreams",
    }],
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let setting = check.text("ollama_binds_loopback");
    if setting == "never" {
        return;
    }
    let mut found = Vec::new();
    for proxy in proxies::proxies(check) {
        let is_loopback = proxy.upstream_is_loopback || setting == "always";
        if !is_loopback || proxy.sets_host() || proxy.hosts_are_accepted(check) {
            continue;
        }
        let span = proxy.line.line.span();
        let finding = check
            .at(
                span,
                "Ollama on loopback will answer 403 to the name of this site",
            )
            .label("hands on the `Host` of the client")
            .help("write `header_up Host {upstream_hostport}` into the block of this proxy");
        found.push(match fix(check, &proxy) {
            Some(fix) => finding.fix(Safety::Safe, fix),
            None => finding,
        });
    }
    check.report_all(found);
}

fn fix(check: &Check<'_>, proxy: &proxies::Proxy<'_>) -> Option<Fix> {
    const HEADER: &str = "header_up Host {upstream_hostport}";
    let line = proxy.line.line;
    let indent = models::indent(check, line.name().span())?;
    let title = "hand on a name that Ollama accepts";
    if let Some(block) = &line.block {
        let inside = Span {
            start: block.open.end,
            ..block.open
        };
        return Some(Fix::replace(title, inside, format!("\n{indent}\t{HEADER}")));
    }
    let end = Span {
        start: line.span().end,
        ..line.span()
    };
    Some(Fix::replace(
        title,
        end,
        format!(" {{\n{indent}\t{HEADER}\n{indent}}}"),
    ))
}
