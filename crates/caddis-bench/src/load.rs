//! The clients of one turn, and what they have seen while it was measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::Failure;
use crate::connect::{Connector, World};
use crate::job::{CONNECTIONS, Job, STREAMS};
use crate::server::Server;
use crate::{requests, streams};

/// When a turn is measured.
#[derive(Debug, Default)]
pub(crate) struct Window(AtomicU8);

const WARMING_UP: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

/// Clients at work.
pub(crate) struct Load {
    window: Arc<Window>,
    clients: JoinSet<Result<Vec<Duration>, Failure>>,
}

impl Window {
    /// Whether what happens now counts.
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Relaxed) == OPEN
    }

    /// Whether the turn is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.load(Relaxed) == CLOSED
    }
}

impl Load {
    /// Connects all clients and lets them work; nothing counts yet.
    pub(crate) async fn start(job: Job, server: &Server, world: &World) -> Result<Self, Failure> {
        let connector = Connector::new(job, server, world)?;
        let window = Arc::new(Window(AtomicU8::new(WARMING_UP)));
        let mut clients = JoinSet::new();
        let number = match job {
            Job::Http1 | Job::Https1 | Job::Https2 | Job::Handshakes => CONNECTIONS,
            Job::Streams | Job::StreamsTls => STREAMS,
        };
        for _ in 0..number {
            let (connector, window) = (connector.clone(), Arc::clone(&window));
            match job {
                Job::Http1 | Job::Https1 => {
                    let stream = connector.connect().await?;
                    clients.spawn(requests::http1(stream, connector, window));
                }
                Job::Https2 => {
                    let sender = connector.sender().await?;
                    clients.spawn(requests::http2(sender, connector, window));
                }
                Job::Handshakes => {
                    clients.spawn(requests::handshakes(connector, window));
                }
                Job::Streams | Job::StreamsTls => {
                    let sender = connector.sender().await?;
                    clients.spawn(streams::read(sender, connector, window, world.began));
                }
            }
        }
        Ok(Self { window, clients })
    }

    /// From now on it counts.
    pub(crate) fn open(&self) {
        self.window.0.store(OPEN, Relaxed);
    }

    /// From now on nothing counts any more.
    pub(crate) fn close(&self) {
        self.window.0.store(CLOSED, Relaxed);
    }

    /// How long everything took that counted, the shortest first.
    pub(crate) async fn finish(mut self) -> Result<Vec<Duration>, Failure> {
        let mut all = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            all.append(&mut client??);
        }
        all.sort_unstable();
        Ok(all)
    }
}
