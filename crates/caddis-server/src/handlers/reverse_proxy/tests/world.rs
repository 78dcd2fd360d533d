//! A client, the proxy and its upstreams, joined by pipes in memory.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::Config;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;

use crate::{
    Body, Connection, Dial, Dialling, Environment, Network, Stream, Target, TlsConnection,
};

/// More than any test needs, and an end for one that waits for what never comes.
const PATIENCE: Duration = Duration::from_hours(1);
/// What a pipe holds before its writer has to wait.
const PIPE: usize = 64 * 1024;

/// A proxy, and the upstreams that it dials.
pub(super) struct World {
    app: Arc<crate::App>,
    dialled: mpsc::UnboundedReceiver<(Target, DuplexStream)>,
    dial: Arc<Dialler>,
}

/// Hands each connection's other end to the test.
pub(super) struct Dialler {
    dialled: mpsc::UnboundedSender<(Target, DuplexStream)>,
    /// What the next dial comes to, if not a connection.
    pub(super) fails: Mutex<Option<Fails>>,
    pub(super) roots: Option<Arc<rustls::RootCertStore>>,
}

#[derive(Clone, Copy)]
pub(super) enum Fails {
    Refused,
    Never,
}

impl Dial for Dialler {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialling<'a> {
        Box::pin(async move {
            let fails = *self.fails.lock();
            match fails {
                Some(Fails::Refused) => Err(io::ErrorKind::ConnectionRefused.into()),
                Some(Fails::Never) => std::future::pending().await,
                None => {
                    let (ours, theirs) = duplex(PIPE);
                    let _ = self.dialled.send((target.clone(), theirs));
                    Ok(Box::new(ours) as Box<dyn Stream>)
                }
            }
        })
    }

    fn roots(&self) -> Option<Arc<rustls::RootCertStore>> {
        self.roots.clone()
    }
}

/// A proxy in front of `127.0.0.1:11434`, with more settings of `reverse_proxy` in JSON.
pub(super) fn proxy(settings: &str) -> World {
    World::new(&handlers(&handler("127.0.0.1:11434", settings)))
}

/// A `reverse_proxy` handler.
pub(super) fn handler(dial: &str, settings: &str) -> String {
    let comma = if settings.is_empty() { "" } else { "," };
    format!(r#"{{"handler":"reverse_proxy","upstreams":[{{"dial":"{dial}"}}]{comma}{settings}}}"#)
}

/// A config whose only route has these handlers.
pub(super) fn handlers(handlers: &str) -> String {
    format!(
        r#"{{"apps":{{"http":{{"servers":{{"srv0":{{"listen":[":80"],"routes":[{{"handle":[{handlers}]}}]}}}}}}}}}}"#
    )
}

impl World {
    pub(super) fn new(config: &str) -> Self {
        Self::with_roots(config, None)
    }

    pub(super) fn with_roots(config: &str, roots: Option<Arc<rustls::RootCertStore>>) -> Self {
        let (sender, dialled) = mpsc::unbounded_channel();
        let dial = Arc::new(Dialler {
            dialled: sender,
            fails: Mutex::default(),
            roots,
        });
        let app = built(build(config, Arc::clone(&dial) as Arc<dyn Dial>));
        app.life().begin();
        Self { app, dialled, dial }
    }

    /// A world whose upstreams are real ones.
    pub(super) fn over_network(config: &str) -> Self {
        Self {
            app: built(build(config, Arc::new(Network::default()))),
            ..Self::new(&handlers(""))
        }
    }

    /// Another config would be served from now on.
    pub(super) fn ends_config(&self) {
        self.app.life().end();
    }

    /// What dials come to from now on.
    pub(super) fn dials(&self, fails: Fails) {
        *self.dial.fails.lock() = Some(fails);
    }

    /// Dials come to connections again.
    pub(super) fn dials_work_again(&self) {
        *self.dial.fails.lock() = None;
    }

    /// A client on a plain connection.
    pub(super) fn client(&self) -> Peer {
        self.client_on(None)
    }

    /// A client on a connection that came over TLS.
    pub(super) fn tls_client(&self) -> Peer {
        self.client_on(Some(TlsConnection::default()))
    }

    /// A client on a unix socket, which has no address.
    pub(super) fn local_client(&self) -> Peer {
        self.connect(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), None)
    }

    fn client_on(&self, tls: Option<TlsConnection>) -> Peer {
        self.connect(SocketAddr::from((Ipv4Addr::new(10, 0, 0, 9), 5000)), tls)
    }

    fn connect(&self, peer: SocketAddr, tls: Option<TlsConnection>) -> Peer {
        let (ours, theirs) = duplex(PIPE);
        let connection = Connection {
            peer,
            local: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
            worker: 0,
            tls,
        };
        tokio::spawn(serve(Arc::clone(&self.app), theirs, Arc::new(connection)));
        Peer::new(ours)
    }

    /// The next connection to an upstream.
    pub(super) async fn upstream(&mut self) -> Peer {
        self.dialled().await.1
    }

    /// The next connection to an upstream, and where it was to go.
    pub(super) async fn dialled(&mut self) -> (Target, Peer) {
        let (target, stream) = in_time("a dial", self.dialled.recv())
            .await
            .expect("a dial");
        (target, Peer::new(stream))
    }

    /// Whether no connection was opened that the test has not seen.
    pub(super) fn has_dialled_no_more(&mut self) -> bool {
        self.dialled.try_recv().is_err()
    }
}

