//! Bodies that come bit by bit, and those that are long.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use caddis_ir::{Encode, Encoders, Gzip, Path, Zstd};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use crate::builder::Builder;
use crate::entry::ServerTree;
use crate::{Body, BodyError, Connection, Handle, Node, Request, Response, Result};

type Frames = mpsc::UnboundedReceiver<std::result::Result<Frame<Bytes>, BodyError>>;
type Sender = mpsc::UnboundedSender<std::result::Result<Frame<Bytes>, BodyError>>;

/// An upstream that says what the test lets it say.
struct Upstream {
    frames: parking_lot::Mutex<Option<Frames>>,
    status: StatusCode,
}

struct Said(Frames);

impl HttpBody for Said {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BodyError>>> {
        self.0.poll_recv(cx)
    }
}

impl Handle for Upstream {
    async fn handle(&self, _: Request, _: &Node) -> Result<Response> {
        let frames = self.frames.lock().take().expect("asked once");
        let mut response = Response::new(Body::new(Said(frames)));
        *response.status_mut() = self.status;
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert("content-type", kind);
        Ok(response)
    }
}

fn server(status: u16) -> (Sender, ServerTree) {
    let (sender, frames) = mpsc::unbounded_channel();
    let upstream = Upstream {
        frames: parking_lot::Mutex::new(Some(frames)),
        status: StatusCode::from_u16(status).unwrap(),
    };
    let config = Encode {
        encodings: Encoders {
            gzip: Some(Gzip::default()),
            zstd: Some(Zstd::default()),
        },
        ..Encode::default()
    };
    let environment = crate::testing::environment();
    let mut builder = Builder::new(&environment);
    let upstream = Node::handler(upstream, Node::end());
    let node = super::build(&config, &Path::root(), &mut builder, upstream);
    (sender, ServerTree::of(node))
}

async fn ask(server: &ServerTree, encoding: &str) -> Response {
    let request = http::Request::get("/")
        .header("Host", "a.test")
        .header("Accept-Encoding", encoding)
        .body(Body::Empty)
        .unwrap();
    let connection = Connection {
        peer: SocketAddr::new(IpAddr::from([192, 0, 2, 1]), 4711),
        local: SocketAddr::from(([192, 0, 2, 80], 80)),
        worker: 0,
        tls: None,
    };
    let answer = server.answer(Arc::new(connection), request).await;
    answer.expect("an answer")
}

fn data(text: &[u8]) -> Frame<Bytes> {
    Frame::data(Bytes::copy_from_slice(text))
}

/// Unpacks what came so far.
enum Unpacker {
    Gzip(flate2::write::GzDecoder<Vec<u8>>),
    Zstd(zstd::stream::write::Decoder<'static, Vec<u8>>),
}

impl Unpacker {
    fn new(encoding: &str) -> Self {
        match encoding {
            "gzip" => Self::Gzip(flate2::write::GzDecoder::new(Vec::new())),
            _ => Self::Zstd(zstd::stream::write::Decoder::new(Vec::new()).unwrap()),
        }
    }

    fn unpack(&mut self, packed: &[u8]) -> Vec<u8> {
        let out = match self {
            Self::Gzip(decoder) => {
                decoder.write_all(packed).unwrap();
                decoder.flush().unwrap();
                decoder.get_mut()
            }
            Self::Zstd(decoder) => {
                decoder.write_all(packed).unwrap();
                decoder.flush().unwrap();
                decoder.get_mut()
            }
        };
        std::mem::take(out)
    }
}

#[tokio::test]
async fn every_token_is_sent_before_the_next_one_comes() {
    for encoding in ["gzip", "zstd"] {
        let (sender, server) = server(200);
        let first = [b"data: ", &[b'a'; 600][..], b"\n\n"].concat();
        sender.send(Ok(data(&first))).unwrap();
        let mut answer = ask(&server, encoding).await;
        assert_eq!(answer.headers()["content-encoding"], encoding);
        let mut unpacker = Unpacker::new(encoding);
        let frame = answer.body_mut().frame().await.unwrap().unwrap();
        assert!(unpacker.unpack(frame.data_ref().unwrap()) == first);
        for token in 0..50 {
            let token = format!("data: {token}\n\n");
            sender.send(Ok(data(token.as_bytes()))).unwrap();
            let frame = answer.body_mut().frame().await.unwrap().unwrap();
            let came = unpacker.unpack(frame.data_ref().unwrap());
            assert_eq!(String::from_utf8(came).unwrap(), token, "{encoding}");
        }
        drop(sender);
        let end = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(unpacker.unpack(&end), b"", "{encoding}");
    }
}

#[tokio::test]
async fn an_answer_that_begins_with_a_short_token_is_passed_on_as_it_comes() {
    let (sender, server) = server(200);
    sender.send(Ok(data(b"data: 1\n\n"))).unwrap();
    let mut answer = ask(&server, "gzip").await;
    assert!(!answer.headers().contains_key("content-encoding"));
    let first = answer.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "data: 1\n\n");
    sender.send(Ok(data(&[b'a'; 600]))).unwrap();
    let second = answer.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(second.into_data().unwrap(), [b'a'; 600][..]);
}

