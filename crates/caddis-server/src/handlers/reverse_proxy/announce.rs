//! `proxy_protocol`: an upstream is told who the client is before anything else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use ppp::{v1, v2};

/// How an upstream is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyVersion {
    /// As a line of text.
    One,
    /// In binary.
    Two,
}

/// What an upstream is told of the client of a request; an extension of the request on its way to the connection.
#[derive(Clone, Debug)]
pub(super) struct Announced(pub(super) Bytes);

impl ProxyVersion {
    /// Says who the client is. As Caddy has it, ports and our own address are left out as zeros.
    pub(super) fn announce(self, client: IpAddr) -> Announced {
        let client = client.to_canonical();
        let nowhere: IpAddr = match client {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let (from, to) = (SocketAddr::new(client, 0), SocketAddr::new(nowhere, 0));
        let bytes = match self {
            Self::One => v1::Addresses::from((from, to)).to_string().into_bytes(),
            Self::Two => {
                let command = v2::Version::Two | v2::Command::Proxy;
                v2::Builder::with_addresses(command, v2::Protocol::Stream, (from, to))
                    .build()
                    .expect("two addresses are shorter than 64 KiB")
            }
        };
        Announced(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::ProxyVersion;

    #[test]
    fn a_client_is_announced_as_caddy_does() {
        let told = |version: ProxyVersion, client: &str| {
            let announced = version.announce(client.parse().unwrap());
            String::from_utf8_lossy(&announced.0).into_owned()
        };
        let v1 = |client| told(ProxyVersion::One, client);
        assert_eq!(v1("10.1.2.3"), "PROXY TCP4 10.1.2.3 0.0.0.0 0 0\r\n");
        assert_eq!(v1("::ffff:10.1.2.3"), v1("10.1.2.3"));
        assert_eq!(v1("::1"), "PROXY TCP6 ::1 :: 0 0\r\n");
        let v2 = told(ProxyVersion::Two, "10.1.2.3");
        assert_eq!(
            v2,
            "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\x01\x02\x03\0\0\0\0\0\0\0\0"
        );
    }
}
