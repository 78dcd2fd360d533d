//! Which hosts are counted by themselves: a stranger who makes up names must not fill the memory.

use std::borrow::Cow;
use std::collections::HashSet;

use caddis_ir::{Config, Handler, Route};
use parking_lot::RwLock;

/// What all other hosts are counted as.
const OTHER: &str = "_other";
/// How many hosts are counted by themselves that stand in no matcher.
const MAX_UNCONFIGURED: usize = 1000;
/// The longest host that is counted by itself if it stands in no matcher; names in DNS are no longer.
const LONGEST: usize = 255 + ":65535".len();

/// Which hosts are counted by themselves.
pub(super) struct Hosts {
    configured: HashSet<Box<str>>,
    /// Those that no matcher has, too.
    all: bool,
    seen: RwLock<HashSet<Box<str>>>,
}

impl Hosts {
    pub(super) fn of(config: &Config, all: bool) -> Self {
        let mut configured = HashSet::new();
        for server in config.apps.http.iter().flat_map(|http| &http.servers) {
            collect(&server.1.routes, &mut configured);
        }
        Self {
            configured,
            all,
            seen: RwLock::default(),
        }
    }

    /// What a host is counted as. Over TLS, it has been agreed on in the handshake, so that it counts by itself.
    pub(super) fn label<'a>(&self, host: &'a str, is_tls: bool) -> Cow<'a, str> {
        let is_lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
        let host = if is_lower {
            Cow::Borrowed(host)
        } else {
            Cow::Owned(host.to_ascii_lowercase())
        };
        if self.configured.contains(&*host) || (self.all || is_tls) && self.is_seen(&host) {
            host
        } else {
            Cow::Borrowed(OTHER)
        }
    }

    fn is_seen(&self, host: &str) -> bool {
        if self.seen.read().contains(host) {
            return true;
        }
        let mut seen = self.seen.write();
        if seen.len() >= MAX_UNCONFIGURED || host.len() > LONGEST {
            return false;
        }
        seen.insert(host.into());
        true
    }
}

/// The hosts of matchers; patterns are none.
fn collect(routes: &[Route], hosts: &mut HashSet<Box<str>>) {
    for route in routes {
        let names = route.matchers.iter().flat_map(|set| &set.host).flatten();
        let names = names.map(|name| name.to_ascii_lowercase());
        hosts.extend(
            names
                .filter(|name| !name.contains(['*', '{']))
                .map(Into::into),
        );
        for handler in &route.handle {
            if let Handler::Subroute(subroute) = handler {
                collect(&subroute.routes, hosts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::{Config, HttpApp, MatcherSet, Server};

    use super::{Hosts, LONGEST, MAX_UNCONFIGURED};
    use crate::testing::route;

    fn hosts(all: bool) -> Hosts {
        let matcher = MatcherSet {
            host: Some(vec!["A.test".into(), "*.b.test".into()]),
            ..MatcherSet::default()
        };
        let mut http = HttpApp::default();
        let server = Server {
            routes: vec![route(matcher, Vec::new())],
            ..Server::default()
        };
        http.servers.insert("a".into(), server);
        let mut config = Config::default();
        config.apps.http = Some(http);
        Hosts::of(&config, all)
    }

    #[test]
    fn hosts_of_matchers_count_by_themselves_and_others_together() {
        let hosts = hosts(false);
        for (host, label) in [
            ("a.test", "a.test"),
            ("A.TEST", "a.test"),
            ("x.b.test", "_other"),
            ("a.test:80", "_other"),
            ("", "_other"),
        ] {
            assert_eq!(hosts.label(host, false), label, "{host}");
        }
        assert_eq!(hosts.label("x.b.test", true), "x.b.test");
    }

    #[test]
    fn hosts_that_a_stranger_makes_up_are_counted_by_themselves_up_to_a_number() {
        let hosts = hosts(true);
        for index in 0..2 * MAX_UNCONFIGURED {
            let host = format!("made-up-{index}");
            let label = if index < MAX_UNCONFIGURED {
                &*host
            } else {
                "_other"
            };
            assert_eq!(hosts.label(&host, false), label);
        }
        assert_eq!(hosts.label("made-up-1", false), "made-up-1");
        assert_eq!(hosts.label("a.test", false), "a.test");
    }

    #[test]
    fn hosts_longer_than_any_name_are_not_kept() {
        assert_eq!(hosts(true).label(&"x".repeat(LONGEST + 1), true), "_other");
    }
}
