//! Connections to upstreams over the network and over unix sockets.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::RootCertStore;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

use crate::tls::system_roots;
use crate::{Dial, Dialling, Stream, Target, Ways};

/// How long the first address of a host may take before the next one is tried beside it, as in Go (RFC 6555).
const FALLBACK: Duration = Duration::from_millis(300);

/// How often a connection that is silent is probed; Caddy's default.
const PROBE: Duration = Duration::from_secs(30);

/// What is done if the config says nothing.
static ANY_WAY: Ways = Ways {
    from: None,
    fallback: None,
    probes: None,
    resolver: None,
};

/// Opens connections over the network and to unix sockets.
#[derive(Debug, Default)]
pub struct Network {
    /// The system's roots, read once for all upstreams.
    roots: OnceLock<Option<Arc<RootCertStore>>>,
}

impl Dial for Network {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialling<'a> {
        self.dial_by(target, &ANY_WAY)
    }

    fn dial_by<'a>(&'a self, target: &'a Target, ways: &'a Ways) -> Dialling<'a> {
        Box::pin(async move {
            match target {
                Target::Tcp(host, port) => tcp(host, *port, ways).await.map(boxed),
                Target::Unix(path) => unix(path).await.map(boxed),
            }
        })
    }

    fn roots(&self) -> Option<Arc<RootCertStore>> {
        self.roots.get_or_init(|| system_roots().ok()).clone()
    }
}

fn boxed(stream: impl Stream + 'static) -> Box<dyn Stream> {
    Box::new(stream)
}

async fn unix(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await
}

async fn tcp(host: &str, port: u16, ways: &Ways) -> io::Result<TcpStream> {
    let stream = match (host.parse::<IpAddr>(), &ways.resolver) {
        (Ok(ip), _) => connect(SocketAddr::new(ip, port), ways).await?,
        (Err(_), None) => connect_any(resolve(host, port).await?, ways).await?,
        (Err(_), Some(resolver)) => connect_any(resolver.resolve(host, port).await?, ways).await?,
    };
    stream.set_nodelay(true)?;
    if let Some(probe) = ways.probes.unwrap_or(Some(PROBE)) {
        let keepalive = TcpKeepalive::new().with_time(probe).with_interval(probe);
        SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    }
    Ok(stream)
}

async fn connect(address: SocketAddr, ways: &Ways) -> io::Result<TcpStream> {
    let Some(from) = ways.from else {
        return TcpStream::connect(address).await;
    };
    let socket = match from {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(from)?;
    socket.connect(address).await
}

async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match tokio::net::lookup_host((host, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("lookup {host}: no such host ({error})"),
        )),
    }
}

/// The first connection that one of the addresses gives, each a little after the one before it or at once when that
/// one has failed.
async fn connect_any(addresses: Vec<SocketAddr>, ways: &Ways) -> io::Result<TcpStream> {
    let mut left = addresses.into_iter();
    let mut trying = FuturesUnordered::new();
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    loop {
        match left.next() {
            Some(address) => trying.push(connect(address, ways)),
            None if trying.is_empty() => return Err(failed),
            None => {}
        }
        let patience = if left.len() == 0 {
            Duration::MAX
        } else {
            ways.fallback
                .unwrap_or(Some(FALLBACK))
                .unwrap_or(Duration::MAX)
        };
        match tokio::time::timeout(patience, trying.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => failed = error,
            Ok(None) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, UnixListener};

    use super::{ANY_WAY, Network, connect_any};
    use crate::{Dial, Target};

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_name_and_an_address_are_reached() {
        let (listener, address) = listener().await;
        for host in ["127.0.0.1", "localhost"] {
            let target = Target::Tcp(host.into(), address.port());
            let mut ours = Network::default().dial(&target).await.unwrap();
            let (mut theirs, _) = listener.accept().await.unwrap();
            ours.write_all(b"a").await.unwrap();
            assert_eq!(theirs.read_u8().await.unwrap(), b'a');
        }
    }

    #[tokio::test]
    async fn an_address_that_refuses_gives_way_to_the_next_one() {
        let (gone, refuses) = listener().await;
        drop(gone);
        let (_listener, answers) = listener().await;
        assert!(connect_any(vec![refuses, answers], &ANY_WAY).await.is_ok());
        assert!(connect_any(vec![refuses], &ANY_WAY).await.is_err());
        assert!(connect_any(Vec::new(), &ANY_WAY).await.is_err());
    }

    #[tokio::test]
    async fn a_unix_socket_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("up.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        assert!(Network::default().dial(&Target::Unix(path)).await.is_ok());
    }
}
