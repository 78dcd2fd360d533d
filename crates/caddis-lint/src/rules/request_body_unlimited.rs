//! `request-body-unlimited`: requests to a model server may have bodies of any length.

use caddis_ir::Handler;
use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL006"),
    name: "request-body-unlimited",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Requests to a model server may have bodies of any length.",
    why: "Without a limit one client can send gigabytes, which the model server keeps in memory or on its disk.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 5,
    good: r"ollama.example.com {
	request_body {
		max_size 32MiB
	}
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    fix: Safety::Unsafe,
    cwe: Some(770),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let is_limit = |handler: &&Handler| matches!(handler, Handler::RequestBody(body) if body.max_size.is_some());
    let mut found = Vec::new();
    for proxy in models::ways_without(check, is_limit) {
        let span = proxy.span;
        let finding = check
            .at(span, "bodies of any length are sent to this model server")
            .label("no limit before it")
            .help(
                "write `request_body { max_size 32MiB }` into the site; more if pictures are sent",
            );
        let indent = models::indent(check, span);
        found.push(match indent {
            Some(indent) if span.origin.is_none() => {
                let text =
                    format!("request_body {{\n{indent}\tmax_size 32MiB\n{indent}}}\n{indent}");
                let at = Span {
                    end: span.start,
                    ..span
                };
                finding.fix(
                    Safety::Unsafe,
                    Fix::replace("limit bodies to 32 MiB", at, text),
                )
            }
            Some(_) | None => finding,
        });
    }
    check.report_all(found);
}