fn built(app: Result<crate::App, Vec<crate::BuildError>>) -> Arc<crate::App> {
    match app {
        Ok(app) => Arc::new(app),
        Err(errors) => panic!("{errors:?}"),
    }
}

fn build(config: &str, dial: Arc<dyn Dial>) -> Result<crate::App, Vec<crate::BuildError>> {
    let config: Config = serde_json::from_str(config).unwrap();
    let environment = Environment {
        place: None,
        variable: Arc::new(|_| None),
        dial,
        passwords: None,
        shutdown: Arc::default(),
        data_dir: PathBuf::new(),
        mapped: std::sync::Arc::default(),
        workers: 1,
    };
    crate::build(&config, &environment)
}

/// What a build says is wrong: where, and what.
pub(super) fn errors(config: &str) -> Vec<String> {
    let dial = Arc::new(Dialler {
        dialled: mpsc::unbounded_channel().0,
        fails: Mutex::default(),
        roots: None,
    });
    let errors = build(config, dial).err().unwrap_or_default();
    let text = |error: crate::BuildError| format!("{}: {}", error.path, error.message);
    errors.into_iter().map(text).collect()
}

async fn serve(app: Arc<crate::App>, stream: DuplexStream, connection: Arc<Connection>) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (app, connection) = (Arc::clone(&app), Arc::clone(&connection));
        async move {
            let (_, tree) = app.servers().next().expect("a server");
            let answer = tree.answer(connection, request.map(Body::from)).await;
            answer.map_err(|_| io::Error::other("aborted"))
        }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

/// The test's end of a connection.
pub(super) struct Peer {
    pub(super) stream: DuplexStream,
    read: Vec<u8>,
}

impl Peer {
    fn new(stream: DuplexStream) -> Self {
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Sends text as it is.
    pub(super) async fn says(&mut self, text: &str) {
        let sent = self.stream.write_all(text.as_bytes());
        in_time(text, sent).await.unwrap();
    }

    /// Reads exactly this, line ends written as `\n`.
    pub(super) async fn hears(&mut self, expected: &str) {
        let expected = expected.replace('\n', "\r\n");
        while self.read.len() < expected.len() && self.more(&expected).await {}
        let length = expected.len().min(self.read.len());
        let heard = self.read.drain(..length).collect::<Vec<u8>>();
        let rest = String::from_utf8_lossy(&self.read);
        assert_eq!(
            String::from_utf8_lossy(&heard),
            expected,
            "and then: {rest:?}"
        );
    }

    /// Reads a head, its lines in alphabetical order, separated by `\n`.
    pub(super) async fn head(&mut self) -> String {
        let end = loop {
            let found = self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(end) = found {
                break end + 4;
            }
            assert!(
                self.more("a head").await,
                "the connection ended in a head: {:?}",
                self.read
            );
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let mut fields = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>();
        fields.sort_unstable();
        [first.as_str()]
            .into_iter()
            .chain(fields)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Reads the body that a head announces.
    pub(super) async fn sized_body(&mut self, head: &str) -> String {
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .and_then(|length| length.parse::<usize>().ok())
            .unwrap();
        while self.read.len() < length && self.more("a body").await {}
        String::from_utf8(self.read.drain(..length).collect()).unwrap()
    }

    /// Reads to the end of the connection, where nothing more comes.
    pub(super) async fn hears_the_end(&mut self) {
        while self.more("the end").await {}
        assert_eq!(String::from_utf8_lossy(&self.read), "");
    }

    async fn more(&mut self, what: &str) -> bool {
        let read = self.stream.read_buf(&mut self.read);
        in_time(what, read).await.is_ok_and(|count| count > 0)
    }
}

/// What comes of it, unless it never comes.
async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what:?}"))
}
