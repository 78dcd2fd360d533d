//! All workers: what they serve is bound for all of them, then handed to each.

use std::collections::{HashMap, HashSet};
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tracing::warn;

use super::worker::{Front, Order, Served, Stop, Worker};
use super::{Answer, BindError, ListenAddress, Socket, bind};
use crate::tls::Challenges;

/// One address of one server.
pub(crate) struct Listener<A> {
    pub(crate) address: ListenAddress,
    pub(crate) served: Arc<Served<A>>,
}

/// Threads that serve.
#[derive(Debug)]
pub(crate) struct Workers<A> {
    threads: Vec<JoinHandle<io::Result<()>>>,
    orders: Vec<mpsc::UnboundedSender<Order<A>>>,
    stop: watch::Sender<Stop>,
    open: HashMap<Arc<str>, Held>,
}

/// What is held of an address.
#[derive(Debug)]
struct Held {
    port: Option<u16>,
    /// The file of a unix socket, which nobody else takes away.
    file: Option<PathBuf>,
}

/// Addresses that are ready to be served; nothing has changed for anybody yet.
pub(crate) struct Bound<A> {
    fronts: Vec<(Arc<str>, Arc<Served<A>>)>,
    fresh: HashMap<Arc<str>, (Vec<Socket>, Held)>,
    /// Unix sockets that are open already, with the permissions that they are to have.
    kept: Vec<(PathBuf, u32)>,
}

impl<A: Answer> Workers<A> {
    /// Starts threads that serve nothing yet.
    pub(crate) fn start(count: usize, challenges: &Arc<Challenges>) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(Stop::No);
        let mut workers = Self {
            threads: Vec::new(),
            orders: Vec::new(),
            stop,
            open: HashMap::new(),
        };
        for index in 0..count.max(1) {
            let (order, orders) = mpsc::unbounded_channel();
            let worker = Worker {
                index,
                orders,
                stop: stopped.clone(),
                challenges: Arc::clone(challenges),
            };
            let thread = std::thread::Builder::new().name(format!("worker {index}"));
            workers.threads.push(thread.spawn(move || worker.run())?);
            workers.orders.push(order);
        }
        Ok(workers)
    }

    /// Binds what is not open yet; nothing is left open if one address is taken.
    pub(crate) fn bind(&self, listeners: Vec<Listener<A>>) -> Result<Bound<A>, BindError> {
        let mut bound = Bound {
            fronts: Vec::new(),
            fresh: HashMap::new(),
            kept: Vec::new(),
        };
        if let Err(error) = self.bind_each(listeners, &mut bound) {
            remove_files(bound.fresh.into_values().map(|(_, held)| held));
            return Err(error);
        }
        Ok(bound)
    }

    fn bind_each(
        &self,
        listeners: Vec<Listener<A>>,
        bound: &mut Bound<A>,
    ) -> Result<(), BindError> {
        let mut ports: HashSet<u16> = self.open.values().filter_map(|held| held.port).collect();
        let mut keys = HashSet::new();
        for listener in listeners {
            for address in listener.address.each_port() {
                let key = key(&address);
                if !keys.insert(Arc::clone(&key)) {
                    return Err(BindError::twice(&address));
                }
                if self.open.contains_key(&key) {
                    bound.kept.extend(permissions(&address));
                } else {
                    let sockets = bind(&address, self.orders.len(), &ports)?;
                    let held = Held {
                        port: sockets.first().and_then(Socket::port),
                        file: address.file().map(Path::to_owned),
                    };
                    ports.extend(held.port);
                    bound.fresh.insert(Arc::clone(&key), (sockets, held));
                }
                bound.fronts.push((key, Arc::clone(&listener.served)));
            }
        }
        Ok(())
    }

    /// Serves what was bound and nothing else from now on. Returns when new requests are answered by it.
    pub(crate) async fn serve(&mut self, bound: Bound<A>, grace: Option<Duration>) {
        let Bound {
            fronts,
            mut fresh,
            kept,
        } = bound;
        let mut before = std::mem::take(&mut self.open);
        let mut of_workers: Vec<Vec<Front<A>>> = self.orders.iter().map(|_| Vec::new()).collect();
        for (key, served) in fronts {
            let mut sockets = Vec::new();
            let held = match (before.remove(&key), fresh.remove(&key)) {
                (Some(held), _) => held,
                (None, Some((new, held))) => {
                    sockets = new;
                    held
                }
                (None, None) => continue,
            };
            let mut sockets = sockets.into_iter();
            for fronts in &mut of_workers {
                fronts.push(Front {
                    key: Arc::clone(&key),
                    socket: sockets.next(),
                    served: Arc::clone(&served),
                });
            }
            self.open.insert(key, held);
        }
        let mut waiting = Vec::new();
        for (orders, fronts) in self.orders.iter().zip(of_workers) {
            let (done, obeyed) = oneshot::channel();
            let order = Order {
                fronts,
                grace,
                done,
            };
            // A worker that has ended serves nothing any more.
            if orders.send(order).is_ok() {
                waiting.push(obeyed);
            }
        }
        for obeyed in waiting {
            // Nothing is ever sent: the end of the other side is the answer.
            obeyed.await.ok();
        }
        remove_files(before.into_values());
        for (file, mode) in kept {
            let set = std::fs::set_permissions(&file, Permissions::from_mode(mode));
            if let Err(error) = set {
                warn!(target: "http", file = %file.display(), %error, "setting the permissions of a socket");
            }
        }
    }

    /// Tells the workers to stop.
    pub(crate) fn stop(&self, stop: Stop) {
        // A worker that has ended does not listen any more.
        self.stop.send_replace(stop);
    }

    /// True when all workers have ended.
    pub(crate) fn have_ended(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// Waits until all workers have ended.
    pub(crate) fn join(&mut self) -> io::Result<()> {
        let ended = std::mem::take(&mut self.threads).into_iter().map(|thread| {
            thread
                .join()
                .map_err(|_| io::Error::other("a worker panicked"))?
        });
        let ended: Vec<io::Result<()>> = ended.collect();
        remove_files(std::mem::take(&mut self.open).into_values());
        ended.into_iter().collect()
    }

    /// The ports that are listened on: tests listen on port 0 and ask for the real one.
    #[cfg(test)]
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.open.values().filter_map(|held| held.port).collect()
    }
}

/// Workers that serve some addresses.
#[cfg(test)]
pub(crate) fn serving<A: Answer>(
    listeners: Vec<Listener<A>>,
    count: usize,
) -> Result<Workers<A>, BindError> {
    let mut workers = Workers::start(count, &Arc::default()).unwrap();
    let bound = workers.bind(listeners)?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = { runtime }.build().unwrap();
            runtime.block_on(workers.serve(bound, None));
        });
    });
    Ok(workers)
}

/// What tells addresses apart: a unix socket is its file, whatever its permissions.
fn key(address: &ListenAddress) -> Arc<str> {
    let file = address.file().and_then(|file| absolute(file).ok());
    file.map_or_else(
        || address.to_string(),
        |file| format!("unix/{}", file.display()),
    )
    .into()
}

/// The file of a unix socket, and its permissions.
fn permissions(address: &ListenAddress) -> Option<(PathBuf, u32)> {
    let file = address.file()?.to_owned();
    match address {
        ListenAddress::Unix { mode, .. } => Some((file, *mode)),
        ListenAddress::Tcp { .. } => None,
    }
}

fn remove_files(held: impl Iterator<Item = Held>) {
    for file in held.filter_map(|held| held.file) {
        // One that is gone already is what was wanted.
        std::fs::remove_file(file).ok();
    }
}
