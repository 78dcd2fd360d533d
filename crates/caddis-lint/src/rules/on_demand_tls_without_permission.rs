//! `on-demand-tls-without-permission`: certificates are got for every name that anybody asks for.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC029"),
    name: "on-demand-tls-without-permission",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Certificates are got for every name that anybody asks for.",
    why: "Whoever sends names of their own makes the server ask the authority for certificates, until the authority refuses it: for the names that are meant, too.",
    bad: r#"https:// {
	tls {
		on_demand
	}
	respond "ok"
}
"#,
    bad_line: 3,
    good: r#"{
	on_demand_tls {
		ask http://127.0.0.1:9123/allowed
	}
}

https:// {
	tls {
		on_demand
	}
	respond "ok"
}
"#,
    cwe: Some(770),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let is_asked = check
        .lines()
        .iter()
        .any(|one| matches!(one.name(), "ask" | "permission") && one.parent() == "on_demand_tls");
    if is_asked {
        return;
    }
    for line in check
        .options("on_demand")
        .filter(|one| one.parent() == "tls")
    {
        // The server's own authority gives as many as anybody wants.
        let around = line.around.last();
        if around.is_some_and(|tls| tls.arguments().iter().any(|word| word.text() == "internal")) {
            continue;
        }
        let site = line.site().and_then(|site| check.site(site));
        let takes_any = site.is_some_and(|site| {
            let mut addresses = site
                .addresses
                .iter()
                .filter_map(|word| caddis_adapt::Address::parse(word.text()).ok());
            addresses.any(|address| address.host.is_empty() || address.host.contains('*'))
        });
        if takes_any {
            let finding = check
                .at(line.line.span(), "certificates are got for every name that anybody asks for")
                .help("let somebody be asked first: `on_demand_tls { ask http://localhost:9123/allowed }` in the global options");
            check.report(finding);
        }
    }
}
