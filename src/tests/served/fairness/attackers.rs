//! Clients that mean harm, or are broken. Each goes on until it is dropped.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met"
)]

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::arena::Ports;

/// Where they come from.
const FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const PAUSE: Duration = Duration::from_millis(100);

/// How much was done. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(super) fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(more, Relaxed);
    }
}

/// So many clients; one that is thrown out comes again.
async fn many<F>(number: usize, one: impl Fn(usize) -> F)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut clients = JoinSet::new();
    for index in 0..number {
        clients.spawn(one(index));
    }
    for index in number.. {
        // What the network says of it is no matter; what the client expected is.
        let _ = clients.join_next().await.unwrap().unwrap();
        tokio::time::sleep(PAUSE / 10).await;
        clients.spawn(one(index));
    }
}

async fn connect(from: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect((Ipv4Addr::LOCALHOST, port).into()).await
}

/// Wrong passwords, another one each time.
pub(super) async fn passwords(ports: Ports, count: Count) {
    many(96, move |client| {
        let count = count.clone();
        async move {
            // `bob:`, and bytes that nobody uses.
            let status = login(FROM, ports.plain, &format!("Ym9iOm{client:06}")).await?;
            assert!(status == 401 || status == 503, "{status}");
            count.add(1);
            Ok(())
        }
    })
    .await;
}

/// Says the status of a login.
pub(super) async fn login(from: Ipv4Addr, port: u16, credentials: &str) -> io::Result<u16> {
    let mut stream = connect(from, port).await?;
    let request = format!(
        "GET /private HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    status.parse().map_err(io::Error::other)
}

/// Headers that come byte by byte.
pub(super) async fn slow_headers(ports: Ports, count: Count) {
    many(200, move |_| {
        let begin = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
        slowly(ports.plain, begin, count.clone())
    })
    .await;
}

/// Bodies that come byte by byte.
pub(super) async fn slow_bodies(ports: Ports, count: Count) {
    many(100, move |_| {
        let begin = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
        slowly(ports.plain, begin, count.clone())
    })
    .await;
}

async fn slowly(port: u16, begin: &'static str, count: Count) -> io::Result<()> {
    let mut stream = connect(FROM, port).await?;
    stream.write_all(begin.as_bytes()).await?;
    count.add(1);
    loop {
        tokio::time::sleep(PAUSE).await;
        stream.write_all(b"x").await?;
    }
}

/// Reads much in small pieces, and far apart.
pub(super) async fn slow_readers(ports: Ports, count: Count) {
    many(16, move |_| {
        let count = count.clone();
        async move {
            let socket = TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(4096)?;
            socket.bind((FROM, 0).into())?;
            let server = (Ipv4Addr::LOCALHOST, ports.plain).into();
            let mut stream = socket.connect(server).await?;
            stream
                .write_all(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await?;
            let mut piece = [0; 1024];
            loop {
                stream.read_exact(&mut piece).await?;
                count.add(1);
                tokio::time::sleep(PAUSE).await;
            }
        }
    })
    .await;
}

/// Hellos of TLS, and nothing after them.
pub(super) async fn handshakes(ports: Ports, count: Count) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    let hello = Arc::new(hello);
    many(32, move |_| {
        let (hello, count) = (Arc::clone(&hello), count.clone());
        async move {
            let mut stream = connect(FROM, ports.tls).await?;
            stream.write_all(&hello).await?;
            count.add(1);
            Ok(())
        }
    })
    .await;
}

/// Requests that each have a key of their own.
pub(super) async fn keys(ports: Ports, count: Count) {
    many(4, move |client| {
        let count = count.clone();
        async move {
            let mut stream = connect(FROM, ports.plain).await?;
            let mut read = vec![0; 64 << 10];
            for key in 0.. {
                let request =
                    format!("GET /limited?k={client}-{key} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                stream.write_all(request.as_bytes()).await?;
                let length = stream.read(&mut read).await?;
                assert!(read[..length].starts_with(b"HTTP/1.1 200"));
                count.add(1);
            }
            Ok(())
        }
    })
    .await;
}

/// `GET http://localhost/`, by the table that both sides know.
const GET: &[u8] = b"\x82\x86\x84\x41\x09localhost";
/// What a client of HTTP/2 says first.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const AT_ONCE: u32 = 50;

/// Requests over HTTP/2 that are taken back at once.
pub(super) async fn rapid_reset(ports: Ports, count: Count) {
    flood(ports.plain, count, |round, out| {
        for index in 0..AT_ONCE {
            let stream = 1 + 2 * (round * AT_ONCE + index);
            frame((1, 5), stream, GET, out);
            frame((3, 0), stream, &[0, 0, 0, 8], out);
        }
    })
    .await;
}

/// Headers over HTTP/2 that do not end.
pub(super) async fn continuation(ports: Ports, count: Count) {
    flood(ports.plain, count, |round, out| {
        if round == 0 {
            frame((1, 1), 1, GET, out);
        }
        for _ in 0..AT_ONCE {
            // A field of 4 KiB that nobody is to remember.
            let mut field = b"\0\x01a\x7f\x81\x1f".to_vec();
            field.resize(field.len() + 4096, b'x');
            frame((9, 0), 1, &field, out);
        }
    })
    .await;
}

async fn flood(port: u16, count: Count, write: fn(u32, &mut Vec<u8>)) {
    many(4, move |_| {
        let count = count.clone();
        async move {
            let (mut from, mut to) = connect(FROM, port).await?.into_split();
            let writing = async {
                to.write_all(HELLO).await?;
                for round in 0.. {
                    let mut frames = Vec::new();
                    write(round, &mut frames);
                    to.write_all(&frames).await?;
                    count.add(1);
                    tokio::task::yield_now().await;
                }
                Ok(())
            };
            let reading = async {
                let mut read = vec![0; 16 << 10];
                while from.read(&mut read).await? > 0 {}
                Ok(())
            };
            tokio::select! {
                done = writing => done,
                done = reading => done,
            }
        }
    })
    .await;
}

fn frame((kind, flags): (u8, u8), stream: u32, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).unwrap();
    out.extend_from_slice(&length.to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}
