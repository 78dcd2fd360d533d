//! Accepts connections on one socket of one worker, and serves each on its own.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::oneshot;
use tracing::{debug, error};

use super::Keepalive;
use super::activity::{Activity, Command, Connections, Phase};
use super::protocol::{self, Answer, Service};
use super::wire::Transport;
use super::worker::Served;
use super::wrappers::Side;
use crate::Connection;
use crate::body::BodyError;
use crate::seldom::Seldom;
use crate::tls::Ends;

/// How long to wait after the system has no room for another connection.
const BACK_OFF: Duration = Duration::from_millis(50);
/// The most connections that can wait to be accepted; more have come since.
const QUEUE: usize = 4096;

/// What all connections of one front of one worker share.
pub(super) struct Shared<A> {
    pub(super) worker: usize,
    /// How many there may be at a time.
    pub(super) most: Option<usize>,
    pub(super) service: Arc<Service<A>>,
    pub(super) connections: Arc<Connections>,
}

/// Accepts until `closing` is told or dropped; who waits in the queue by then is served too.
pub(super) async fn accept_tcp<A: Answer>(
    listener: TcpListener,
    shared: Arc<Shared<A>>,
    mut closing: oneshot::Receiver<()>,
) {
    let said = Seldom::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => shared.meet(stream, peer),
                Err(error) => cope(&error, &said).await,
            },
            _ = &mut closing => break,
        }
    }
    let Ok(listener) = listener.into_std() else {
        return;
    };
    for (stream, peer) in std::iter::from_fn(|| listener.accept().ok()).take(QUEUE) {
        let stream = stream.set_nonblocking(true).map(|()| stream);
        if let Ok(stream) = stream.and_then(TcpStream::from_std) {
            shared.meet(stream, peer);
        }
    }
}

/// Accepts until `closing` is told or dropped; who waits in the queue by then is served too.
pub(super) async fn accept_unix<A: Answer>(
    listener: UnixListener,
    shared: Arc<Shared<A>>,
    mut closing: oneshot::Receiver<()>,
) {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let said = Seldom::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => shared.spawn(stream, shared.service.served.load_full(), nowhere, nowhere),
                Err(error) => cope(&error, &said).await,
            },
            _ = &mut closing => break,
        }
    }
    let Ok(listener) = listener.into_std() else {
        return;
    };
    for (stream, _) in std::iter::from_fn(|| listener.accept().ok()).take(QUEUE) {
        let stream = stream.set_nonblocking(true).map(|()| stream);
        if let Ok(stream) = stream.and_then(UnixStream::from_std) {
            shared.spawn(stream, shared.service.served.load_full(), nowhere, nowhere);
        }
    }
}

/// A socket for both versions of IP shows addresses of version 4 as those of version 6, which no matcher means.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Small writes go out at once, and a peer that is gone is noticed.
fn prepare(stream: &TcpStream, keepalive: Keepalive) {
    let socket = SockRef::from(stream);
    let delay = socket.set_tcp_nodelay(true);
    let Keepalive {
        idle,
        interval,
        count,
    } = keepalive;
    let probes = TcpKeepalive::new();
    let probes = idle.map_or(probes.clone(), |idle| probes.with_time(idle));
    let probes = interval.map_or(probes.clone(), |interval| probes.with_interval(interval));
    let probes = count.map_or(probes.clone(), |count| probes.with_retries(count));
    let probes = socket.set_tcp_keepalive(&probes);
    if let Err(error) = delay.and(probes) {
        debug!(target: "http", %error, "setting up a connection");
    }
}

/// A client that is gone before it was accepted is no reason to wait; a system without room is, and for a while every
/// try finds the same.
async fn cope(error: &io::Error, said: &Seldom) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
    match error.kind() {
        ConnectionAborted | ConnectionReset | Interrupted | WouldBlock => {}
        _ => {
            if said.is_due() {
                error!(target: "http", %error, "connections cannot be accepted, trying again until they can");
            }
            tokio::time::sleep(BACK_OFF).await;
        }
    }
}

impl<A: Answer> Shared<A> {
    /// Has the next request answered by something else. Connections that were made on other terms end.
    pub(super) fn becomes(&self, served: Arc<Served<A>>) {
        let before = self.service.served.swap(served);
        if !before.has_the_terms_of(&self.service.served.load()) {
            self.connections.tell(Command::Finish);
        }
    }

