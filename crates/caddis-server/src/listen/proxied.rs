//! The PROXY protocol: a load balancer says in front of a connection who the client is.
//!
//! Whoever may say so may be anybody, so it is believed only of those that the config names.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use caddis_ir::ProxyProtocol;
use ipnet::IpNet;
use ppp::{v1, v2};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::Transport;
use super::rewound::Rewound;
use crate::Connection;

/// How long what is said may take if the config does not say; Caddy's default.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of the first version, with its line end.
const MOST_OF_V1: usize = 107;
/// The most bytes of the second version: addresses, and some notes of the load balancer.
const MOST_OF_V2: usize = 4096;
/// The bytes before the part of the second version whose length they tell.
const V2_HEAD: usize = 16;
/// How much is read at a time.
const READ: usize = 512;

/// Who may say who the client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxied {
    timeout: Duration,
    allow: Vec<IpNet>,
    deny: Vec<IpNet>,
    fallback: Policy,
}

/// What is done about what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// It is read and not believed.
    Ignore,
    /// It is believed.
    Use,
    /// Whoever says it is sent away.
    Reject,
    /// It is believed, and whoever does not say it is sent away.
    Require,
    /// It is not even read.
    Skip,
}

/// What the first bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    /// Nothing of this protocol.
    Nothing,
    /// Perhaps the beginning of it.
    More,
    /// A header of this many bytes.
    Header(usize, Option<(SocketAddr, SocketAddr)>),
    /// A malformed header.
    Malformed,
}

impl Proxied {
    /// Reads the config; the error says what is wrong.
    pub(super) fn of(config: &ProxyProtocol) -> Result<Self, String> {
        let timeout = config.timeout.filter(|timeout| timeout.0 > 0);
        Ok(Self {
            timeout: timeout.map_or(TIMEOUT, caddis_ir::Duration::to_std),
            allow: ranges(&config.allow)?,
            deny: ranges(&config.deny)?,
            fallback: match config.fallback_policy.as_str() {
                "" | "IGNORE" => Policy::Ignore,
                "USE" => Policy::Use,
                "REJECT" => Policy::Reject,
                "REQUIRE" => Policy::Require,
                "SKIP" => Policy::Skip,
                other => return Err(format!("`{other}` is not a policy")),
            },
        })
    }

    /// Reads what is said; the connection is the client's from then on.
    pub(super) async fn read(
        &self,
        mut stream: Box<dyn Transport>,
        connection: &mut Connection,
    ) -> io::Result<Box<dyn Transport>> {
        let policy = self.policy(connection.peer.ip());
        if policy == Policy::Skip {
            return Ok(stream);
        }
        let mut read = BytesMut::new();
        let found = timeout(self.timeout, look_for(&mut stream, &mut read)).await;
        let (length, ends) = match found {
            Ok(found) => found?.unzip(),
            // Who says nothing at all may be a client that waits for us.
            Err(_) if read.is_empty() => (None, None),
            Err(_) => return Err(io::ErrorKind::TimedOut.into()),
        };
        match (policy, length) {
            (Policy::Reject, Some(_)) => {
                Err(refused("a PROXY header from one who may not send it"))
            }
            (Policy::Require, None) => Err(refused("there is no PROXY header")),
            _ => {
                let ahead = read.split_off(length.unwrap_or(0)).freeze();
                if let (Policy::Use | Policy::Require, Some(Some((client, server)))) =
                    (policy, ends)
                {
                    connection.peer = client;
                    connection.local = server;
                }
                Ok(rewound(stream, ahead))
            }
        }
    }

    fn policy(&self, peer: IpAddr) -> Policy {
        let peer = peer.to_canonical();
        let is_in = |ranges: &[IpNet]| ranges.iter().any(|range| range.contains(&peer));
        // Whoever reaches a unix socket is on this machine, and may.
        if peer.is_unspecified() {
            Policy::Use
        } else if is_in(&self.deny) {
            Policy::Reject
        } else if is_in(&self.allow) {
            Policy::Use
        } else {
            self.fallback
        }
    }
}

