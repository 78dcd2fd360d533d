//! `NO_PROXY`: the hosts that are asked without the proxy of the environment, as Go reads it.

use std::net::IpAddr;

use ipnet::IpNet;

/// The hosts that are asked without a proxy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct NoProxy(Vec<Except>);

#[derive(Debug, PartialEq, Eq)]
enum Except {
    All,
    Range(IpNet),
    Address(IpAddr, Option<u16>),
    /// A domain with its subdomains, or the subdomains alone; with a port, only there.
    Domain {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl NoProxy {
    pub(super) fn parse(text: &str) -> Self {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        Self(
            words
                .filter_map(|word| except(&word.to_ascii_lowercase()))
                .collect(),
        )
    }

    /// Whether a host is asked without a proxy; this machine always is.
    pub(super) fn has(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        self.0.iter().any(|except| except.has(&host, address, port))
    }
}

impl Except {
    fn has(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        let here = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match self {
            Self::All => true,
            Self::Range(range) => address.is_some_and(|address| range.contains(&address)),
            Self::Address(one, at) => address == Some(*one) && here(at),
            Self::Domain { name, itself, port } => {
                let rest = host.strip_suffix(name.as_str());
                here(port)
                    && rest.is_some_and(|rest| (rest.is_empty() && *itself) || rest.ends_with('.'))
            }
        }
    }
}

fn except(word: &str) -> Option<Except> {
    if word == "*" {
        return Some(Except::All);
    }
    if let Ok(range) = word.parse() {
        return Some(Except::Range(range));
    }
    if let Ok(address) = word.trim_matches(['[', ']']).parse() {
        return Some(Except::Address(address, None));
    }
    let (host, port) = match word.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (word, None),
    };
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Some(Except::Address(address, port));
    }
    let host = host.strip_prefix('*').unwrap_or(host);
    let name = host.strip_prefix('.').unwrap_or(host);
    (!name.is_empty()).then(|| Except::Domain {
        name: name.to_owned(),
        itself: !host.starts_with('.'),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::NoProxy;

    #[test]
    fn hosts_are_left_out_by_name_suffix_port_address_and_range() {
        let list =
            NoProxy::parse("a.test, .b.test,c.test:81, 10.0.0.0/8,192.168.0.1:82, [2001:db8::1]");
        let has = |host, port| list.has(host, port);
        assert!(has("a.test", 80) && has("x.A.test", 80) && !has("xa.test", 80));
        assert!(has("x.b.test", 80) && !has("b.test", 80));
        assert!(has("c.test", 81) && !has("c.test", 80));
        assert!(has("10.9.9.9", 80) && !has("11.0.0.1", 80));
        assert!(has("192.168.0.1", 82) && !has("192.168.0.1", 80));
        assert!(has("2001:db8::1", 80));
        assert!(has("localhost", 80) && has("127.0.0.9", 80));
        assert!(NoProxy::parse("*").has("any.test", 1));
        assert!(!NoProxy::default().has("any.test", 1));
    }
}
