//! `credentials-forwarded-upstream`: the credentials of clients are handed on to the model server.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::models;
use crate::proxies;
use crate::routes::is_credential_field;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL010"),
    name: "credentials-forwarded-upstream",
    level: Level::Info,
    phase: Phase::Tree,
    summary: "The credentials of clients are handed on to the model server.",
    why: "The model server does not ask for them. What is handed on stands in its log, and on the network between.",
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
		header_up -Authorization
	}
}
",
    fix: Safety::Safe,
    cwe: Some(522),
    risk: Some("3.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for proxy in proxies::proxies(check) {
        let Some(field) = asked_for(check, proxy.line.site()) else {
            continue;
        };
        if proxy.header_up(&field).is_some() {
            continue;
        }
        let line = proxy.line.line;
        let header = format!("header_up -{field}");
        let finding = check
            .at(
                line.span(),
                format!("`{field}` is handed on to the model server"),
            )
            .help(format!("write `{header}` into the block of this proxy"));
        let Some(indent) = models::indent(check, line.name().span()) else {
            continue;
        };
        let (span, text) = match &line.block {
            Some(block) => (
                Span {
                    start: block.open.end,
                    ..block.open
                },
                format!("\n{indent}\t{header}"),
            ),
            None => (
                Span {
                    start: line.span().end,
                    ..line.span()
                },
                format!(" {{\n{indent}\t{header}\n{indent}}}"),
            ),
        };
        found.push(finding.fix(Safety::Safe, Fix::replace("do not hand it on", span, text)));
    }
    check.report_all(found);
}

/// The field that the site asks for credentials in.
fn asked_for(check: &Check<'_>, site: Option<usize>) -> Option<String> {
    let mut logins = check.lines_of(site).iter().filter(|one| one.is_directive());
    if logins.any(|one| matches!(one.name(), "basic_auth" | "basicauth")) {
        return Some("Authorization".into());
    }
    let definitions = check
        .definitions()
        .iter()
        .filter(|one| Some(one.site) == site && one.is_used);
    let mut terms = definitions
        .flat_map(|one| &one.terms)
        .filter(|term| term.kind.starts_with("header"));
    terms.find_map(|term| {
        let field = term.words.first()?.text();
        let is_one = is_credential_field(field) && !field.eq_ignore_ascii_case("cookie");
        is_one.then(|| field.to_owned())
    })
}
