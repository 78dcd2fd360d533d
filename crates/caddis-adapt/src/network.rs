//! Addresses to listen on: `:443`, `127.0.0.1:80`, `unix//run/x.sock`.

use crate::address::{join_host_port, split_host_port};

/// An address to listen on, as Caddy writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) text: String,
    /// None for a socket that has no port.
    port: Option<u16>,
}

impl Listener {
    /// The address of a `bind` with the port of a site; a port in the `bind` is not looked at.
    pub(crate) fn new(bind: &str, port: &str) -> Result<Self, String> {
        let (network, host) = split(bind)?;
        if is_portless(&network) {
            if network.starts_with("unix") {
                check_permissions(&host)?;
            }
            return Ok(Self {
                text: format!("{network}/{host}"),
                port: None,
            });
        }
        let number: u16 = port
            .parse()
            .map_err(|_| format!("`{port}` is not a port"))?;
        let address = join_host_port(&host, &number.to_string());
        let text = if network.is_empty() || network == "tcp" {
            address
        } else {
            format!("{network}/{address}")
        };
        Ok(Self {
            text,
            port: Some(number),
        })
    }

    /// True if something else than this port is listened on.
    pub(crate) fn is_not_at(&self, port: u16) -> bool {
        self.port != Some(port)
    }
}

/// A socket's permissions stand in octal behind a `|`; its owner must be able to write.
fn check_permissions(socket: &str) -> Result<(), String> {
    const OWNER_WRITES: u32 = 0o200;
    // Go shows flags above the permissions as letters before them; with two of them it looks at the wrong letter.
    const FLAGS: u32 = !0 << 19;
    let Some((_, bits)) = socket.split_once('|') else {
        return Ok(());
    };
    let mode = u32::from_str_radix(bits, 8).ok();
    let Some(mode) = mode.filter(|_| !bits.starts_with('+')) else {
        return Err(format!("`{bits}` is not a socket's permissions in octal"));
    };
    if mode & OWNER_WRITES == 0 || (mode & FLAGS).count_ones() > 1 {
        return Err(format!(
            "the owner of the socket must be able to write, which `{bits}` does not say"
        ));
    }
    Ok(())
}

fn is_portless(network: &str) -> bool {
    network.starts_with("unix") || network.starts_with("fd")
}

/// Network and host of an address; the network is empty if it is not written.
fn split(address: &str) -> Result<(String, String), String> {
    let (network, rest) = match address.split_once('/') {
        Some((network, rest)) => (network.trim().to_lowercase(), rest),
        None => (String::new(), address),
    };
    if is_portless(&network) {
        return Ok((network, rest.into()));
    }
    if let Some((host, _)) = split_host_port(rest) {
        return Ok((network, host.into()));
    }
    let host = rest.trim_matches(['[', ']']);
    let with_port = join_host_port(host, "0");
    match split_host_port(&with_port) {
        Some((host, _)) => Ok((network, host.into())),
        None => Err(format!("`{address}` is not an address to listen on")),
    }
}

#[cfg(test)]
mod tests {
    use super::Listener;

    #[test]
    fn listeners_are_written_as_caddy_writes_them() {
        let cases = [
            ("", "443", ":443"),
            ("127.0.0.1", "80", "127.0.0.1:80"),
            ("127.0.0.1:99", "80", "127.0.0.1:80"),
            ("::1", "80", "[::1]:80"),
            ("[::1]", "80", "[::1]:80"),
            ("tcp/0.0.0.0", "80", "0.0.0.0:80"),
            ("tcp4/", "80", "tcp4/:80"),
            ("unix//run/x.sock", "443", "unix//run/x.sock"),
            ("{env.ADDR}", "443", "{env.ADDR}:443"),
        ];
        for (bind, port, text) in cases {
            let listener = Listener::new(bind, port).unwrap();
            assert_eq!(listener.text, text);
        }
        assert!(Listener::new("", "+80").unwrap().text == ":80");
    }
}
