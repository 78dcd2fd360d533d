//! Name servers of the config: who is asked for the addresses of hosts in place of the system.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

/// The port of DNS.
const PORT: u16 = 53;

/// Some name servers. What they say is remembered for as long as they say.
pub struct Resolver(TokioResolver);

impl Resolver {
    /// Reads `10.0.0.53`, `10.0.0.53:5300`, `udp/…` and `tcp/…`; the error has the place of what is wrong.
    pub(crate) fn new(addresses: &[String]) -> Result<Self, (usize, String)> {
        let mut servers = Vec::new();
        for (index, address) in addresses.iter().enumerate() {
            servers.push(server(address).map_err(|why| (index, why))?);
        }
        let config = ResolverConfig::from_name_servers(servers);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let built = builder.build().map_err(|error| (0, error.to_string()))?;
        Ok(Self(built))
    }

    /// The addresses of a host.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found = self.0.lookup_ip(host).await;
        let found = found.map_err(|error| {
            let why = format!("lookup {host}: no such host ({error})");
            io::Error::new(io::ErrorKind::NotFound, why)
        })?;
        Ok(found.iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

fn server(text: &str) -> Result<NameServerConfig, String> {
    let (network, address) = text.split_once('/').unwrap_or(("", text));
    let not = || {
        format!("`{text}` is not the address of a name server: write `10.0.0.53` or `10.0.0.53:53`")
    };
    let alone = address.trim_matches(['[', ']']).parse::<IpAddr>();
    let address = alone
        .map(|ip| SocketAddr::new(ip, PORT))
        .or_else(|_| address.parse())
        .map_err(|_| not())?;
    let mut connections = match network {
        // As in Go, an answer that is too long for UDP is asked for again over TCP.
        "" | "udp" => vec![ConnectionConfig::udp(), ConnectionConfig::tcp()],
        "tcp" => vec![ConnectionConfig::tcp()],
        _ => return Err(not()),
    };
    for connection in &mut connections {
        connection.port = address.port();
    }
    Ok(NameServerConfig::new(address.ip(), true, connections))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::{Resolver, server};

    #[test]
    fn name_servers_are_read_with_and_without_a_port() {
        let port = |text: &str| server(text).map(|read| read.connections.first().unwrap().port);
        assert_eq!(port("10.0.0.53"), Ok(53));
        assert_eq!(port("udp/10.0.0.53:5300"), Ok(5300));
        assert_eq!(port("tcp/[::1]:5300"), Ok(5300));
        assert_eq!(port("::1"), Ok(53));
        assert!(port("dns.test").is_err() && port("tls/10.0.0.1").is_err());
    }

    #[tokio::test]
    async fn the_name_server_of_the_config_is_asked() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                socket.send_to(&answer(&question[..length]), from).unwrap();
            }
        });
        let resolver = Resolver::new(&[address.to_string()]).unwrap();
        let found = resolver.resolve("a.test.", 80).await.unwrap();
        assert_eq!(found, ["10.9.8.7:80".parse().unwrap()]);
    }

    /// An `A` record for what is asked for, whatever it is.
    fn answer(question: &[u8]) -> Vec<u8> {
        let name_end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
        let is_a = question[name_end..name_end + 2] == [0, 1];
        let mut answer = question[..2].to_vec();
        answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
        answer.extend(&question[12..name_end + 4]);
        if is_a {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 9, 8, 7]);
        }
        answer
    }
}
