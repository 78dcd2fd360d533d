//! `request-body-too-small`: the limit for bodies is too small for what models are asked.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL007"),
    name: "request-body-too-small",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The limit for bodies is too small for what models are asked.",
    why: "Long conversations are hundreds of kilobytes, and a picture in a prompt is megabytes. Clients are told 413.",
    bad: r"ollama.example.com {
	request_body {
		max_size 64KB
	}
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 3,
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
    options: &[
        Choice {
            name: "min_body",
            default: Value::Text("1MiB"),
            about: "the smallest limit that is enough",
        },
        Choice {
            name: "multimodal",
            default: Value::Flag(false),
            about: "pictures are sent, so that 8 MiB are needed",
        },
    ],
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    const PICTURES: u64 = 8 << 20;
    let least = bytes(&check.text("min_body")).unwrap_or(0);
    let least = if check.flag("multimodal") {
        least.max(PICTURES)
    } else {
        least
    };
    let proxies = proxies::proxies(check);
    for line in check
        .options("max_size")
        .filter(|one| one.parent() == "request_body")
    {
        let Some(word) = line.line.arguments().first() else {
            continue;
        };
        let is_before_model = proxies.iter().any(|proxy| proxy.line.site() == line.site());
        if is_before_model && bytes(word.text()).is_some_and(|limit| limit < least) {
            let finding = check
                .at(
                    word.span(),
                    format!("`{}` is less than models are asked", word.text()),
                )
                .label("longer prompts are answered 413")
                .help("write `32MiB`");
            check.report(finding);
        }
    }
}

/// `64KB` and `1MiB` in bytes.
fn bytes(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text.get(..end)?.parse().ok()?;
    let unit = match text.get(end..)?.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}