#[tokio::test]
async fn short_chunks_that_are_there_together_count_together() {
    let (sender, server) = server(200);
    for _ in 0..60 {
        sender.send(Ok(data(b"0123456789"))).unwrap();
    }
    drop(sender);
    let answer = ask(&server, "gzip").await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let packed = answer.into_body().collect().await.unwrap().to_bytes();
    let text = Unpacker::new("gzip").unpack(&packed);
    assert!(text == b"0123456789".repeat(60));
}

#[tokio::test]
async fn others_have_their_turn_while_a_long_answer_is_packed() {
    const LENGTH: usize = 2_000_000;
    let (sender, server) = server(200);
    sender.send(Ok(data(&vec![b'a'; LENGTH]))).unwrap();
    drop(sender);
    let mut answer = ask(&server, "gzip").await;
    let mut cx = Task::from_waker(std::task::Waker::noop());
    let (mut packed, mut turns) = (Vec::new(), 0);
    loop {
        match Pin::new(answer.body_mut()).poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => packed.extend(frame.unwrap().into_data().unwrap()),
            Poll::Ready(None) => break,
            Poll::Pending => turns += 1,
        }
    }
    assert!(Unpacker::new("gzip").unpack(&packed) == vec![b'a'; LENGTH]);
    assert!(turns >= LENGTH / super::body::AT_ONCE, "{turns}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let (sender, server) = server(200);
    sender.send(Ok(data(&[b'a'; 600]))).unwrap();
    sender.send(Err("broken off".into())).unwrap();
    let answer = ask(&server, "gzip").await;
    let error = answer.into_body().collect().await.unwrap_err();
    assert_eq!(error.to_string(), "broken off");
}

#[tokio::test]
async fn trailers_come_after_the_packed_body() {
    let (sender, server) = server(200);
    let trailers = HeaderMap::from_iter([("x-end".parse().unwrap(), "1".parse().unwrap())]);
    sender.send(Ok(data(&[b'a'; 600]))).unwrap();
    sender.send(Ok(Frame::trailers(trailers.clone()))).unwrap();
    let answer = ask(&server, "zstd").await;
    let whole = answer.into_body().collect().await.unwrap();
    assert_eq!(whole.trailers(), Some(&trailers));
    let text = Unpacker::new("zstd").unpack(&whole.to_bytes());
    assert!(text == [b'a'; 600]);
}

#[tokio::test]
async fn another_protocol_is_left_alone() {
    let (sender, server) = server(101);
    sender.send(Ok(data(&[b'a'; 600]))).unwrap();
    let answer = ask(&server, "gzip").await;
    assert_eq!(answer.status(), 101);
    assert!(!answer.headers().contains_key("content-encoding"));
}

#[test]
fn what_is_wrong_with_the_config_is_found_at_its_place() {
    let config = Encode {
        encodings: Encoders {
            gzip: Some(Gzip { level: 10 }),
            zstd: Some(Zstd {
                level: "most".into(),
                checksum: None,
            }),
        },
        prefer: ["gzip", "br", "gzip"].map(str::to_owned).to_vec(),
        ..Encode::default()
    };
    let config = caddis_ir::Handler::Encode(Box::new(config));
    assert_eq!(
        crate::testing::errors_of(config),
        [
            "handle/0/encodings/gzip/level: gzip has no level 10",
            "handle/0/encodings/zstd/level: `most` is not a level of zstd",
            "handle/0/prefer/1: the encoding `br` is not enabled",
            "handle/0/prefer/2: the encoding `gzip` is there already",
        ]
    );
}
