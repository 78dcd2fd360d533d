//! A worker: one thread with one runtime, which accepts on its own sockets and serves what it accepted.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::activity::{Activity, Command, Connections, Phase};
use super::protocol::{self, Answer, Service};
use super::wire::Transport;
use super::{Settings, Socket};
use crate::Connection;
use crate::body::BodyError;
use crate::tls::TlsServer;

/// How long to wait after the system has no room for another connection.
const BACK_OFF: Duration = Duration::from_millis(50);

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

/// One server on one socket.
pub(crate) struct Front<A> {
    /// Where it accepts.
    pub(crate) socket: Socket,
    /// What answers.
    pub(crate) tree: Arc<A>,
    /// Its limits.
    pub(crate) settings: Arc<Settings>,
    /// How connections are encrypted, if they are.
    pub(crate) tls: Option<Arc<TlsServer>>,
}

/// A worker before it runs.
pub(crate) struct Worker<A> {
    /// Its place among the workers.
    pub(crate) index: usize,
    /// What it serves.
    pub(crate) fronts: Vec<Front<A>>,
    /// Tells when to stop.
    pub(crate) stop: watch::Receiver<Stop>,
}

/// What all connections of one front of one worker share.
struct Shared<A> {
    worker: usize,
    service: Arc<Service<A>>,
    tls: Option<Arc<TlsServer>>,
    connections: Arc<Connections>,
}

impl<A: Answer> Worker<A> {
    /// Runs until it is told to stop. Blocks the thread.
    pub(crate) fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let ended = runtime.block_on(self.serve());
        // A password that is being checked is not worth waiting for.
        runtime.shutdown_background();
        ended
    }

    async fn serve(self) -> io::Result<()> {
        let Self {
            index,
            fronts,
            mut stop,
        } = self;
        let connections = Arc::new(Connections::new());
        let interval = (fronts.iter())
            .map(|front| front.settings.sweep_interval())
            .min()
            .unwrap_or(BACK_OFF);
        let mut listening = tokio::task::JoinSet::new();
        for front in fronts {
            let shared = Arc::new(Shared {
                worker: index,
                service: Arc::new(Service {
                    tree: ArcSwap::from_pointee(front.tree),
                    settings: front.settings,
                }),
                tls: front.tls,
                connections: Arc::clone(&connections),
            });
            match front.socket {
                Socket::Tcp(listener) => {
                    listening.spawn(accept_tcp(TcpListener::from_std(listener)?, shared));
                }
                Socket::Unix(listener) => {
                    listening.spawn(accept_unix(UnixListener::from_std(listener)?, shared));
                }
            }
        }
        let sweeping = sweep(Arc::clone(&connections), interval);
        let stopping = async {
            // A sender that is gone can stop nobody any more.
            let told = stop.wait_for(|stop| *stop != Stop::No).await;
            let told = told.map_or(Stop::Now, |stop| *stop);
            listening.shutdown().await;
            finish(&connections, told, &mut stop).await;
        };
        tokio::select! {
            () = sweeping => {}
            () = stopping => {}
        }
        Ok(())
    }
}

async fn sweep(connections: Arc<Connections>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        connections.sweep();
    }
}

/// Lets connections end by themselves as long as they may.
async fn finish(connections: &Connections, stop: Stop, changed: &mut watch::Receiver<Stop>) {
    /// How often it is looked whether all connections have ended.
    const LOOK: Duration = Duration::from_millis(10);
    /// How long a client has to answer that it knows of the end, as in Go.
    const GOODBYE: Duration = Duration::from_secs(1);
    let Stop::Graceful(grace) = stop else {
        return;
    };
    connections.tell(Command::Finish);
    let told = Instant::now();
    let ended = async {
        while !connections.is_empty() {
            tokio::time::sleep(LOOK).await;
            if told.elapsed() > GOODBYE {
                connections.close_unused();
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

async fn accept_tcp<A: Answer>(listener: TcpListener, shared: Arc<Shared<A>>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let local = stream.local_addr().unwrap_or(peer);
                prepare(&stream, shared.service.settings.keepalive);
                shared.spawn(stream, canonical(peer), canonical(local));
            }
            Err(error) => cope(&error).await,
        }
    }
}

async fn accept_unix<A: Answer>(listener: UnixListener, shared: Arc<Shared<A>>) {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => shared.spawn(stream, nowhere, nowhere),
            Err(error) => cope(&error).await,
        }
    }
}

/// A socket for both versions of IP shows addresses of version 4 as those of version 6, which no matcher means.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Small writes go out at once, and a peer that is gone is noticed.
fn prepare(stream: &TcpStream, keepalive: Option<Duration>) {
    let socket = SockRef::from(stream);
    let delay = socket.set_tcp_nodelay(true);
    let probes = keepalive.map_or(Ok(()), |interval| {
        socket.set_tcp_keepalive(
            &TcpKeepalive::new()
                .with_time(interval)
                .with_interval(interval),
        )
    });
    if let Err(error) = delay.and(probes) {
        debug!(target: "http", %error, "setting up a connection");
    }
}

/// A client that is gone before it was accepted is no reason to wait; a system without room is.
async fn cope(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
    match error.kind() {
        ConnectionAborted | ConnectionReset | Interrupted | WouldBlock => {}
        _ => {
            warn!(target: "http", %error, "accepting a connection");
            tokio::time::sleep(BACK_OFF).await;
        }
    }
}

impl<A: Answer> Shared<A> {
    /// Serves a connection on its own.
    fn spawn<S: Transport>(self: &Arc<Self>, stream: S, peer: SocketAddr, local: SocketAddr) {
        let phase = match self.tls {
            Some(_) => Phase::Handshake,
            None => Phase::Header,
        };
        let activity = Arc::new(Activity::new(
            Arc::clone(&self.connections.clock),
            Arc::clone(&self.service.settings),
            phase,
        ));
        let entered = self.connections.enter(&activity);
        let connection = Connection {
            peer,
            local,
            worker: self.worker,
            tls: None,
        };
        let served = Arc::clone(self).serve(stream, connection, Arc::clone(&activity));
        tokio::spawn(async move {
            let _entered = entered;
            if let Some(Err(error)) = until_closed(&activity, served).await {
                debug!(target: "http.stdlib", remote = %peer, %error, "serving a connection");
            }
        });
    }

    async fn serve<S: Transport>(
        self: Arc<Self>,
        stream: S,
        mut connection: Connection,
        activity: Arc<Activity>,
    ) -> Result<(), BodyError> {
        let service = Arc::clone(&self.service);
        match &self.tls {
            None => protocol::serve(service, connection, activity, stream).await,
            Some(tls) => {
                let (stream, found) = tls.handshake(stream, connection.local).await?;
                connection.tls = Some(found);
                activity.enters(Phase::Header);
                protocol::serve(service, connection, activity, stream).await
            }
        }
    }
}

/// Runs until the end, or until the connection is told to close.
async fn until_closed<F: Future>(activity: &Activity, served: F) -> Option<F::Output> {
    let mut served = pin!(served);
    poll_fn(|cx| {
        activity.is_polled_by(cx.waker());
        if activity.command() == Command::Close {
            return Poll::Ready(None);
        }
        served.as_mut().poll(cx).map(Some)
    })
    .await
}
