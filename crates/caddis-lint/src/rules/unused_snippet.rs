//! `unused-snippet`: a snippet that nothing imports.

use caddis_source::Code;
use caddis_source::{Fix, Span};
use caddis_syntax::{Part, parts};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR005"),
    name: "unused-snippet",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A snippet that nothing imports.",
    why: "It has no effect. Often it is what is left of something that was meant to be there.",
    bad: r"(guard) {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
}

app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 1,
    good: r"(guard) {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
}

app.example.com {
	import guard
	reverse_proxy 127.0.0.1:3000
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let file = check.cx.main;
    let text = check.cx.sources.text(file);
    let imported: Vec<String> = check
        .cx
        .sources
        .files()
        .flat_map(|file| imports(check.cx.sources.text(file)))
        .collect();
    for (name, start, end, close) in snippets(text) {
        if imported.contains(&name) {
            continue;
        }
        let finding = check
            .at(
                Span::new(file, start, end),
                format!("nothing imports `{name}`"),
            )
            .label("has no effect")
            .help(format!(
                "write `import {name}` where it belongs, or take it away"
            ));
        check.report(finding.fix(
            Safety::Unsafe,
            Fix::replace("take it away", Span::new(file, start, close), ""),
        ));
    }
}

/// What `import` lines name.
fn imports(text: &str) -> Vec<String> {
    let words = parts(text).filter(|(part, _)| *part == Part::Word);
    let words: Vec<&str> = words.filter_map(|(_, range)| text.get(range)).collect();
    let pairs = words.windows(2).filter(|pair| pair[0] == "import");
    pairs
        .map(|pair| pair[1].trim_matches('"').to_owned())
        .collect()
}

/// The snippets of a text: name, start and end of the word, end of the block.
fn snippets(text: &str) -> Vec<(String, usize, usize, usize)> {
    let mut found: Vec<(String, usize, usize, usize)> = Vec::new();
    let mut depth = 0_usize;
    for (_, range) in parts(text).filter(|(part, _)| *part == Part::Word) {
        let word = text.get(range.clone()).unwrap_or("");
        match word {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if let Some(last) = found.last_mut().filter(|last| depth == 0 && last.3 == 0) {
                    last.3 = range.end;
                }
            }
            _ => {
                let name = word
                    .strip_prefix('(')
                    .and_then(|word| word.strip_suffix(')'));
                if let Some(name) = name.filter(|_| depth == 0) {
                    found.push((name.to_owned(), range.start, range.end, 0));
                }
            }
        }
    }
    found.retain(|found| found.3 > 0);
    found
}
