//! A worker: one thread with one runtime, which accepts on its own sockets and serves what it accepted.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{error, warn};

use super::accept::{Shared, accept_tcp, accept_unix};
use super::activity::{Command, Connections};
use super::protocol::{Answer, Service};
use super::{Settings, Socket};
use crate::tls::{Challenges, TlsServer};

/// The time between two looks at connections whose time-outs nobody has set.
const IDLE_SWEEP: Duration = Duration::from_secs(1);

/// When a worker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Not yet.
    No,
    /// After the requests that are under way, or after this time.
    Graceful(Option<Duration>),
    /// Now.
    Now,
}

/// What answers on an address; another one takes its place when a config is loaded.
#[derive(Debug)]
pub(crate) struct Served<A> {
    /// What answers.
    pub(crate) tree: Arc<A>,
    /// Its limits.
    pub(crate) settings: Arc<Settings>,
    /// How connections are encrypted, if they are.
    pub(crate) tls: Option<Arc<TlsServer>>,
}

/// An address that is served from now on.
pub(crate) struct Front<A> {
    /// The address; it stays the same as long as its socket is open.
    pub(crate) key: Arc<str>,
    /// Where to accept, if this worker does not do so yet.
    pub(crate) socket: Option<Socket>,
    /// What answers.
    pub(crate) served: Arc<Served<A>>,
}

/// What a worker is told to serve, in place of what it served.
pub(crate) struct Order<A> {
    /// All addresses; those that are not among them are closed.
    pub(crate) fronts: Vec<Front<A>>,
    /// How long requests may take on an address that is closed.
    pub(crate) grace: Option<Duration>,
    /// Dropped when new requests are answered by what is ordered here.
    pub(crate) done: oneshot::Sender<()>,
}

/// A worker before it runs.
pub(crate) struct Worker<A> {
    /// Its place among the workers.
    pub(crate) index: usize,
    /// Tells what to serve.
    pub(crate) orders: mpsc::UnboundedReceiver<Order<A>>,
    /// Tells when to stop.
    pub(crate) stop: watch::Receiver<Stop>,
    /// What is being proven to ACME servers.
    pub(crate) challenges: Arc<Challenges>,
}

/// An address that is served.
struct Open<A> {
    shared: Arc<Shared<A>>,
    accepting: JoinHandle<()>,
    closing: oneshot::Sender<()>,
}

/// An address that is closed, with connections that have not ended.
struct Ending {
    connections: Arc<Connections>,
    until: Option<Instant>,
}

/// A worker that runs.
struct Desk<A> {
    index: usize,
    challenges: Arc<Challenges>,
    open: HashMap<Arc<str>, Open<A>>,
    ending: Vec<Ending>,
}

impl<A: Answer> Worker<A> {
    /// Runs until it is told to stop. Blocks the thread.
    pub(crate) fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve());
        // A password that is being checked is not worth waiting for.
        runtime.shutdown_background();
        Ok(())
    }

    async fn serve(mut self) {
        let mut desk = Desk {
            index: self.index,
            challenges: self.challenges,
            open: HashMap::new(),
            ending: Vec::new(),
        };
        let stop = loop {
            tokio::select! {
                // A sender that is gone can stop nobody any more.
                told = self.stop.wait_for(|stop| *stop != Stop::No) => break told.map_or(Stop::Now, |stop| *stop),
                Some(order) = self.orders.recv() => desk.obey(order).await,
                () = tokio::time::sleep(desk.sweep_interval()) => desk.sweep(),
            }
        };
        desk.finish(stop, &mut self.stop).await;
    }
}

impl<A: Answer> Desk<A> {
    /// Serves what is ordered, and closes the rest.
    async fn obey(&mut self, order: Order<A>) {
        let mut before = std::mem::take(&mut self.open);
        for front in order.fronts {
            let open = match (before.remove(&front.key), front.socket) {
                (Some(open), _) => {
                    open.shared.becomes(front.served);
                    open
                }
                (None, Some(socket)) => match self.open(socket, front.served) {
                    Ok(open) => open,
                    Err(error) => {
                        error!(target: "http", address = &*front.key, %error, "listening");
                        continue;
                    }
                },
                (None, None) => continue,
            };
            self.open.insert(front.key, open);
        }
        for closed in before.into_values() {
            self.close(closed, order.grace).await;
        }
        drop(order.done);
    }