pub(super) fn rewound(stream: Box<dyn Transport>, ahead: Bytes) -> Box<dyn Transport> {
    if ahead.is_empty() {
        return stream;
    }
    Box::new(Rewound { ahead, stream })
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

type Found = (usize, Option<(SocketAddr, SocketAddr)>);

async fn look_for(
    stream: &mut Box<dyn Transport>,
    read: &mut BytesMut,
) -> io::Result<Option<Found>> {
    loop {
        match look(read) {
            Look::Nothing => return Ok(None),
            Look::Header(length, ends) => return Ok(Some((length, ends))),
            Look::Malformed => return Err(refused("the PROXY header is malformed")),
            Look::More => {}
        }
        read.reserve(READ);
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

fn look(read: &[u8]) -> Look {
    if begins(read, v2::PROTOCOL_PREFIX) {
        look_at_v2(read)
    } else if begins(read, v1::PROTOCOL_PREFIX.as_bytes()) {
        look_at_v1(read)
    } else {
        Look::Nothing
    }
}

/// Whether bytes begin with this, as far as there are any.
fn begins(read: &[u8], with: &[u8]) -> bool {
    read.iter().zip(with).all(|(read, with)| read == with)
}

fn look_at_v1(read: &[u8]) -> Look {
    let end = read.windows(2).position(|end| end == b"\r\n");
    let Some(line) = end.and_then(|end| read.get(..end + 2)) else {
        return if read.len() < MOST_OF_V1 {
            Look::More
        } else {
            Look::Malformed
        };
    };
    match v1::Header::try_from(line) {
        Ok(header) => Look::Header(
            line.len(),
            match header.addresses {
                v1::Addresses::Unknown => None,
                v1::Addresses::Tcp4(ends) => Some((
                    SocketAddr::from((ends.source_address, ends.source_port)),
                    SocketAddr::from((ends.destination_address, ends.destination_port)),
                )),
                v1::Addresses::Tcp6(ends) => Some((
                    canonical(SocketAddr::from((ends.source_address, ends.source_port))),
                    canonical(SocketAddr::from((
                        ends.destination_address,
                        ends.destination_port,
                    ))),
                )),
            },
        ),
        Err(_) => Look::Malformed,
    }
}

fn look_at_v2(read: &[u8]) -> Look {
    let Some(head) = read.first_chunk::<V2_HEAD>() else {
        return Look::More;
    };
    let [.., high, low] = *head;
    let length = V2_HEAD + usize::from(u16::from_be_bytes([high, low]));
    if length > MOST_OF_V2 {
        return Look::Malformed;
    }
    let Some(header) = read.get(..length) else {
        return Look::More;
    };
    let Ok(header) = v2::Header::try_from(header) else {
        return Look::Malformed;
    };
    let ends = match (header.command, header.addresses) {
        (v2::Command::Proxy, v2::Addresses::IPv4(ends)) => Some((
            SocketAddr::from((ends.source_address, ends.source_port)),
            SocketAddr::from((ends.destination_address, ends.destination_port)),
        )),
        (v2::Command::Proxy, v2::Addresses::IPv6(ends)) => Some((
            canonical(SocketAddr::from((ends.source_address, ends.source_port))),
            canonical(SocketAddr::from((
                ends.destination_address,
                ends.destination_port,
            ))),
        )),
        // The load balancer asks for itself, or speaks of what is no address of the network.
        (v2::Command::Local, _) | (_, v2::Addresses::Unix(_) | v2::Addresses::Unspecified) => None,
    };
    Look::Header(length, ends)
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn ranges(texts: &[String]) -> Result<Vec<IpNet>, String> {
    let range = |text: &String| {
        (text.parse::<IpNet>())
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("`{text}` is not an IP address or a range of them"))
    };
    texts.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::{Look, MOST_OF_V2, look};

    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    fn v2(rest: &[u8]) -> Vec<u8> {
        [SIGNATURE, rest].concat()
    }

    #[test]
    fn headers_of_both_versions_are_read() {
        let v1 = b"PROXY TCP4 10.1.1.1 10.2.2.2 111 222\r\nGET /";
        let ends = Some((
            "10.1.1.1:111".parse().unwrap(),
            "10.2.2.2:222".parse().unwrap(),
        ));
        assert_eq!(look(v1), Look::Header(v1.len() - 5, ends));
        let v2 = v2(b"\x21\x11\0\x0c\x0a\x01\x01\x01\x0a\x02\x02\x02\0\x6f\0\xdeGET /");
        assert_eq!(look(&v2), Look::Header(28, ends));
        assert_eq!(look(b"PROXY UNKNOWN\r\n"), Look::Header(15, None));
    }

    #[test]
    fn a_beginning_is_waited_for_byte_by_byte() {
        let v1 = b"PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n";
        let v2 = v2(b"\x20\0\0\0");
        for whole in [&v1[..], &v2] {
            for end in 0..whole.len() {
                assert_eq!(look(&whole[..end]), Look::More, "{end}");
            }
            assert!(matches!(look(whole), Look::Header(..)));
        }
    }

    #[test]
    fn what_is_malformed_or_too_long_is_refused_and_all_else_is_not_ours() {
        let long = u16::try_from(MOST_OF_V2).unwrap().to_be_bytes();
        for bad in [
            b"PROXY TCP4 x y z\r\n".to_vec(),
            [&b"PROXY "[..], &[b'x'; 200]].concat(),
            v2(b"\x31\x11\0\0"),
            v2(&[&[0x21, 0x11][..], &long].concat()),
        ] {
            assert_eq!(look(&bad), Look::Malformed, "{bad:?}");
        }
        for other in [
            &b"GET / HTTP/1.1"[..],
            b"PROPFIND /",
            b"\x16\x03\x01",
            b"\r\n\r\nx",
        ] {
            assert_eq!(look(other), Look::Nothing);
        }
    }
}