    fn meet(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let local = stream.local_addr().unwrap_or(peer);
        let served = self.service.served.load_full();
        prepare(&stream, served.settings.keepalive);
        self.spawn(stream, served, canonical(peer), canonical(local));
    }

    /// Serves a connection on its own.
    fn spawn<S: Transport>(
        self: &Arc<Self>,
        stream: S,
        served: Arc<Served<A>>,
        peer: SocketAddr,
        local: SocketAddr,
    ) {
        if (self.most).is_some_and(|most| self.connections.count() >= most) {
            return;
        }
        let phase = match served.tls {
            Some(_) => Phase::Handshake,
            None => Phase::Header,
        };
        let activity = Arc::new(Activity::new(
            Arc::clone(&self.connections.clock),
            Arc::clone(&served.settings),
            phase,
        ));
        let entered = self.connections.enter(&activity);
        let connection = Connection {
            peer,
            local,
            worker: self.worker,
            tls: None,
        };
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let _entered = entered;
            // Made in here: what is handed in and pinned has its place twice, for as long as the connection is open.
            let serving = pin!(shared.serve(stream, served, connection, Arc::clone(&activity)));
            if let Some(Err(error)) = until_closed(&activity, serving).await {
                debug!(target: "http.stdlib", remote = %peer, %error, "serving a connection");
            }
        });
    }

    async fn serve<S: Transport>(
        self: Arc<Self>,
        stream: S,
        served: Arc<Served<A>>,
        mut connection: Connection,
        activity: Arc<Activity>,
    ) -> Result<(), BodyError> {
        if !served.settings.wrappers.is_empty() {
            let stream: Box<dyn Transport> = Box::new(stream);
            return Box::pin(self.serve_wrapped(stream, served, connection, activity)).await;
        }
        let service = Arc::clone(&self.service);
        let settings = Arc::clone(&served.settings);
        let Some(tls) = &served.tls else {
            drop(served);
            return protocol::serve(service, settings, connection, activity, stream).await;
        };
        let ends = Ends {
            peer: connection.peer,
            local: connection.local,
        };
        let (stream, found) = tls
            .handshake(stream, ends, (&service.challenges, Some(&activity)))
            .await?;
        // The tree of an old config must not live as long as the connection.
        drop(served);
        connection.tls = Some(found);
        activity.enters(Phase::Header);
        // On its way through futures it would leave its size, which is not small, in each of them.
        let stream = Box::new(stream);
        protocol::serve(service, settings, connection, activity, stream).await
    }
}

impl<A: Answer> Shared<A> {
    /// Serves a connection that goes through something first.
    async fn serve_wrapped(
        self: Arc<Self>,
        stream: Box<dyn Transport>,
        served: Arc<Served<A>>,
        mut connection: Connection,
        activity: Arc<Activity>,
    ) -> Result<(), BodyError> {
        let service = Arc::clone(&self.service);
        let settings = Arc::clone(&served.settings);
        let wrappers = &settings.wrappers;
        let led = wrappers.lead(Side::Before, stream, &mut connection);
        let Some(mut stream) = led.await? else {
            return Ok(());
        };
        if let Some(tls) = &served.tls {
            let ends = Ends {
                peer: connection.peer,
                local: connection.local,
            };
            let (encrypted, found) = tls
                .handshake(stream, ends, (&service.challenges, Some(&activity)))
                .await?;
            connection.tls = Some(found);
            stream = Box::new(encrypted);
        }
        drop(served);
        let led = wrappers.lead(Side::After, stream, &mut connection);
        let Some(stream) = led.await? else {
            return Ok(());
        };
        activity.enters(Phase::Header);
        protocol::serve(service, settings, connection, activity, stream).await
    }
}

/// Runs until the end, or until the connection is told to close.
async fn until_closed<F: Future>(
    activity: &Activity,
    mut served: Pin<&mut F>,
) -> Option<F::Output> {
    poll_fn(|cx| {
        activity.is_polled_by(cx.waker());
        if activity.command() == Command::Close {
            return Poll::Ready(None);
        }
        served.as_mut().poll(cx).map(Some)
    })
    .await
}
