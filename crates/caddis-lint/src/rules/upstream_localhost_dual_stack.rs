//! `upstream-localhost-dual-stack`: the name `localhost` may mean another address than the model server listens on.

use caddis_source::Code;
use caddis_source::Fix;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::proxies;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL014"),
    name: "upstream-localhost-dual-stack",
    level: Level::Info,
    enabled: false,
    phase: Phase::Tree,
    summary: "The name `localhost` may mean another address than the model server listens on.",
    why: "Ollama listens on 127.0.0.1, and `localhost` may be `::1` first. In a container it is the container itself.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy localhost:11434
}
",
    bad_line: 5,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for proxy in proxies::proxies(check) {
        for word in proxy
            .upstreams
            .iter()
            .filter(|word| proxies::host_and_port(word.text()).0 == "localhost")
        {
            let written = check.slice(word.span());
            let finding = check
                .at(
                    word.span(),
                    "`localhost` may be `::1` first, where Ollama does not listen",
                )
                .help("write `127.0.0.1`, or the name of the container");
            let text = written.replacen("localhost", "127.0.0.1", 1);
            found.push(finding.fix(
                Safety::Unsafe,
                Fix::replace("write the address", word.span(), text),
            ));
        }
    }
    check.report_all(found);
}
