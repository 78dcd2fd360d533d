//! A server in the background: it leaves the terminal, and tells who started it that it serves.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use rustix::process::setsid;
use rustix::stdio::{dup2_stderr, dup2_stdout};

/// How many bytes are told back to who started the server.
pub(crate) const CONFIRMATION: usize = 32;
/// The most bytes that are read from who started the server: Caddy reads them all.
const MOST: u64 = 1 << 10;

/// Begins a session of its own, which does not end with the terminal.
pub(crate) fn leave_session() {
    // Whoever leads a group of processes has left already.
    setsid().ok();
}

/// Lets go of output that goes to a terminal or a pipe, whose other end would wait for it; a file is kept.
pub(crate) fn leave_streams() -> io::Result<()> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    if !is_file(io::stdout()) {
        dup2_stdout(&nowhere)?;
    }
    if !is_file(io::stderr()) {
        dup2_stderr(&nowhere)?;
    }
    Ok(())
}

/// True if a stream of the process goes to a file.
pub(crate) fn is_file(stream: impl AsFd) -> bool {
    let file = stream.as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata())
        .is_ok_and(|about| about.is_file())
}

/// Sends what came over standard input to the address.
pub(crate) fn confirm(address: &str) -> Result<(), String> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(MOST)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("reading confirmation bytes from stdin: {error}"))?;
    let confirmed = TcpStream::connect(address).and_then(|mut to| to.write_all(&bytes));
    confirmed.map_err(|error| {
        format!("who started this server does not wait for it at {address} any more: {error}")
    })
}
