//! The client: sends bytes, and reads what comes back.

use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::Duration;

use rustls::StreamOwned;

use super::handshake::Hello;
use super::message::{self, Else, Message};

/// What came back: heads of 1xx first, then the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) messages: Vec<Message>,
    /// Why there is no more.
    pub(super) end: Option<String>,
    /// What was agreed on in the handshake, if it is compared.
    pub(super) agreed: Option<String>,
    /// The port that it was sent from.
    pub(super) from: u16,
}

/// Longer than any server waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends bytes to a port, and reads the answer.
pub(super) fn ask(port: u16, tls: Option<(&str, Hello<'_>)>, bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    let may_be_refused = tls
        .as_ref()
        .is_some_and(|(_, hello)| hello.may_be_refused());
    if let Err(error) = talk(port, tls, bytes, &mut heard) {
        let refused = may_be_refused && heard.messages.is_empty();
        heard.end = Some(if refused {
            "refused".into()
        } else {
            told(&error)
        });
    }
    heard
}

/// What of an error is the same for all servers.
fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer in time".into(),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe => "closed".into(),
        _ => error.to_string(),
    }
}

fn talk(
    port: u16,
    tls: Option<(&str, Hello<'_>)>,
    bytes: &[u8],
    heard: &mut Heard,
) -> io::Result<()> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    heard.from = stream.local_addr()?.port();
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some((name, hello)) = tls else {
        // What a server does not read any more may well not be written.
        let written = (&stream).write_all(bytes);
        let read = listen(&stream, bytes, heard);
        let _ = stream.shutdown(Shutdown::Both);
        return read.or(written);
    };
    let mut stream = StreamOwned::new(hello.connection(name)?, stream);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    heard.agreed = hello.agreed(&stream.conn);
    exchange(stream, bytes, heard)
}

fn exchange(mut stream: impl Read + Write, bytes: &[u8], heard: &mut Heard) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()?;
    listen(stream, bytes, heard)
}

fn listen(stream: impl Read, bytes: &[u8], heard: &mut Heard) -> io::Result<()> {
    let mut from = BufReader::new(stream);
    loop {
        let Some(mut answer) = message::head(&mut from)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let status = answer
            .start
            .split(' ')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let is_interim = status.starts_with('1') && status != "101";
        let is_without =
            is_interim || bytes.starts_with(b"HEAD ") || status == "204" || status == "304";
        if is_without || status == "101" {
            answer.is_whole = true;
        } else {
            message::body(&mut answer, &mut from, Else::UntilClose);
        }
        heard.messages.push(answer);
        if !is_interim {
            return Ok(());
        }
    }
}
