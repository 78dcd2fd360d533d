//! `custom-auth-header-logged`: a token is written into the log, in a field that nobody leaves out.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Placed;
use crate::routes::{is_credential_field, is_credential_key};

const LEFT_OUT: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

pub(super) const RULE: Rule = Rule {
    code: Code("SEC027"),
    name: "custom-auth-header-logged",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A token is written into the log, in a field that nobody leaves out.",
    why: "Four header fields are left out of logs: `Authorization`, `Proxy-Authorization`, `Cookie` and `Set-Cookie`. A token in another field, or in the query, is written down with every request.",
    bad: r#"ollama.example.com {
	log
	@authorized {
		header X-Api-Key {env.OLLAMA_TOKEN}
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    bad_line: 4,
    good: r#"{
	log {
		format filter {
			wrap json
			fields {
				request>headers>X-Api-Key delete
			}
		}
	}
}

ollama.example.com {
	log {
		format filter {
			wrap json
			fields {
				request>headers>X-Api-Key delete
			}
		}
	}
	@authorized {
		header X-Api-Key {env.OLLAMA_TOKEN}
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    cwe: Some(532),
    risk: Some("5.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        let Some(log) = check
            .directives("log")
            .find(|one| one.site() == Some(definition.site))
        else {
            continue;
        };
        for term in &definition.terms {
            let Some(first) = term.words.first().map(caddis_syntax::Token::text) else {
                continue;
            };
            let (name, is_written) = match term.kind {
                "header" | "header_regexp" => {
                    let left_out = LEFT_OUT.contains(&first.to_ascii_lowercase().as_str());
                    (first.to_owned(), is_credential_field(first) && !left_out)
                }
                "query" => {
                    let key = first.split('=').next().unwrap_or("");
                    (key.to_owned(), is_credential_key(key))
                }
                _ => continue,
            };
            if is_written && !is_filtered(check, log, &name) {
                let finding = check
                    .at(term.span, format!("the token in `{name}` is written into the log"))
                    .also(log.line.span(), "by this log")
                    .help("leave it out: `format filter { request>headers>NAME delete }` in the log, and in the global log");
                found.push(finding);
            }
        }
    }
    check.report_all(found);
}

/// True if the log does something about the field.
fn is_filtered(check: &Check<'_>, log: &Placed<'_>, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let below = |one: &&Placed<'_>| one.around.iter().any(|line| std::ptr::eq(*line, log.line));
    check.lines_of(log.site()).iter().filter(below).any(|one| {
        let text = one
            .line
            .words
            .iter()
            .map(|word| word.text().to_ascii_lowercase());
        text.into_iter().any(|word| {
            word.contains(&name)
                || word == "request>headers"
                || word == "request>uri"
                || word == "request"
        })
    })
}
