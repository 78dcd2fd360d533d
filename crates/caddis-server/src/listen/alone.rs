//! One listener apart from the workers, on the runtime of whoever opens it.

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::oneshot;

use super::accept::{Shared, accept_tcp, accept_unix};
use super::activity::{Command, Connections};
use super::protocol::{Answer, Service};
use super::worker::Served;
use super::{ListenAddress, Socket, bind};
use crate::BindError;

/// A listener that does not accept yet.
pub(crate) enum Ready {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket.
    Unix(UnixListener),
}

/// A listener that accepts until it is dropped; requests that are under way then end by themselves.
pub(crate) struct Alone<A> {
    shared: Arc<Shared<A>>,
    /// Dropped to accept no more.
    _closing: oneshot::Sender<()>,
    pub(crate) port: Option<u16>,
}

impl Ready {
    /// Listens. `own_port` is one of which the caller holds another address.
    pub(crate) fn at(address: &ListenAddress, own_port: Option<u16>) -> Result<Self, BindError> {
        let own = own_port.into_iter().collect();
        let listening = match bind(address, 1, &own)?.pop() {
            Some(Socket::Tcp(listener)) => TcpListener::from_std(listener).map(Self::Tcp),
            Some(Socket::Unix(listener)) => UnixListener::from_std(listener).map(Self::Unix),
            None => Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        listening.map_err(|error| BindError {
            address: address.to_string(),
            error,
            holder: None,
        })
    }
}

impl<A: Answer> Alone<A> {
    /// Accepts from now on, with so many connections at a time at most.
    pub(crate) fn accept(ready: Ready, served: Arc<Served<A>>, most: usize) -> Self {
        let interval = served.settings.sweep_interval();
        let shared = Arc::new(Shared {
            worker: 0,
            most: Some(most),
            service: Arc::new(Service {
                served: ArcSwap::new(served),
                challenges: Arc::default(),
            }),
            connections: Arc::new(Connections::new()),
        });
        let (closing, closed) = oneshot::channel();
        let (accepting, port) = match ready {
            Ready::Tcp(listener) => {
                let port = listener.local_addr().ok().map(|address| address.port());
                (
                    tokio::spawn(accept_tcp(listener, Arc::clone(&shared), closed)),
                    port,
                )
            }
            Ready::Unix(listener) => (
                tokio::spawn(accept_unix(listener, Arc::clone(&shared), closed)),
                None,
            ),
        };
        let swept = Arc::clone(&shared.connections);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                swept.sweep();
                if accepting.is_finished() {
                    swept.tell(Command::Finish);
                    swept.close_unused();
                    if swept.is_empty() {
                        return;
                    }
                }
            }
        });
        Self {
            shared,
            _closing: closing,
            port,
        }
    }

    /// Has the next request answered by something else.
    pub(crate) fn becomes(&self, served: Arc<Served<A>>) {
        self.shared.becomes(served);
    }

    /// Its connections, which end after the requests that are under way once it is dropped.
    pub(crate) fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.shared.connections)
    }
}

impl<A> Drop for Alone<A> {
    fn drop(&mut self) {
        self.shared.connections.tell(Command::Finish);
    }
}
