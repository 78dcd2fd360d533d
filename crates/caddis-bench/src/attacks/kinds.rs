//! What is tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::command::Trouble;
use super::target::Address;
use super::{floods, guesses, slow};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// Nothing: what the streams are like without an attack
    Nothing,
    /// 64 clients with wrong passwords at bcrypt cost 14
    Passwords,
    /// 2000 connections that send their header byte by byte
    SlowHeaders,
    /// 1000 connections that send a byte of a body each second
    SlowBodies,
    /// Requests over HTTP/2 that are taken back at once
    RapidReset,
    /// Headers over HTTP/2 that do not end
    Continuation,
    /// 5000 TLS handshakes a second, started and dropped
    Handshakes,
    /// 16 clients that read an answer of 1 GB at 1 KB a second
    SlowReaders,
    /// 100 000 keys of a rate limit, and more
    RateKeys,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::Nothing,
        Self::Passwords,
        Self::SlowHeaders,
        Self::SlowBodies,
        Self::RapidReset,
        Self::Continuation,
        Self::Handshakes,
        Self::SlowReaders,
        Self::RateKeys,
    ];

    /// What the table calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Nothing => "no attack",
            Self::Passwords => "64 clients, wrong passwords, bcrypt 14",
            Self::SlowHeaders => "2000 slow headers",
            Self::SlowBodies => "1000 bodies at 1 B/s",
            Self::RapidReset => "HTTP/2 rapid reset",
            Self::Continuation => "HTTP/2 CONTINUATION",
            Self::Handshakes => "5000 handshakes/s, dropped",
            Self::SlowReaders => "16 readers of 1 GB at 1 KB/s",
            Self::RateKeys => "100 000 rate-limit keys",
        }
    }

    /// What is counted of it.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Passwords => "answers",
            Self::SlowHeaders | Self::SlowBodies => "connections",
            Self::RapidReset => "resets",
            Self::Continuation => "frames",
            Self::Handshakes => "handshakes",
            Self::SlowReaders => "KB",
            Self::RateKeys => "keys",
        }
    }

    /// Attacks until it is dropped.
    pub(super) async fn attack(self, address: Address, count: Count) -> Result<(), Trouble> {
        match self {
            Self::Nothing => std::future::pending().await,
            Self::Passwords => guesses::passwords(address, count).await,
            Self::SlowHeaders => slow::headers(address, count).await,
            Self::SlowBodies => slow::bodies(address, count).await,
            Self::RapidReset => floods::rapid_reset(address, count).await,
            Self::Continuation => floods::continuation(address, count).await,
            Self::Handshakes => floods::handshakes(address, count).await,
            Self::SlowReaders => slow::readers(address, count).await,
            Self::RateKeys => guesses::keys(address, count).await,
        }
    }
}

/// How much was done. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Count(Arc<AtomicU64>);

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
