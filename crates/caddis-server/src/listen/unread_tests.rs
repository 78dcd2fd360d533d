//! What a client of HTTP/2 hears that is answered while it sends, frame by frame.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::unread::MAX_LINGERING;
use super::{Answer, ListenAddress, Listener, Served, Settings, Stop, Workers, serving};
use crate::{Connection, Request, Response};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const END_HEADERS: u8 = 4;
const NO_ERROR: [u8; 4] = [0; 4];
/// `POST http://a.test/`.
const POST: &[u8] = b"\x83\x86\x84\x01\x06a.test";
const PATIENCE: Duration = Duration::from_secs(20);

/// Refuses without a look at the body.
struct Refusing;

impl Answer for Refusing {
    async fn answer(&self, _: Arc<Connection>, request: Request) -> Option<Response> {
        drop(request);
        let answer = http::Response::builder().status(401);
        answer.body(crate::Body::Empty).ok()
    }
}

fn refusing() -> Workers<Refusing> {
    let settings = Settings {
        h2c: true,
        ..Settings::default()
    };
    let listener = Listener {
        address: ListenAddress::parse("127.0.0.1:0").unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(Refusing),
            settings: Arc::new(settings),
            tls: None,
        }),
    };
    serving(vec![listener], 1).unwrap()
}

struct Client(TcpStream);

impl Client {
    async fn connect(running: &Workers<Refusing>) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", running.ports()[0]))
            .await
            .unwrap();
        stream.write_all(PREFACE).await.unwrap();
        let mut client = Self(stream);
        client.send(SETTINGS, 0, 0, b"").await;
        client
    }

    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame).await.unwrap();
    }

    /// The next answer or reset: its kind, its stream, and the reason of a reset.
    async fn next(&mut self) -> (u8, u32, Option<[u8; 4]>) {
        let read = async {
            loop {
                let mut head = [0; 9];
                self.0.read_exact(&mut head).await.unwrap();
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let mut payload = vec![0; length as usize];
                self.0.read_exact(&mut payload).await.unwrap();
                let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                match head[3] {
                    HEADERS => return (HEADERS, stream, None),
                    RST_STREAM => return (RST_STREAM, stream, payload.try_into().ok()),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap()
    }
}

#[tokio::test]
async fn an_answer_is_not_lost_in_the_reset_of_what_nobody_reads() {
    let running = refusing();
    let mut client = Client::connect(&running).await;
    client.send(HEADERS, END_HEADERS, 1, POST).await;
    client.send(DATA, 0, 1, b"the first of many").await;
    assert_eq!(client.next().await, (HEADERS, 1, None));
    // There is time for another request before the reset.
    client.send(HEADERS, END_HEADERS, 3, POST).await;
    assert_eq!(client.next().await, (HEADERS, 3, None));
    assert_eq!(client.next().await, (RST_STREAM, 1, Some(NO_ERROR)));
    running.stop(Stop::Now);
}

#[tokio::test]
async fn only_so_many_bodies_are_kept_for_one_connection() {
    let running = refusing();
    let mut client = Client::connect(&running).await;
    let last = u32::try_from(2 * MAX_LINGERING + 1).unwrap();
    for stream in (1..=last).step_by(2) {
        client.send(HEADERS, END_HEADERS, stream, POST).await;
    }
    let first = loop {
        let (kind, stream, _) = client.next().await;
        if kind == RST_STREAM {
            break stream;
        }
    };
    assert_eq!(first, last, "another one had no place");
    running.stop(Stop::Now);
}
