//! The `reverse_proxy` lines to model servers, and what they say of the way there.

use caddis_syntax::{Line, Token};

use crate::check::Check;
use crate::lines::Placed;
use crate::routes::is_local_host;

/// A `reverse_proxy` line to a model server.
pub(crate) struct Proxy<'c> {
    pub(crate) line: &'c Placed<'c>,
    pub(crate) upstream_is_loopback: bool,
    pub(crate) upstreams: Vec<&'c Token>,
}

/// Every `reverse_proxy` line to a model server.
pub(crate) fn proxies<'c>(check: &Check<'c>) -> Vec<Proxy<'c>> {
    let rule = crate::settings::find("OLL001");
    let ports = rule
        .map(|rule| check.texts_of(rule, "upstream_ports"))
        .unwrap_or_default();
    let hosts = rule
        .map(|rule| check.texts_of(rule, "upstream_hosts"))
        .unwrap_or_default();
    let proxies = check.directives("reverse_proxy").filter_map(|line| {
        let in_block = line.line.block.iter().flat_map(|block| &block.lines);
        let to = in_block
            .filter(|line| line.name().text() == "to")
            .flat_map(Line::arguments);
        let upstreams: Vec<&Token> = line.arguments().iter().chain(to).collect();
        let addresses = upstreams.iter().map(|word| host_and_port(word.text()));
        let addresses: Vec<(String, String)> = addresses.collect();
        let is_model = addresses
            .iter()
            .any(|(host, port)| ports.contains(port) || hosts.contains(host));
        is_model.then(|| Proxy {
            line,
            upstream_is_loopback: addresses.iter().all(|(host, _)| is_local_host(host)),
            upstreams,
        })
    });
    proxies.collect()
}

/// `a` and `1` of `http://a:1/`.
pub(crate) fn host_and_port(address: &str) -> (String, String) {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let bare = bare.split('/').next().unwrap_or("");
    let (host, port) = bare.rsplit_once(':').unwrap_or((bare, ""));
    (host.into(), port.into())
}

impl<'c> Proxy<'c> {
    /// The lines of its block, and of the blocks in it.
    pub(crate) fn options(&self) -> Vec<&'c Line> {
        let mut found = Vec::new();
        let mut work: Vec<&'c Line> = self
            .line
            .line
            .block
            .iter()
            .flat_map(|block| &block.lines)
            .rev()
            .collect();
        while let Some(line) = work.pop() {
            found.push(line);
            work.extend(line.block.iter().flat_map(|block| &block.lines).rev());
        }
        found
    }

    /// True if it says which `Host` the upstream sees.
    pub(crate) fn sets_host(&self) -> bool {
        self.header_up("host").is_some()
    }

    /// The line that says what a header field of the upstream's request is.
    pub(crate) fn header_up(&self, field: &str) -> Option<&'c Line> {
        self.options().into_iter().find(|line| {
            let name = line.arguments().first().map_or("", Token::text);
            let name = name.trim_start_matches(['-', '+', '?', '>']);
            line.name().text() == "header_up" && name.eq_ignore_ascii_case(field)
        })
    }

    /// True if Ollama accepts the names of the site as they are.
    pub(crate) fn hosts_are_accepted(&self, check: &Check<'c>) -> bool {
        let Some(site) = self.line.site().and_then(|site| check.site(site)) else {
            return true;
        };
        site.addresses.iter().all(|word| {
            let Ok(address) = caddis_adapt::Address::parse(word.text()) else {
                return true;
            };
            let host = address.host.as_str();
            let is_private = host
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| is_private(ip));
            let is_named = [".local", ".internal", ".localhost"]
                .iter()
                .any(|end| host.ends_with(end));
            host.is_empty() || host.contains('{') || is_local_host(host) || is_named || is_private
        })
    }
}

fn is_private(ip: std::net::IpAddr) -> bool {
    match ip {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}
