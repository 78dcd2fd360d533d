//! Upstreams on ports of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Stubs;

/// A port for every upstream; while an upstream refuses, nobody listens there.
pub(super) struct Listeners {
    stubs: Arc<Stubs>,
    ports: Vec<u16>,
    tasks: Vec<Option<JoinHandle<()>>>,
}

impl Listeners {
    /// Listens for every upstream.
    pub(super) async fn open(stubs: &Arc<Stubs>) -> std::io::Result<Self> {
        let mut listeners = Self {
            stubs: Arc::clone(stubs),
            ports: Vec::new(),
            tasks: Vec::new(),
        };
        for index in 0..stubs.upstreams().len() {
            let listener = bind(0).await?;
            listeners.ports.push(listener.local_addr()?.port());
            listeners.tasks.push(Some(accept(stubs, index, listener)));
        }
        Ok(listeners)
    }

    /// The ports, in the order of the upstreams.
    pub(super) fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Stops listening where upstreams refuse, and begins again where they no longer do.
    pub(super) async fn prepare(&mut self) -> std::io::Result<()> {
        let upstreams = self.stubs.upstreams().iter().enumerate();
        for ((index, upstream), (task, port)) in
            upstreams.zip(self.tasks.iter_mut().zip(&self.ports))
        {
            if self.stubs.refuses(upstream) {
                if let Some(task) = task.take() {
                    task.abort();
                    // The port is free when the task is gone.
                    let _ = task.await;
                }
            } else if task.is_none() {
                *task = Some(accept(&self.stubs, index, bind(*port).await?));
            }
        }
        Ok(())
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for task in self.tasks.iter().flatten() {
            task.abort();
        }
    }
}

async fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

fn accept(stubs: &Arc<Stubs>, index: usize, listener: TcpListener) -> JoinHandle<()> {
    let stubs = Arc::clone(stubs);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stubs.serve(index, stream);
        }
    })
}
