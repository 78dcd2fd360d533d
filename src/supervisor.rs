//! Tells the system's supervisor (systemd, or who else listens on `NOTIFY_SOCKET`) how the server is.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use caddis_server::Notice;
use rustix::time::{ClockId, clock_gettime};
use tracing::error;

use crate::variables::Variables;

/// A supervisor's socket, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Supervisor(Option<String>);

impl Supervisor {
    /// The one that the environment names.
    pub(crate) fn of(variables: &Variables) -> Self {
        Self(
            variables
                .get("NOTIFY_SOCKET")
                .filter(|socket| !socket.is_empty()),
        )
    }

    /// Tells it. One that cannot be told is no reason not to serve.
    pub(crate) fn tell(&self, notice: &Notice) {
        let Some(socket) = &self.0 else { return };
        if let Err(fault) = send(socket, &message(notice)) {
            error!(socket, %fault, "the service manager cannot be told that {}", words(notice));
        }
    }
}

/// The message in systemd's language. `MONOTONIC_USEC` is for `Type=notify-reload`; Caddy does not send it.
fn message(notice: &Notice) -> String {
    match notice {
        Notice::Reloading => {
            let now = clock_gettime(ClockId::Monotonic);
            let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
            format!("RELOADING=1\nMONOTONIC_USEC={microseconds}")
        }
        Notice::Ready => "READY=1".into(),
        Notice::Status(text) => format!("STATUS={}", text.replace('\n', "; ")),
        Notice::Stopping => "STOPPING=1".into(),
    }
}

fn words(notice: &Notice) -> &str {
    match notice {
        Notice::Reloading => "a config is being loaded",
        Notice::Ready => "a config is served",
        Notice::Status(text) => text,
        Notice::Stopping => "the end has begun",
    }
}

fn send(socket: &str, message: &str) -> io::Result<()> {
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name.as_bytes())?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let datagrams = UnixDatagram::unbound()?;
    datagrams.connect_addr(&address)?;
    datagrams.send(message.as_bytes()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(listening: &UnixDatagram, name: &str, notice: &Notice, expected: &str) {
        Supervisor::of(&Variables::of(&[("NOTIFY_SOCKET", name)])).tell(notice);
        let mut bytes = [0; 256];
        let count = listening.recv(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn a_supervisor_is_told_over_a_socket_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let listening = UnixDatagram::bind(&path).unwrap();
        let path = path.to_str().unwrap();
        check(&listening, path, &Notice::Ready, "READY=1");
        check(&listening, path, &Notice::Stopping, "STOPPING=1");
        let expected = "RELOADING=1\nMONOTONIC_USEC=";
        check(&listening, path, &Notice::Reloading, expected);
    }

    #[test]
    fn a_supervisor_is_told_over_an_abstract_socket() {
        let name = format!("caddis-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let listening = UnixDatagram::bind_addr(&address).unwrap();
        check(&listening, &format!("@{name}"), &Notice::Ready, "READY=1");
    }

    #[test]
    fn a_status_is_one_line() {
        let notice = Notice::Status("two\nlines".into());
        assert_eq!(message(&notice), "STATUS=two; lines");
    }

    #[test]
    fn nobody_is_told_where_nobody_listens() {
        Supervisor::of(&Variables::of(&[])).tell(&Notice::Ready);
        Supervisor::of(&Variables::of(&[("NOTIFY_SOCKET", "/nowhere/at-all")]))
            .tell(&Notice::Ready);
    }
}
