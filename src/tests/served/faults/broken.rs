//! An upstream that does with every request what it is told to do.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::net::sockopt::set_socket_linger;

/// What it does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Answers, and waits for the next request.
    Answer,
    /// Answers, says nothing of an end, and ends.
    AnswerAndLeave,
    /// Sends half a head, and ends.
    HalfAHead,
    /// Sends nothing, and waits.
    Silence,
    /// Sends nothing, and resets the connection.
    Reset,
    /// Sends half a body, and ends.
    HalfABody,
    /// The same with a body in chunks, and resets the connection.
    HalfAChunk,
}

/// The body of an answer that is whole.
pub(super) const HELLO: &str = "hello from an upstream";

/// The upstream; it ends with the test.
pub(super) struct Broken {
    pub(super) port: u16,
    deed: Arc<Mutex<Deed>>,
}

impl Broken {
    /// Listens on a free port of the loopback.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let deed = Arc::new(Mutex::new(Deed::Answer));
        let shared = Arc::clone(&deed);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let deed = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &deed));
            }
        });
        Self { port, deed }
    }

    /// What it does from now on.
    pub(super) fn does(&self, deed: Deed) {
        *self.deed.lock().expect("nobody panics with it") = deed;
    }
}

/// Serves one connection; any error ends it.
fn serve(mut stream: TcpStream, deed: &Mutex<Deed>) -> Option<()> {
    loop {
        read_head(&mut stream)?;
        let deed = *deed.lock().ok()?;
        let whole = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{HELLO}",
            HELLO.len()
        );
        let (text, goes_on) = match deed {
            Deed::Answer => (&*whole, true),
            Deed::AnswerAndLeave => (&*whole, false),
            Deed::HalfAHead => ("HTTP/1.1 200 OK\r\nContent-Ty", false),
            Deed::Silence => ("", true),
            Deed::Reset => ("", false),
            Deed::HalfABody => ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf", false),
            Deed::HalfAChunk => (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n4\r\nha",
                false,
            ),
        };
        stream.write_all(text.as_bytes()).ok()?;
        if matches!(deed, Deed::Reset | Deed::HalfAChunk) {
            if deed == Deed::HalfAChunk {
                // What was sent has to be there before the reset takes back what was not.
                thread::sleep(std::time::Duration::from_millis(100));
            }
            set_socket_linger(&stream, Some(std::time::Duration::ZERO)).ok()?;
        }
        if !goes_on {
            return None;
        }
    }
}

fn read_head(stream: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    Some(())
}
