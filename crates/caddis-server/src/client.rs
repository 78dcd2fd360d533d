//! Who sent a request, as far as trusted proxies say.

use std::net::IpAddr;

use caddis_ir::{IpSource, Path, Server};
use http::{HeaderMap, HeaderName};

use crate::Connection;
use crate::builder::Builder;
use crate::matchers::ip::Ranges;

/// The proxies whose word is taken, and the headers that they speak in.
pub(crate) struct TrustedProxies {
    ranges: Ranges,
    headers: Vec<HeaderName>,
    reading: Reading,
    /// Clients of unix sockets are proxies.
    unix: bool,
}

/// In which order the addresses of a header are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The first one is taken.
    LeftToRight,
    /// The last one that is no trusted proxy is taken: what a client wrote itself stands left of it.
    RightToLeft,
}

impl TrustedProxies {
    pub(crate) fn build(server: &Server, at: &Path, builder: &mut Builder<'_>) -> Self {
        let ranges = match &server.trusted_proxies {
            None => Ranges::default(),
            Some(IpSource::Static { ranges }) => {
                Ranges::build(ranges, &at.key("trusted_proxies").key("ranges"), builder)
            }
        };
        let mut headers = Vec::new();
        for (index, name) in server.client_ip_headers.iter().enumerate() {
            if let Ok(name) = name.parse() {
                headers.push(name);
            } else {
                let at = at.key("client_ip_headers").index(index);
                builder.error(&at, format!("`{name}` is not the name of a header field"));
            }
        }
        if headers.is_empty() {
            headers.push(HeaderName::from_static("x-forwarded-for"));
        }
        let reading = if server.trusted_proxies_strict > 0 {
            Reading::RightToLeft
        } else {
            Reading::LeftToRight
        };
        Self {
            ranges,
            headers,
            reading,
            unix: server.trusted_proxies_unix,
        }
    }

    /// The address of the client, and whether the peer is a trusted proxy.
    pub(crate) fn client(&self, connection: &Connection, headers: &HeaderMap) -> (IpAddr, bool) {
        let peer = connection.peer.ip();
        let is_unix = peer.is_unspecified() && connection.peer.port() == 0;
        let is_proxy = (self.unix && is_unix) || self.ranges.contains(peer);
        if !is_proxy {
            return (peer, false);
        }
        let named = match self.reading {
            Reading::LeftToRight => self.addresses(headers).next(),
            Reading::RightToLeft => self.headers.iter().find_map(|name| {
                let found: Vec<_> = addresses(headers, name).collect();
                let mut from_right = found.into_iter().rev();
                from_right.find(|address| !self.ranges.contains(*address))
            }),
        };
        (named.unwrap_or(peer), true)
    }

    fn addresses(&self, headers: &HeaderMap) -> impl Iterator<Item = IpAddr> {
        self.headers
            .iter()
            .flat_map(|name| addresses(headers, name))
    }
}

/// The addresses in a header, in order; what is none is passed over.
fn addresses(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = IpAddr> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|part| address(part.trim()))
}

/// An address, which may have a port and a zone.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(with_port) = text.parse::<std::net::SocketAddr>() {
        return Some(with_port.ip());
    }
    let (address, _) = text.split_once('%').unwrap_or((text, ""));
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use caddis_ir::{Path, Server};
    use http::HeaderMap;

    use super::TrustedProxies;
    use crate::Connection;
    use crate::builder::Builder;
    use crate::testing::environment;

    fn client(server: &Server, peer: &str) -> (String, bool) {
        let environment = environment();
        let mut builder = Builder::new(&environment);
        let proxies = TrustedProxies::build(server, &Path::root(), &mut builder);
        let connection = Connection {
            peer: peer.parse().unwrap(),
            local: SocketAddr::from(([0, 0, 0, 0], 0)),
            worker: 0,
            tls: None,
        };
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        let (client, trusted) = proxies.client(&connection, &headers);
        (client.to_string(), trusted)
    }

    #[test]
    fn who_speaks_over_a_unix_socket_is_a_proxy_if_the_config_says_so() {
        let unix = "0.0.0.0:0";
        let mut server = Server::default();
        assert_eq!(client(&server, unix), ("0.0.0.0".into(), false));
        server.trusted_proxies_unix = true;
        assert_eq!(client(&server, unix), ("203.0.113.9".into(), true));
        let other = client(&server, "192.0.2.1:4000");
        assert_eq!(other, ("192.0.2.1".into(), false));
    }
}
