//! `credentials-logged`: credentials are written into the log.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC026"),
    name: "credentials-logged",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "Credentials are written into the log.",
    why: "The fields `Authorization`, `Proxy-Authorization`, `Cookie` and `Set-Cookie` are left out of logs, unless this option says otherwise. Logs are read by more people than may log in.",
    bad: r#"{
	servers {
		log_credentials
	}
}

ollama.example.com {
	log
	respond "ok"
}
"#,
    bad_line: 3,
    good: r#"ollama.example.com {
	log
	respond "ok"
}
"#,
    fix: Safety::Safe,
    cwe: Some(532),
    risk: Some("5.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    for line in check.options("log_credentials") {
        let span = line.line.span();
        let finding = check
            .at(
                span,
                "passwords, tokens and cookies are written into the log",
            )
            .help("take the option away");
        check.report(finding.fix(
            Safety::Safe,
            Fix::replace("take it away", whole_line(check, span), ""),
        ));
    }
}

/// The line with the white space before it and the line end behind it.
fn whole_line(check: &Check<'_>, span: Span) -> Span {
    let text = check.cx.sources.text(span.file);
    let start = text
        .get(..span.range().start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let behind = text
        .get(span.range().end..)
        .and_then(|rest| rest.find('\n'));
    let end = behind.map_or(text.len(), |at| span.range().end + at + 1);
    Span::new(span.file, start, end)
}
