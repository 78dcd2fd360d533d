//! Signals: which one ends the server, and how.

use std::io;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// End after the requests that are under way. Whether it may be asked for again, to end now.
    Finish {
        /// The name of the signal.
        signal: &'static str,
    },
    /// End now.
    Quit {
        /// The name of the signal.
        signal: &'static str,
    },
    /// Load the config's file again.
    Reload {
        /// The name of the signal.
        signal: &'static str,
    },
    /// Nothing; it is only logged.
    Ignored {
        /// The name of the signal.
        signal: &'static str,
    },
}

/// The signals that a server listens to.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    quit: Signal,
    hangup: Signal,
    user1: Signal,
    user2: Signal,
    /// Listened to so that it does not end the server: whoever writes the file is told by the error.
    _file_too_large: Signal,
    interrupts: u32,
}

impl Signals {
    /// Takes the signals over from the system.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
            _file_too_large: signal(SignalKind::from_raw(Number::XFSZ.as_raw()))?,
            interrupts: 0,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.interrupt.recv() => {
                self.interrupts += 1;
                match self.interrupts {
                    1 => Wish::Finish { signal: "SIGINT" },
                    _ => Wish::Quit { signal: "SIGINT" },
                }
            }
            _ = self.terminate.recv() => Wish::Finish { signal: "SIGTERM" },
            _ = self.quit.recv() => Wish::Quit { signal: "SIGQUIT" },
            _ = self.hangup.recv() => Wish::Ignored { signal: "SIGHUP" },
            _ = self.user1.recv() => Wish::Reload { signal: "SIGUSR1" },
            _ = self.user2.recv() => Wish::Ignored { signal: "SIGUSR2" },
        }
    }
}
