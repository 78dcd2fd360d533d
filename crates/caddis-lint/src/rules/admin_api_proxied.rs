//! `admin-api-proxied`: the admin endpoint is reached through a site.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Home;
use crate::proxies::host_and_port;
use crate::routes::{is_local_address, is_local_host};

const USUAL: &str = "localhost:2019";

pub(super) const RULE: Rule = Rule {
    code: Code("SEC022"),
    name: "admin-api-proxied",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "The admin endpoint is reached through a site.",
    why: "The admin endpoint listens on this machine only because it asks nobody who they are. A proxy to it puts it back on the network, often with the very `Host` that it wants to see.",
    bad: r"ollama.example.com {
	handle_path /caddy/* {
		reverse_proxy localhost:2019 {
			header_up Host localhost:2019
		}
	}
}
",
    bad_line: 3,
    good: r":9180 {
	bind 127.0.0.1
	metrics /metrics
}
",
    cwe: Some(441),
    risk: Some("9.8"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let options = check
        .lines()
        .iter()
        .filter(|one| one.home == Home::Options && one.around.is_empty());
    let admin = options
        .filter(|one| one.name() == "admin")
        .find_map(|one| one.line.arguments().first());
    let admin = admin.map_or(USUAL, |word| word.text());
    let (host, port) = host_and_port(admin);
    for line in check.directives("reverse_proxy") {
        let is_admin = |address: &str| {
            let (own_host, own_port) = host_and_port(address);
            let same_host = own_host == host || (is_local_host(&own_host) && is_local_host(&host));
            if admin.starts_with("unix/") {
                address == admin
            } else {
                same_host && own_port == port
            }
        };
        let Some(word) = line.arguments().iter().find(|word| is_admin(word.text())) else {
            continue;
        };
        if admin == "off" || is_bound_locally(check, line.site()) {
            continue;
        }
        let only_metrics = line
            .matcher()
            .is_some_and(|matcher| matcher.text() == "/metrics");
        let finding = check
            .at(word.span(), "this is the admin endpoint")
            .label("asks nobody who they are")
            .level(if only_metrics {
                Level::Warning
            } else {
                Level::Error
            })
            .help(
                "for metrics, use the directive `metrics` on a site that is bound to this machine",
            );
        check.report(finding);
    }
}

fn is_bound_locally(check: &Check<'_>, site: Option<usize>) -> bool {
    let mut binds = check.directives("bind").filter(|one| one.site() == site);
    let bound = binds.any(|bind| {
        bind.line
            .arguments()
            .iter()
            .all(|word| is_local_address(word.text()))
    });
    let addresses = site
        .and_then(|site| check.site(site))
        .map_or(&[][..], |site| &site.addresses);
    let mut local = addresses.iter().map(|word| host_and_port(word.text()).0);
    bound || (!addresses.is_empty() && local.all(|host| is_local_host(&host)))
}
