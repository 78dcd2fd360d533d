//! `browser-origin-rejected`: ollama will refuse pages of this origin.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL013"),
    name: "browser-origin-rejected",
    level: Level::Info,
    phase: Phase::Tree,
    summary: "Ollama will refuse pages of this origin.",
    why: "Ollama answers 403 to an `Origin` that it does not know. What this server says of origins does not help as long as the field is handed on.",
    bad: r"ollama.example.com {
	header Access-Control-Allow-Origin https://chat.example.com
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 6,
    good: r"ollama.example.com {
	header Access-Control-Allow-Origin https://chat.example.com
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434 {
		header_up -Origin
		header_down -Access-Control-Allow-Origin
	}
}
",
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for proxy in proxies::proxies(check) {
        let site = proxy.line.site();
        let mut allowed = check
            .lines_of(site)
            .iter()
            .filter(|one| one.name() == "header" || one.parent() == "header");
        let allows = allowed.any(|one| {
            let mut words = one.line.words.iter().skip_while(|word| !is_allow(word));
            let origin = words.nth(1).map_or("", Token::text);
            !origin.is_empty() && !origin.contains("localhost") && !origin.contains("127.0.0.1")
        });
        if allows && proxy.header_up("origin").is_none() {
            let finding = check
                .at(proxy.line.line.span(), "Ollama will answer 403 to pages of that origin")
                .label("hands on `Origin` as it is")
                .help("write `header_up -Origin` into the block of this proxy, or name the origin in `OLLAMA_ORIGINS`");
            found.push(finding);
        }
    }
    check.report_all(found);
}

fn is_allow(word: &Token) -> bool {
    word.text()
        .trim_start_matches(['+', '?', '>'])
        .eq_ignore_ascii_case("Access-Control-Allow-Origin")
}
