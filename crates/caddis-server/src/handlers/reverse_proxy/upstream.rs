//! One of the servers that are asked: where it is, and how that is written.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use super::host::Host;
use crate::Target;
use crate::seldom::Seldom;

/// Where an upstream is.
#[derive(Debug)]
pub(crate) struct Address {
    /// Where connections go.
    pub(crate) target: Target,
    /// As the config has it, and `{http.reverse_proxy.upstream.hostport}` says.
    pub(crate) hostport: Box<str>,
    /// As `{http.reverse_proxy.upstream.host}` says: the path for a unix socket.
    pub(crate) host: Box<str>,
    /// As `{http.reverse_proxy.upstream.port}` says: 0 for a unix socket.
    pub(crate) port: Box<str>,
    /// Whether it was said lately that it refuses what it is asked.
    pub(super) refusals: Seldom,
    /// How busy and how well it is.
    pub(super) state: Arc<Host>,
    /// How many requests it may be busy with; any number if 0.
    pub(super) most: i64,
}

impl Address {
    /// Reads `host:port`, `[v6]:port`, `tcp/host:port` or `unix/path`; the error says what is wrong.
    pub(crate) fn parse(dial: &str) -> Result<Self, String> {
        match dial.split_once('/') {
            None | Some(("tcp" | "tcp4" | "tcp6", _)) => {
                Self::tcp(dial.split_once('/').map_or(dial, |(_, rest)| rest))
            }
            Some(("unix", path)) if !path.is_empty() => Ok(Self::unix(path)),
            Some(("unix", _)) => Err(format!("`{dial}` lacks the path of a unix socket")),
            Some((network, _)) => Err(format!(
                "caddis cannot reach an upstream over `{network}`: write `host:port` or `unix//path`"
            )),
        }
    }

    fn unix(path: &str) -> Self {
        Self {
            target: Target::Unix(PathBuf::from(path)),
            hostport: path.into(),
            host: path.into(),
            port: "0".into(),
            refusals: Seldom::default(),
            state: Arc::default(),
            most: 0,
        }
    }

    fn tcp(dial: &str) -> Result<Self, String> {
        let (host, port) = split_port(dial).ok_or_else(|| {
            format!("`{dial}` is not the address of an upstream: write `host:port`")
        })?;
        let number = port
            .parse()
            .map_err(|_| format!("`{port}` is not a port: write a number up to 65535"))?;
        // An empty host is the machine itself, as Go's dialer has it.
        let reached = if host.is_empty() { "localhost" } else { host };
        Ok(Self {
            target: Target::Tcp(reached.into(), number),
            hostport: dial.into(),
            host: host.into(),
            port: port.into(),
            refusals: Seldom::default(),
            state: Arc::default(),
            most: 0,
        })
    }
}

/// Host and port; the host loses the brackets of an IPv6 address.
fn split_port(dial: &str) -> Option<(&str, &str)> {
    let (host, port) = dial.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(rest) => Some((rest.strip_suffix(']')?, port)),
        None if host.contains([':', ']']) => None,
        None => Some((host, port)),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hostport)
    }
}

/// An upstream that is busy with a request, until this is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    upstream: Arc<Address>,
    /// How many requests it was busy with before.
    pub(super) before: i64,
}

impl Busy {
    pub(super) fn new(upstream: Arc<Address>) -> Self {
        Self {
            before: upstream.state.begin(),
            upstream,
        }
    }
}

impl Deref for Busy {
    type Target = Arc<Address>;

    fn deref(&self) -> &Arc<Address> {
        &self.upstream
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.upstream.state.end();
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use crate::Target;

    fn target(dial: &str) -> Result<Target, String> {
        Address::parse(dial).map(|address| address.target.clone())
    }

    #[test]
    fn hosts_ports_and_unix_sockets_are_told_apart() {
        let tcp = |host: &str, port| Ok(Target::Tcp(host.into(), port));
        assert_eq!(target("localhost:11434"), tcp("localhost", 11434));
        assert_eq!(target("[::1]:80"), tcp("::1", 80));
        assert_eq!(target("tcp/10.0.0.1:80"), tcp("10.0.0.1", 80));
        assert_eq!(target(":8080"), tcp("localhost", 8080));
        assert_eq!(
            target("unix//run/app.sock"),
            Ok(Target::Unix("/run/app.sock".into()))
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "host",
            "host:",
            "host:x",
            "host:65536",
            "::1:80",
            "[::1]",
            "unix/",
            "udp/a:1",
        ] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }
}
