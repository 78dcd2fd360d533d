//! `streaming-buffered`: answers of the model are held back.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL011"),
    name: "streaming-buffered",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "Answers of the model are held back.",
    why: "A model writes word by word, and people like to read along. Answers are flushed as they come, unless something collects them first.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		response_buffers 4MiB
	}
}
",
    bad_line: 6,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		flush_interval -1
	}
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for proxy in proxies::proxies(check) {
        let holds_back = proxy.options().into_iter().find(|line| {
            let value = line.arguments().first().map_or("", |word| word.text());
            match line.name().text() {
                "response_buffers" => !value.starts_with('0'),
                "buffer_responses" => true,
                _ => false,
            }
        });
        if let Some(line) = holds_back {
            let finding = check
                .at(
                    line.span(),
                    format!("`{}` holds answers back", line.name().text()),
                )
                .label("words come in one lump")
                .help("take it away; `flush_interval -1` sends every word at once");
            let fix = Fix::replace("take it away", whole_line(check, line.span()), "");
            found.push(finding.fix(Safety::Unsafe, fix));
        }
    }
    check.report_all(found);
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
