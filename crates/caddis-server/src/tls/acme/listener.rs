//! A listener for challenges, open while they are under way, where no server of the config listens.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::tls::{Challenges, Ends, TlsServer, plain_tls_server};

/// The most connections at a time; an ACME server looks from a few places.
const CONNECTIONS: usize = 64;
/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spoken {
    Http,
    Tls,
}

/// Listeners that are open, each for all challenges that need it.
#[derive(Debug, Default)]
pub(super) struct Listeners(Mutex<HashMap<(String, u16, Spoken), Weak<Listener>>>);

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    task: AbortHandle,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests listen on port 0"))]
    address: SocketAddr,
}

impl Listeners {
    /// Listens on a port; on every address if none is given.
    pub(super) fn open(
        &self,
        host: &str,
        port: u16,
        spoken: Spoken,
        challenges: &Arc<Challenges>,
    ) -> io::Result<Arc<Listener>> {
        let mut open = self.0.lock();
        open.retain(|_, listener| listener.strong_count() > 0);
        let key = (host.to_owned(), port, spoken);
        if let Some(listener) = open.get(&key).and_then(Weak::upgrade) {
            return Ok(listener);
        }
        let listener = Arc::new(Listener::open(host, port, spoken, Arc::clone(challenges))?);
        open.insert(key, Arc::downgrade(&listener));
        Ok(listener)
    }

    /// Leaves ports to servers of the config. Returns when they can be listened on.
    pub(super) async fn make_way(&self, ports: &BTreeSet<u16>) {
        let mut leaving = Vec::new();
        self.0.lock().retain(|(_, port, _), listener| {
            let stays = !ports.contains(port);
            leaving.extend(listener.upgrade().filter(|_| !stays));
            stays
        });
        for listener in leaving {
            listener.task.abort();
            while !listener.task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }
}

impl Listener {
    fn open(
        host: &str,
        port: u16,
        spoken: Spoken,
        challenges: Arc<Challenges>,
    ) -> io::Result<Self> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let socket = match host {
            // A system without IPv6 has no `::`.
            "" => std::net::TcpListener::bind(("::", port))
                .or_else(|_| std::net::TcpListener::bind(("0.0.0.0", port)))?,
            host => std::net::TcpListener::bind((host, port))?,
        };
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let socket = TcpListener::from_std(socket)?;
        let tls = match spoken {
            Spoken::Http => None,
            Spoken::Tls => Some(tls()?),
        };
        let task = tokio::spawn(accept(socket, tls, challenges)).abort_handle();
        Ok(Self { task, address })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// TLS with no certificate but those of challenges.
fn tls() -> io::Result<Arc<TlsServer>> {
    let tls = plain_tls_server(Arc::new(ArcSwap::default()));
    tls.map(Arc::new).map_err(io::Error::other)
}

async fn accept(socket: TcpListener, tls: Option<Arc<TlsServer>>, challenges: Arc<Challenges>) {
    /// How long to wait after the system has no room for another connection.
    const BACK_OFF: Duration = Duration::from_millis(50);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        let Ok((stream, _)) = socket.accept().await else {
            tokio::time::sleep(BACK_OFF).await;
            continue;
        };
        let (tls, challenges) = (tls.clone(), Arc::clone(&challenges));
        connections.spawn(async move {
            let served = serve(stream, tls, challenges);
            // Whoever is not done by then is no ACME server.
            tokio::time::timeout(PATIENCE, served).await.ok();
        });
    }
}

async fn serve(stream: TcpStream, tls: Option<Arc<TlsServer>>, challenges: Arc<Challenges>) {
    let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
        return;
    };
    if let Some(tls) = tls {
        // It ends with the handshake, one way or the other.
        tls.handshake(stream, Ends { peer, local }, (&challenges, None))
            .await
            .ok();
        return;
    }
    let service = service_fn(|request| {
        std::future::ready(Ok::<_, Infallible>(answer(&request, &challenges)))
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let http = http
        .header_read_timeout(None)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off has had its answer or does not want it.
    http.await.ok();
}

fn answer(
    request: &http::Request<Incoming>,
    challenges: &Challenges,
) -> http::Response<Full<Bytes>> {
    let host = request.headers().get(http::header::HOST);
    let host = host.and_then(|host| host.to_str().ok()?.parse::<http::uri::Authority>().ok());
    let text = host.and_then(|host| challenges.over_http(host.host(), request.uri().path()));
    let mut response = http::Response::new(Full::default());
    match text {
        Some(text) => *response.body_mut() = Full::from(text),
        None => *response.status_mut() = http::StatusCode::NOT_FOUND,
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::{Listeners, Spoken};
    use crate::tls::Challenges;

    async fn get(port: u16, host: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let path = "/.well-known/acme-challenge/t";
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn it_answers_what_is_being_proven_and_nothing_else() {
        let (listeners, challenges) = (Listeners::default(), Arc::new(Challenges::default()));
        challenges.answer_over_http("t", "a.test", "t.key");
        let open =
            |listeners: &Listeners| listeners.open("127.0.0.1", 0, Spoken::Http, &challenges);
        let listener = open(&listeners).unwrap();
        let port = listener.address.port();
        assert!(get(port, "a.test").await.ends_with("\r\n\r\nt.key"));
        assert!(get(port, "b.test").await.starts_with("HTTP/1.1 404 "));
        let shared = open(&listeners).unwrap();
        assert_eq!(shared.address, listener.address);
        drop((shared, listener));
        assert_ne!(open(&listeners).unwrap().address.port(), port);
    }

    #[tokio::test]
    async fn it_leaves_its_port_to_a_server_that_wants_it() {
        let (listeners, challenges) = (Listeners::default(), Arc::new(Challenges::default()));
        let bind = |port| std::net::TcpListener::bind(("127.0.0.1", port));
        let port = bind(0).unwrap().local_addr().unwrap().port();
        let _open = listeners.open("127.0.0.1", port, Spoken::Http, &challenges);
        listeners.make_way(&[port ^ 1].into()).await;
        assert!(bind(port).is_err());
        listeners.make_way(&[port].into()).await;
        assert!(bind(port).is_ok());
    }
}
