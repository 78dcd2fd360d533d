//! Connections over memory, served as a worker serves those of its sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use tokio::io::{AsyncRead, DuplexStream, ReadBuf};

use super::activity::{Activity, Connections, Phase};
use super::protocol::{self, Service};
use super::wire::Transport;
use super::{Served, Settings};
use crate::{App, BodyError, Connection, ServerTree};

/// A server that nobody can reach over a network. Its time-outs never come: they are whoever asks it to set.
pub struct InMemory {
    service: Arc<Service<ServerTree>>,
    settings: Arc<Settings>,
}

impl InMemory {
    /// The servers of a config.
    pub fn servers(app: App) -> Vec<Self> {
        let (_, _, trees, _) = app.into_parts();
        let servers = trees.into_iter().map(|(_, tree)| {
            let settings = Arc::new(Settings::of(tree.settings()));
            let served = Served {
                tree: Arc::new(tree),
                settings: Arc::clone(&settings),
                tls: None,
            };
            let service = Service {
                served: ArcSwap::from_pointee(served),
                challenges: Arc::default(),
            };
            Self {
                service: Arc::new(service),
                settings,
            }
        });
        servers.collect()
    }

    /// Serves a connection without TLS to its end.
    pub async fn serve(&self, stream: DuplexStream, peer: SocketAddr) -> Result<(), BodyError> {
        let connections = Connections::new();
        let activity = Activity::new(
            Arc::clone(&connections.clock),
            Arc::clone(&self.settings),
            Phase::Header,
        );
        let connection = Connection {
            peer,
            local: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
            worker: 0,
            tls: None,
        };
        let service = Arc::clone(&self.service);
        let settings = Arc::clone(&self.settings);
        protocol::serve(service, settings, connection, Arc::new(activity), stream).await
    }
}

impl Transport for DuplexStream {
    fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(self).poll_read(cx, buffer)
    }
}
