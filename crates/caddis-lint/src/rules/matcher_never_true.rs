//! `matcher-never-true`: a matcher that no request of its site matches.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::routes::host_matches;

pub(super) const RULE: Rule = Rule {
    code: Code("COR020"),
    name: "matcher-never-true",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A matcher that no request of its site matches.",
    why: "What it leads to is never reached.",
    bad: r"app.example.com {
	@other host chat.example.com
	handle @other {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    bad_line: 2,
    good: r"app.example.com, chat.example.com {
	@other host chat.example.com
	handle @other {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions() {
        let Some(site) = check.site(definition.site) else {
            continue;
        };
        let addresses = site
            .addresses
            .iter()
            .filter_map(|word| caddis_adapt::Address::parse(word.text()).ok());
        let hosts: Vec<String> = addresses.map(|address| address.host).collect();
        if hosts
            .iter()
            .any(|host| host.is_empty() || host.contains('{'))
        {
            continue;
        }
        for term in definition
            .terms
            .iter()
            .filter(|term| term.kind == "host" && !term.is_negated)
        {
            let fits = |wanted: &str| {
                let either =
                    |host: &String| host_matches(host, wanted) || host_matches(wanted, host);
                wanted.contains('{') || hosts.iter().any(either)
            };
            if !term.words.is_empty() && !term.words.iter().any(|word| fits(word.text())) {
                let finding = check
                    .at(term.span, "no request of this site asks for such a host")
                    .also(site.addresses[0].span(), "the site is for this")
                    .help("put the host among the addresses of the site, or take the matcher away");
                found.push(finding);
            }
        }
    }
    check.report_all(found);
}
