//! An upstream that answers as Ollama does, and makes a token only when it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::answers;
use crate::server::PATIENCE;

/// A request as the upstream got it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The request line and the fields, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Received {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// What happens to a stream next.
#[derive(Clone, Copy, Debug)]
enum Gate {
    Token,
    BreakOff,
}

/// Which names of itself it answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hosts {
    All,
    /// As Ollama does: an address, `localhost` and its like; anything else is 403.
    Local,
}

/// The upstream; it ends with the process.
pub(crate) struct Ollama {
    pub(crate) port: u16,
    gate: Sender<Gate>,
    gone: Receiver<()>,
    shared: Arc<Shared>,
}

struct Shared {
    hosts: Hosts,
    received: Mutex<Vec<Received>>,
    gate: Mutex<Receiver<Gate>>,
    gone: Mutex<Sender<()>>,
}

impl Ollama {
    /// Listens on a free port of the loopback.
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0", Hosts::All)
    }

    /// Listens at an address.
    pub(crate) fn at(address: &str, hosts: Hosts) -> Self {
        let listener = TcpListener::bind(address).expect("the loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let ((gate, gate_end), (gone_end, gone)) = (channel(), channel());
        let shared = Arc::new(Shared {
            hosts,
            received: Mutex::default(),
            gate: Mutex::new(gate_end),
            gone: Mutex::new(gone_end),
        });
        let for_threads = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&for_threads);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self {
            port,
            gate,
            gone,
            shared,
        }
    }

    /// Lets it make the next token.
    pub(crate) fn make_a_token(&self) {
        self.gate.send(Gate::Token).expect("the upstream runs");
    }

    /// Ends the connection in the middle of the answer.
    pub(crate) fn break_off(&self) {
        self.gate.send(Gate::BreakOff).expect("the upstream runs");
    }

    /// Waits until a client of a stream is gone.
    pub(crate) fn wait_until_the_client_is_gone(&self) -> bool {
        self.gone.recv_timeout(PATIENCE).is_ok()
    }

    /// Every request whose body came whole, so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared
            .received
            .lock()
            .expect("nobody panics with it")
            .clone()
    }
}

impl Shared {
    /// Answers the requests of one connection; any error ends it.
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("sockets can be cloned"));
        let mut writer = stream;
        while let Some(request) = read(&mut reader) {
            self.received
                .lock()
                .expect("nobody panics with it")
                .push(request.clone());
            let line = request.head.lines().next().unwrap_or_default().to_owned();
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let written = match answers::tokens(&path, &request.body) {
                Some(tokens) => return self.stream(&writer, reader, &path, tokens),
                None if self.refuses(&request) => writer.write_all(answers::FORBIDDEN.as_bytes()),
                None => writer.write_all(answers::whole(&path).as_bytes()),
            };
            if written.is_err() {
                return;
            }
        }
    }

    fn refuses(&self, request: &Received) -> bool {
        let host = request.field("host").unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        self.hosts == Hosts::Local && name != "localhost" && name.parse::<IpAddr>().is_err()
    }

    /// A chunk for each token, each made when the gate opens.
    fn stream(
        &self,
        mut to: &TcpStream,
        mut from: BufReader<TcpStream>,
        path: &str,
        tokens: Vec<String>,
    ) {
        let gone = self.gone.lock().expect("nobody panics with it").clone();
        thread::spawn(move || {
            // Nothing more comes from a client that waits for its answer: the end of its stream is the end of it.
            let _ = from.read(&mut [0]);
            let _ = gone.send(());
        });
        let head = answers::head_of_stream(path);
        if to.write_all(head.as_bytes()).is_err() {
            return;
        }
        let gate = self.gate.lock().expect("nobody panics with it");
        for token in tokens {
            let Ok(Gate::Token) = gate.recv_timeout(PATIENCE) else {
                let _ = to.shutdown(Shutdown::Both);
                return;
            };
            let chunk = format!("{:x}\r\n{token}\r\n", token.len());
            if to.write_all(chunk.as_bytes()).is_err() {
                return;
            }
        }
        let _ = to.write_all(b"0\r\n\r\n");
        let _ = to.shutdown(Shutdown::Both);
    }
}

/// The next request with its whole body, or nothing if the connection ends before.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut request = Received {
        head: head.replace("\r\n", "\n").to_lowercase(),
        body: String::new(),
    };
    let bytes = match request.field("content-length") {
        Some(length) => exactly(reader, length.parse().ok()?)?,
        None if request.field("transfer-encoding") == Some("chunked") => chunks(reader)?,
        None => Vec::new(),
    };
    request.body = String::from_utf8_lossy(&bytes).into();
    Some(request)
}

fn exactly(reader: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn chunks(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        bytes.extend(exactly(reader, size)?);
        exactly(reader, 2)?;
        if size == 0 {
            return Some(bytes);
        }
    }
}
