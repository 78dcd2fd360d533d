//! Addresses to listen on, in Caddy's form: `:443`, `127.0.0.1:8080`, `tcp4/host:80-82`, `unix//run/x.sock|0660`.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The permissions of a unix socket whose address names none: its owner may write.
const DEFAULT_MODE: u32 = 0o200;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenAddress {
    /// A TCP port of an interface, or a range of ports.
    Tcp {
        /// Which versions of IP.
        family: Family,
        /// A name or an address; every interface if empty.
        host: String,
        /// The first and the last port.
        ports: RangeInclusive<u16>,
    },
    /// A unix socket.
    Unix {
        /// Its file; one that begins with `@` has no file.
        path: PathBuf,
        /// The permissions of the file.
        mode: u32,
        /// HTTP/2 is spoken on it without TLS.
        h2c: bool,
    },
}

/// Which versions of IP an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both.
    Any,
    /// Version 4.
    V4,
    /// Version 6.
    V6,
}

/// Why a text is no address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl ListenAddress {
    /// Reads Caddy's form.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (network, rest) = text.split_once('/').unwrap_or(("tcp", text));
        match network {
            "tcp" => tcp(Family::Any, rest),
            "tcp4" => tcp(Family::V4, rest),
            "tcp6" => tcp(Family::V6, rest),
            "unix" => unix(rest, false),
            "unix+h2c" => unix(rest, true),
            "fd" | "fdgram" | "udp" | "udp4" | "udp6" | "unixgram" | "unixpacket" | "ip" => {
                Err(AddressError {
                    message: format!("listening on `{text}` is not supported yet"),
                    help: "write a TCP address (`:443`) or a unix socket (`unix//run/caddis.sock`)"
                        .into(),
                })
            }
            _ => Err(AddressError {
                message: format!("`{network}` is not a network"),
                help: "write `tcp/`, `tcp4/`, `tcp6/` or `unix/` before the address".into(),
            }),
        }
    }

    /// The first port; zero for a unix socket.
    pub fn port(&self) -> u16 {
        match self {
            Self::Tcp { ports, .. } => *ports.start(),
            Self::Unix { .. } => 0,
        }
    }

    /// The file of a unix socket, if it has one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Unix { path, .. } => {
                let name = path.as_os_str().as_encoded_bytes();
                (!name.starts_with(b"@")).then_some(path)
            }
            Self::Tcp { .. } => None,
        }
    }

    /// The same interface with another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        match self {
            Self::Tcp { family, host, .. } => Self::Tcp {
                family: *family,
                host: host.clone(),
                ports: port..=port,
            },
            Self::Unix { .. } => self.clone(),
        }
    }

    /// One address for each port of the range.
    pub fn each_port(&self) -> Vec<Self> {
        match self {
            Self::Tcp { ports, .. } => ports.clone().map(|port| self.with_port(port)).collect(),
            Self::Unix { .. } => vec![self.clone()],
        }
    }
}

fn tcp(family: Family, text: &str) -> Result<ListenAddress, AddressError> {
    let (host, ports) = match text.rsplit_once(':') {
        Some((host, ports)) if !ports.contains(']') => (host, ports),
        Some(_) | None => (text, "0"),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if host.contains(['[', ']', '/']) {
        return Err(not_an_address(text));
    }
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let port = |text: &str| {
        if text.is_empty() {
            Some(0)
        } else {
            text.parse::<u16>().ok()
        }
    };
    let (Some(first), Some(last)) = (port(first), port(last)) else {
        return Err(AddressError {
            message: format!("`{ports}` is not a port"),
            help: "write a number from 0 to 65535, or two with `-` between them".into(),
        });
    };
    if last < first {
        return Err(AddressError {
            message: format!("the port range `{ports}` ends before it begins"),
            help: format!("write `{last}-{first}`"),
        });
    }
    Ok(ListenAddress::Tcp {
        family,
        host: host.to_owned(),
        ports: first..=last,
    })
}

fn unix(text: &str, h2c: bool) -> Result<ListenAddress, AddressError> {
    let (path, mode) = match text.split_once('|') {
        None => (text, DEFAULT_MODE),
        Some((path, mode)) => (path, permissions(mode)?),
    };
    if path.is_empty() {
        return Err(not_an_address(text));
    }
    Ok(ListenAddress::Unix {
        path: path.into(),
        mode,
        h2c,
    })
}

fn permissions(text: &str) -> Result<u32, AddressError> {
    let error = |message: String| AddressError {
        message,
        help: "write the permissions in octal, with writing for the owner: `0660`".into(),
    };
    let mode = u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
        .ok_or_else(|| error(format!("`{text}` is not a set of permissions")))?;
    if mode & 0o200 == 0 {
        return Err(error(format!(
            "nobody could connect to a socket with permissions `{text}`"
        )));
    }
    Ok(mode)
}

fn not_an_address(text: &str) -> AddressError {
    AddressError {
        message: format!("`{text}` is not an address to listen on"),
        help: "write `:443`, `127.0.0.1:8080`, `[::1]:8080` or `unix//run/caddis.sock`".into(),
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp {
                family,
                host,
                ports,
            } => {
                f.write_str(match family {
                    Family::Any => "",
                    Family::V4 => "tcp4/",
                    Family::V6 => "tcp6/",
                })?;
                if host.contains(':') {
                    write!(f, "[{host}]:{}", ports.start())?;
                } else {
                    write!(f, "{host}:{}", ports.start())?;
                }
                if ports.end() == ports.start() {
                    Ok(())
                } else {
                    write!(f, "-{}", ports.end())
                }
            }
            Self::Unix { path, mode, h2c } => {
                let network = if *h2c { "unix+h2c" } else { "unix" };
                write!(f, "{network}/{}", path.display())?;
                if *mode == DEFAULT_MODE {
                    Ok(())
                } else {
                    write!(f, "|{mode:04o}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListenAddress;

    #[test]
    fn addresses_are_written_as_they_were_read() {
        for text in [
            ":443",
            "127.0.0.1:8080",
            "[::1]:80",
            "tcp4/localhost:80-82",
            "unix//run/x.sock",
            "unix+h2c/@name|0660",
        ] {
            assert_eq!(ListenAddress::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_listened_on_is_refused_with_a_reason() {
        for (text, message) in [
            (":http", "`http` is not a port"),
            (":82-80", "the port range `82-80` ends before it begins"),
            ("udp/:53", "listening on `udp/:53` is not supported yet"),
            ("foo/:53", "`foo` is not a network"),
            ("unix/", "`` is not an address to listen on"),
            ("unix//x|9", "`9` is not a set of permissions"),
            (
                "unix//x|0444",
                "nobody could connect to a socket with permissions `0444`",
            ),
        ] {
            assert_eq!(ListenAddress::parse(text).unwrap_err().message, message);
        }
    }

    #[test]
    fn a_range_is_one_listener_per_port() {
        let range = ListenAddress::parse("localhost:80-82").unwrap();
        let ports: Vec<_> = range.each_port().iter().map(ListenAddress::port).collect();
        assert_eq!(ports, [80, 81, 82]);
    }
}