    fn open(&self, socket: Socket, served: Arc<Served<A>>) -> io::Result<Open<A>> {
        let shared = Arc::new(Shared {
            worker: self.index,
            most: None,
            service: Arc::new(Service {
                served: ArcSwap::new(served),
                challenges: Arc::clone(&self.challenges),
            }),
            connections: Arc::new(Connections::new()),
        });
        let (closing, closed) = oneshot::channel();
        let accepting = match socket {
            Socket::Tcp(listener) => {
                let listener = TcpListener::from_std(listener)?;
                tokio::spawn(accept_tcp(listener, Arc::clone(&shared), closed))
            }
            Socket::Unix(listener) => {
                let listener = UnixListener::from_std(listener)?;
                tokio::spawn(accept_unix(listener, Arc::clone(&shared), closed))
            }
        };
        Ok(Open {
            shared,
            accepting,
            closing,
        })
    }

    /// Accepts no more; requests that are under way may end.
    async fn close(&mut self, closed: Open<A>, grace: Option<Duration>) {
        drop(closed.closing);
        // Accepting cannot fail, and a panic in it closes the address too.
        closed.accepting.await.ok();
        let connections = Arc::clone(&closed.shared.connections);
        connections.tell(Command::Finish);
        self.ending.push(Ending {
            connections,
            until: grace.map(|grace| Instant::now() + grace),
        });
    }

    fn sweep_interval(&self) -> Duration {
        let settings = (self.open.values()).map(|open| open.shared.service.served.load());
        let shortest = settings
            .map(|served| served.settings.sweep_interval())
            .min();
        shortest.unwrap_or(IDLE_SWEEP)
    }

    fn sweep(&mut self) {
        for open in self.open.values() {
            open.shared.connections.sweep();
        }
        for ending in &self.ending {
            ending.connections.sweep();
            ending.connections.close_unused();
            if ending.until.is_some_and(|until| Instant::now() > until) {
                ending.connections.tell(Command::Close);
            }
        }
        self.ending.retain(|ending| !ending.connections.is_empty());
    }

    /// Lets connections end by themselves as long as they may.
    async fn finish(&mut self, stop: Stop, changed: &mut watch::Receiver<Stop>) {
        /// How often it is looked whether all connections have ended.
        const LOOK: Duration = Duration::from_millis(10);
        /// How long a client has to answer that it knows of the end, as in Go.
        const GOODBYE: Duration = Duration::from_secs(1);
        let Stop::Graceful(grace) = stop else {
            return;
        };
        for (_, open) in std::mem::take(&mut self.open) {
            self.close(open, grace).await;
        }
        let told = Instant::now();
        let mut swept = told;
        let ended = async {
            while !self.ending.iter().all(|one| one.connections.is_empty()) {
                tokio::time::sleep(LOOK).await;
                if swept.elapsed() > IDLE_SWEEP {
                    swept = Instant::now();
                    self.ending.iter().for_each(|one| one.connections.sweep());
                }
                if told.elapsed() > GOODBYE {
                    (self.ending.iter()).for_each(|one| one.connections.close_unused());
                }
            }
        };
        let impatient = async {
            match grace {
                Some(grace) => tokio::time::sleep(grace).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = ended => {}
            () = impatient => warn!(target: "http", "grace period is over, closing open connections"),
            _ = changed.wait_for(|stop| *stop == Stop::Now) => {}
        }
    }
}

impl<A> Served<A> {
    /// True if connections are made in the same way, with the same limits.
    pub(super) fn has_the_terms_of(&self, other: &Self) -> bool {
        let same_tls = match (&self.tls, &other.tls) {
            (Some(ours), Some(theirs)) => ours.has_the_terms_of(theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        self.settings == other.settings && same_tls
    }
}
