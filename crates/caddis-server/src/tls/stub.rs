//! A web server for tests that answers as a function says, each request on a connection of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// With the query.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// What is answered: status, header fields as lines, and a body.
pub(super) type Answer = (u16, String, Vec<u8>);

/// The server, which ends when this is dropped.
pub(super) struct Stub {
    pub(super) address: SocketAddr,
    task: AbortHandle,
}

impl Stub {
    /// Serves from now on; the function is told the address of the server too.
    pub(super) async fn serve(
        answer: impl Fn(SocketAddr, Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await;
        let socket = socket.expect("the loopback has ports");
        let address = socket.local_addr().expect("it is bound");
        let answer = Arc::new(answer);
        let serving = async move {
            while let Ok((stream, _)) = socket.accept().await {
                let answer = Arc::clone(&answer);
                tokio::spawn(async move { exchange(stream, |asked| answer(address, asked)).await });
            }
        };
        Self {
            address,
            task: tokio::spawn(serving).abort_handle(),
        }
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn exchange(mut stream: TcpStream, answer: impl Fn(Asked) -> Answer) -> Option<()> {
    let asked = read(&mut stream).await?;
    let is_head = asked.method == "HEAD";
    let (status, fields, body) = answer(asked);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{fields}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    if !is_head {
        stream.write_all(&body).await.ok()?;
    }
    stream.shutdown().await.ok()
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            let mut lengths =
                fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = lengths
                .next()
                .map_or(0, |(_, length)| length.parse().unwrap_or(0));
            if bytes.len() >= end + 4 + length {
                let mut words = head.split(' ');
                return Some(Asked {
                    method: words.next()?.to_owned(),
                    path: words.next()?.to_owned(),
                    body: bytes[end + 4..].to_vec(),
                });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
