//! Binds the sockets of an address, one for each worker.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, Type};

use super::ListenAddress;
use super::address::Family;
use super::holder::holder;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4096;

/// A socket that listens.
#[derive(Debug)]
pub(crate) enum Socket {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket.
    Unix(UnixListener),
}

impl Socket {
    /// The port, if it has one.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Self::Unix(_) => None,
        }
    }
}

/// Why an address cannot be listened on.
#[derive(Debug)]
pub struct BindError {
    /// The address.
    pub address: String,
    /// What the system said.
    pub error: io::Error,
    /// The process that has the address already, if it can be seen.
    pub holder: Option<String>,
}

impl BindError {
    /// Two servers of one config want the same address.
    pub(crate) fn twice(address: &ListenAddress) -> Self {
        Self {
            address: address.to_string(),
            error: io::Error::other("two servers of the config listen on it"),
            holder: None,
        }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listening on {}: ", self.address)?;
        match (self.error.kind(), &self.holder) {
            (io::ErrorKind::AddrInUse, Some(holder)) => {
                write!(f, "address already in use by {holder}")
            }
            (io::ErrorKind::AddrInUse, None) => f.write_str("address already in use"),
            (io::ErrorKind::PermissionDenied, _) => write!(
                f,
                "permission denied; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE"
            ),
            _ => self.error.fmt(f),
        }
    }
}

impl std::error::Error for BindError {}

/// Binds an address with one port `count` times, so that each worker accepts on a queue of its own.
/// `ours` are ports of which we hold another address already.
pub(crate) fn bind(
    address: &ListenAddress,
    count: usize,
    ours: &HashSet<u16>,
) -> Result<Vec<Socket>, BindError> {
    let sockets = match address {
        ListenAddress::Tcp { family, host, .. } => tcp(
            resolve(*family, host, address.port()),
            // Go listens for both versions of IP on `[::]` too.
            *family == Family::Any && matches!(host.as_str(), "" | "::"),
            count,
            ours.contains(&address.port()),
        ),
        ListenAddress::Unix { path, mode, .. } => unix(path, *mode, count),
    };
    sockets.map_err(|error| {
        let taken = error.kind() == io::ErrorKind::AddrInUse && address.port() != 0;
        BindError {
            address: address.to_string(),
            holder: taken.then(|| holder(address.port())).flatten(),
            error,
        }
    })
}

fn tcp(
    address: io::Result<SocketAddr>,
    dual: bool,
    count: usize,
    shared: bool,
) -> io::Result<Vec<Socket>> {
    let mut address = address?;
    if dual && !ipv6_exists() {
        address = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
    }
    if !shared {
        // A socket that shares its port does not notice that another program has it, so ask with one that does not.
        drop(socket(address, dual, Share::No)?);
    }
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        let socket = socket(address, dual, Share::Yes)?;
        socket.listen(BACKLOG)?;
        let listener: TcpListener = socket.into();
        // With port 0 the first one chooses, and the others follow.
        address = listener.local_addr()?;
        sockets.push(Socket::Tcp(listener));
    }
    Ok(sockets)
}

fn resolve(family: Family, host: &str, port: u16) -> io::Result<SocketAddr> {
    if host.is_empty() {
        let any: IpAddr = match family {
            Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Family::Any | Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        return Ok(SocketAddr::new(any, port));
    }
    let all: Vec<_> = (host, port)
        .to_socket_addrs()?
        .filter(|address| match family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        })
        .collect();
    // Go listens on the first address of a name, with those of version 4 before the others.
    let first = all.iter().find(|address| address.is_ipv4()).or(all.first());
    first
        .copied()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("`{host}` has no address")))
}

/// Whether other sockets of ours may have the same port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Yes,
    No,
}

fn socket(address: SocketAddr, dual: bool, share: Share) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(!dual)?;
    }
    socket.set_reuse_address(true)?;
    if share == Share::Yes {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn ipv6_exists() -> bool {
    Path::new("/proc/net/if_inet6").exists()
}

/// All workers accept on one queue: a unix socket has one file.
fn unix(path: &Path, mode: u32, count: usize) -> io::Result<Vec<Socket>> {
    let listener = match path.to_str().and_then(|path| path.strip_prefix('@')) {
        Some(name) => {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            UnixListener::bind_addr(&address)?
        }
        None => unix_file(path, mode)?,
    };
    listener.set_nonblocking(true)?;
    (0..count)
        .map(|_| listener.try_clone().map(Socket::Unix))
        .collect()
}

/// The file appears under its name with its permissions set, so nobody connects who may not.
fn unix_file(path: &Path, mode: u32) -> io::Result<UnixListener> {
    if path.exists() {
        if UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        // Nobody listens: a server that did not end well has left it.
        std::fs::remove_file(path)?;
    }
    let mut fresh = PathBuf::from(path).into_os_string();
    fresh.push(format!(".{}", std::process::id()));
    let listener = UnixListener::bind(&fresh)?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(mode))?;
    std::fs::rename(&fresh, path)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::bind;
    use crate::listen::ListenAddress;

    fn address(text: &str) -> ListenAddress {
        ListenAddress::parse(text).unwrap()
    }

    #[test]
    fn every_worker_has_a_socket_on_the_same_port() {
        let sockets = bind(&address("127.0.0.1:0"), 3, &HashSet::new()).unwrap();
        let ports: Vec<_> = sockets
            .iter()
            .map(|socket| socket.port().unwrap())
            .collect();
        assert_ne!(ports[0], 0);
        assert_eq!(ports, [ports[0]; 3]);
    }

    #[test]
    fn all_of_ipv6_means_all_of_ipv4_too_if_the_network_is_not_named() {
        for (text, expected) in [(":0", true), ("[::]:0", true), ("tcp6/[::]:0", false)] {
            let sockets = bind(&address(text), 1, &HashSet::new()).unwrap();
            let port = sockets[0].port().unwrap();
            let reached = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            assert_eq!(reached, expected, "{text}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_refused_with_the_name_of_its_holder() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let text = taken.local_addr().unwrap().to_string();
        let error = bind(&address(&text), 2, &HashSet::new())
            .unwrap_err()
            .to_string();
        let id = std::process::id();
        assert!(error.starts_with(&format!("listening on {text}: address already in use by ")));
        assert!(error.ends_with(&format!("(process {id})")), "{error}");
    }

    #[test]
    fn a_socket_that_is_left_over_is_replaced_and_one_in_use_is_not() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let address = address(&format!("unix/{}|0660", path.display()));
        let sockets = bind(&address, 2, &HashSet::new()).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!((sockets.len(), mode & 0o777), (2, 0o660));
        assert!(bind(&address, 1, &HashSet::new()).is_err());
    }
}
