//! Entries that go to another program: over TCP, UDP or a unix socket.

use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::{Duration, Instant};

use caddis_ir::NetWriter;
use parking_lot::Mutex;

/// For connecting, if the config says nothing; as in Caddy.
const DIAL: Duration = Duration::from_secs(10);
/// For what is written: nobody may be reading, and the other logs wait.
const WRITE: Duration = Duration::from_secs(2);
/// After a connection failed, the next one is tried so much later; until then entries go to standard error.
const PAUSE: Duration = Duration::from_secs(10);

/// A connection that is opened again when it breaks.
#[derive(Debug)]
pub(super) struct NetSink {
    address: Address,
    dial_timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Option<Connection>,
    failed: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Tcp(String),
    Udp(String),
    Unix(String),
    UnixDatagram(String),
}

#[derive(Debug)]
enum Connection {
    Tcp(TcpStream),
    Udp(UdpSocket),
    Unix(UnixStream),
    UnixDatagram(UnixDatagram),
}

impl NetSink {
    /// Connects; one that may start without a connection tries again later.
    pub(super) fn open(config: &NetWriter) -> Result<Self, String> {
        let address = Address::read(&config.address)?;
        let dial_timeout = config.dial_timeout.map(caddis_ir::Duration::to_std);
        let dial_timeout = dial_timeout
            .filter(|limit| !limit.is_zero())
            .unwrap_or(DIAL);
        let connection = match address.connect(dial_timeout) {
            Ok(connection) => Some(connection),
            Err(_) if config.soft_start => None,
            Err(error) => return Err(format!("{}: {error}", config.address)),
        };
        let failed = connection.is_none().then(Instant::now);
        Ok(Self {
            address,
            dial_timeout,
            state: Mutex::new(State { connection, failed }),
        })
    }

    /// Writes a line, over a new connection if the old one is gone; to standard error if nobody takes it.
    pub(super) fn write(&self, line: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Some(connection) = &mut state.connection
            && connection.write(line).is_ok()
        {
            return Ok(());
        }
        state.connection = None;
        if state.failed.is_none_or(|failed| failed.elapsed() >= PAUSE) {
            let connected = self.address.connect(self.dial_timeout);
            let written = connected.and_then(|mut connection| {
                connection.write(line)?;
                Ok(connection)
            });
            if let Ok(connection) = written {
                *state = State {
                    connection: Some(connection),
                    failed: None,
                };
                return Ok(());
            }
            state.failed = Some(Instant::now());
        }
        io::stderr().write_all(line.as_bytes())
    }
}

impl Address {
    /// Reads an address with its network, which is TCP if none is given.
    fn read(text: &str) -> Result<Self, String> {
        let (network, address) = text.split_once('/').unwrap_or(("tcp", text));
        let address = address.to_owned();
        match network {
            "tcp" | "tcp4" | "tcp6" => Ok(Self::Tcp(address)),
            "udp" | "udp4" | "udp6" => Ok(Self::Udp(address)),
            "unix" => Ok(Self::Unix(address)),
            "unixgram" => Ok(Self::UnixDatagram(address)),
            other => Err(format!(
                "`{other}` is no network that logs can be sent over"
            )),
        }
    }

    fn connect(&self, limit: Duration) -> io::Result<Connection> {
        match self {
            Self::Tcp(address) => {
                let mut last = io::ErrorKind::NotFound.into();
                for address in address.to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, limit) {
                        Ok(stream) => {
                            stream.set_write_timeout(Some(WRITE))?;
                            return Ok(Connection::Tcp(stream));
                        }
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
            Self::Udp(address) => {
                let first = address.to_socket_addrs()?.next();
                let to = first.ok_or(io::ErrorKind::NotFound)?;
                let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(any)?;
                socket.connect(to)?;
                Ok(Connection::Udp(socket))
            }
            Self::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_write_timeout(Some(WRITE))?;
                Ok(Connection::Unix(stream))
            }
            Self::UnixDatagram(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.set_write_timeout(Some(WRITE))?;
                Ok(Connection::UnixDatagram(socket))
            }
        }
    }
}

impl Connection {
    fn write(&mut self, line: &str) -> io::Result<()> {
        let bytes = line.as_bytes();
        match self {
            Self::Tcp(stream) => stream.write_all(bytes),
            Self::Unix(stream) => stream.write_all(bytes),
            Self::Udp(socket) => socket.send(bytes).map(|_| ()),
            Self::UnixDatagram(socket) => socket.send(bytes).map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    fn config(address: String) -> NetWriter {
        NetWriter {
            address,
            ..NetWriter::default()
        }
    }

    #[test]
    fn lines_reach_who_listens_and_a_broken_connection_is_opened_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp/{}", listener.local_addr().unwrap());
        let sink = NetSink::open(&config(address)).unwrap();
        for number in 0..2 {
            sink.write("a line\n").unwrap();
            // The second one is noticed to be gone only by what is written after it.
            sink.write("a line\n").unwrap();
            let (stream, _) = listener.accept().unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).unwrap();
            assert_eq!(line, "a line\n", "{number}");
            std::thread::sleep(Duration::from_millis(20));
            sink.write("lost\n").unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn what_nobody_listens_to_is_refused_but_for_a_soft_start() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let mut config = config(port.to_string());
        assert!(NetSink::open(&config).is_err());
        config.soft_start = true;
        NetSink::open(&config).unwrap();
        config.address = "quic/a:1".into();
        assert!(NetSink::open(&config).unwrap_err().contains("quic"));
    }
}
