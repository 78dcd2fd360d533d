//! One question to one DNS server: over UDP, and over TCP where an answer is too long for that.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Query};
use hickory_proto::rr::{Name, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::tls::issue::Fault;

/// How long a server has to answer,
const PATIENCE: Duration = Duration::from_secs(5);
/// and how often it is asked over UDP, where questions get lost.
const TRIES: u32 = 2;
/// The most bytes of an answer over UDP without further agreement (RFC 1035), and some to spare.
const DATAGRAM: usize = 4096;

/// What a server answers to a question.
pub(super) async fn ask(
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
) -> Result<Message, Fault> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(name.clone(), kind));
    let id = question.metadata.id;
    let bytes = question.to_vec().map_err(|error| error.to_string())?;
    let mut fault = String::new();
    for _ in 0..TRIES {
        match timeout(PATIENCE, over_udp(server, &bytes, id)).await {
            Ok(Ok(answer)) if answer.metadata.truncation => {
                return over_tcp(server, &bytes, id).await;
            }
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => fault = error,
            Err(_) => fault = format!("no answer in {} s", PATIENCE.as_secs()),
        }
    }
    Err(format!("DNS server {server}: {fault}"))
}

/// The records of a kind in an answer, whatever name leads to them.
pub(super) fn of_kind(answer: &Message, kind: RecordType) -> impl Iterator<Item = &Record> {
    (answer.answers.iter()).filter(move |record| record.record_type() == kind)
}

async fn over_udp(server: SocketAddr, question: &[u8], id: u16) -> Result<Message, Fault> {
    let any = match server {
        SocketAddr::V4(_) => "0.0.0.0:0",
        SocketAddr::V6(_) => "[::]:0",
    };
    let exchange = async {
        let socket = UdpSocket::bind(any).await?;
        // From now on the system takes answers from that server only.
        socket.connect(server).await?;
        socket.send(question).await?;
        let mut answer = vec![0; DATAGRAM];
        loop {
            let length = socket.recv(&mut answer).await?;
            let read = answer.get(..length).and_then(|answer| read(answer, id));
            if let Some(answer) = read {
                return Ok(answer);
            }
        }
    };
    let ended: std::io::Result<Message> = exchange.await;
    ended.map_err(|error| error.to_string())
}

/// Sends a message as it is, and reads the answer.
pub(super) async fn over_tcp(
    server: SocketAddr,
    message: &[u8],
    id: u16,
) -> Result<Message, Fault> {
    let fault = |why: String| format!("DNS server {server}: {why}");
    let exchange = async {
        let mut stream = TcpStream::connect(server).await?;
        let length = u16::try_from(message.len()).map_err(std::io::Error::other)?;
        stream
            .write_all(&[&length.to_be_bytes(), message].concat())
            .await?;
        let length = stream.read_u16().await?;
        let mut answer = vec![0; length.into()];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = timeout(PATIENCE, exchange).await;
    let answer = answer.map_err(|_| fault(format!("no answer in {} s", PATIENCE.as_secs())))?;
    let answer = answer.map_err(|error| fault(error.to_string()))?;
    read(&answer, id).ok_or_else(|| fault("the answer cannot be read".into()))
}

/// The answer to a question with that number.
fn read(answer: &[u8], id: u16) -> Option<Message> {
    let answer = Message::from_vec(answer).ok()?;
    let is_ours = answer.metadata.id == id && answer.metadata.message_type == MessageType::Response;
    is_ours.then_some(answer)
}
