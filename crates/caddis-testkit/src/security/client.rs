//! The client: sends bytes as they are, and reads all answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::bytes::show;
use super::case::{Case, PROBE, Then};
use super::upstream::find;

/// What came back on one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub(super) answers: Vec<Answer>,
    pub(super) end: End,
}

/// An answer; the texts are in the form of `bytes::show`.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: String,
}

/// What became of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// The server closed it.
    #[default]
    Closed,
    /// The probe was answered, or all answers came.
    Open,
    /// Nothing more came.
    Silent,
}

/// Between packets: long enough that they are read one by one.
const MOMENT: Duration = Duration::from_millis(30);
const WRITING: Duration = Duration::from_secs(10);

/// Sends a case, and reads for as long as something may come.
pub(super) fn ask(port: u16, case: &Case, patience: Duration) -> io::Result<Heard> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITING))?;
    let last = case.packets.len().saturating_sub(1);
    let mut reader = Reader::new(stream.try_clone()?, patience);
    let mut answers = Vec::new();
    for (at, packet) in case.packets.iter().enumerate() {
        if case.after_an_answer.contains(&at) {
            answers.extend(reader.answer(false));
        }
        let mut packet = packet.clone();
        if at == last && case.then == Then::Probes {
            packet.extend_from_slice(PROBE);
        }
        // What a server does not read any more may well not be written.
        if stream.write_all(&packet).is_err() {
            break;
        }
        if at < last && !case.after_an_answer.contains(&(at + 1)) {
            std::thread::sleep(MOMENT);
        }
    }
    if case.then == Then::Ends {
        let _ = stream.shutdown(Shutdown::Write);
    }
    Ok(reader.read(case, answers))
}

struct Reader {
    stream: TcpStream,
    until: Instant,
    bytes: Vec<u8>,
    end: Option<End>,
}

impl Reader {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        Self {
            stream,
            until: Instant::now() + patience,
            bytes: Vec::new(),
            end: None,
        }
    }

    /// Reads what comes behind the answers that came already.
    fn read(mut self, case: &Case, mut answers: Vec<Answer>) -> Heard {
        let asks_for_head = case.packets.iter().flatten().copied().take(5).eq(*b"HEAD ");
        let finals = |answers: &[Answer]| answers.iter().filter(|one| one.status >= 200).count();
        let end = loop {
            let is_without_body = asks_for_head && finals(&answers) == 0;
            let Some(answer) = self.answer(is_without_body) else {
                break self.end.unwrap_or_default();
            };
            if answer
                .fields
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("x-probe"))
            {
                break End::Open;
            }
            let switches = answer.status == 101;
            answers.push(answer);
            let all = answers.len() >= case.expected.statuses.len();
            if case.then == Then::Waits && all && (switches || !case.expected.closes) {
                break End::Open;
            }
        };
        Heard { answers, end }
    }

    fn answer(&mut self, is_without_body: bool) -> Option<Answer> {
        let end = loop {
            if let Some(end) = find(&self.bytes, b"\r\n\r\n") {
                break end;
            }
            if !self.fill() {
                return None;
            }
        };
        let head: Vec<u8> = self.bytes.drain(..end + 4).collect();
        let head = show(&head);
        let mut lines = head.split("\\r\\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let fields = lines.filter_map(|line| line.split_once(": "));
        let mut answer = Answer {
            status: status.unwrap_or(0),
            fields: fields
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            body: String::new(),
        };
        if !is_without_body && answer.status >= 200 && !matches!(answer.status, 204 | 304) {
            answer.body = show(&self.body(&answer));
        }
        Some(answer)
    }

    fn body(&mut self, answer: &Answer) -> Vec<u8> {
        if answer.field("transfer-encoding").is_some() {
            return self.until(b"0\r\n\r\n");
        }
        let length = answer
            .field("content-length")
            .and_then(|length| length.parse().ok());
        while self.bytes.len() < length.unwrap_or(usize::MAX) && self.fill() {}
        let length = length.unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.drain(..length).collect()
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = find(&self.bytes, end) {
                return self.bytes.drain(..at + end.len()).collect();
            }
            if !self.fill() {
                return std::mem::take(&mut self.bytes);
            }
        }
    }

    /// Reads more; false when there is no more.
    fn fill(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if self.end.is_some() || left.is_zero() {
            self.end.get_or_insert(End::Silent);
            return false;
        }
        let _ = self.stream.set_read_timeout(Some(left));
        let mut room = [0; 16 * 1024];
        match self.stream.read(&mut room) {
            Ok(count @ 1..) => {
                self.bytes.extend_from_slice(&room[..count]);
                true
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                self.end = Some(End::Silent);
                false
            }
            _ => {
                self.end = Some(End::Closed);
                false
            }
        }
    }
}

impl Answer {
    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}
