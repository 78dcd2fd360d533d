//! Servers in memory, for the tests of this crate: `serve(handler).get("/path").await`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use caddis_ir::{Config, Handler, HttpApp, MatcherSet, Route, Server};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    Aborted, App, Body, BuildError, Connection, Dial, Environment, Request, Stream, Target, build,
};

/// An environment without variables and upstreams.
pub(crate) fn environment() -> Environment {
    Environment {
        place: None,
        variable: Arc::new(|name| (name == "HOME").then(|| "/home/{http.request.method}".into())),
        dial: Arc::new(NoUpstreams),
        passwords: None,
        shutdown: Arc::default(),
        data_dir: PathBuf::new(),
        mapped: Arc::default(),
        workers: 1,
    }
}

/// Keeps the log of this thread apart, until the guard is dropped.
///
/// With a single subscriber in the process, tracing would ask whichever thread meets an event first whether anyone
/// wants it, and remember a no: hence the second one, which wants nothing.
pub(crate) fn logging_to(log: &Log) -> tracing::subscriber::DefaultGuard {
    let nobody = tracing::subscriber::NoSubscriber::default();
    let _ = tracing::subscriber::set_global_default(nobody);
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    tracing::subscriber::set_default(subscriber)
}

struct NoUpstreams;

impl Dial for NoUpstreams {
    fn dial<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>> {
        Box::pin(async move { Err(io::Error::other(format!("no upstream is at {target}"))) })
    }
}

/// A server in memory.
pub(crate) struct Served {
    app: App,
    peer: IpAddr,
}

/// An answer with its body read to the end.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// One handler behind every request.
pub(crate) fn serve(handler: impl Into<Handler>) -> Served {
    serve_routes(vec![route(None, vec![handler.into()])])
}

/// Some routes.
pub(crate) fn serve_routes(routes: Vec<Route>) -> Served {
    serve_server(Server {
        routes,
        ..Server::default()
    })
}

/// A whole server.
pub(crate) fn serve_server(server: Server) -> Served {
    serve_in(server, &environment()).expect("the config is served")
}

/// A whole server in an environment.
pub(crate) fn serve_in(
    server: Server,
    environment: &Environment,
) -> Result<Served, Vec<BuildError>> {
    serve_app(HttpApp::default(), server, environment)
}

/// A whole server, and what is said beside it of all servers.
pub(crate) fn serve_app(
    mut http: HttpApp,
    server: Server,
    environment: &Environment,
) -> Result<Served, Vec<BuildError>> {
    http.servers.insert("srv0".into(), server);
    let mut config = Config::default();
    config.apps.http = Some(http);
    let app = build(&config, environment)?;
    Ok(Served::of(app))
}

/// What is wrong with a handler, as `path: message`.
pub(crate) fn errors_of(handler: impl Into<Handler>) -> Vec<String> {
    let server = Server {
        routes: vec![route(None, vec![handler.into()])],
        ..Server::default()
    };
    let errors = serve_in(server, &environment()).err().unwrap_or_default();
    let line = |error: BuildError| {
        let path = error.path.to_string();
        let path = path
            .strip_prefix("apps/http/servers/srv0/routes/0/")
            .unwrap_or(&path);
        format!("{path}: {}", error.message)
    };
    errors.into_iter().map(line).collect()
}

/// A route.
pub(crate) fn route(matchers: impl Into<Option<MatcherSet>>, handle: Vec<Handler>) -> Route {
    Route {
        matchers: matchers.into().into_iter().collect(),
        handle,
        ..Route::default()
    }
}

/// A request for a path.
pub(crate) fn request(path: &str) -> Request {
    http::Request::get(path)
        .header("Host", "a.test")
        .body(Body::Empty)
        .unwrap()
}

impl Served {
    /// What was built, asked by a client at 192.0.2.1.
    pub(crate) fn of(app: App) -> Self {
        let peer = IpAddr::from([192, 0, 2, 1]);
        Self { app, peer }
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The same for a client at another address.
    pub(crate) fn asked_by(mut self, peer: &str) -> Self {
        self.peer = peer.parse().unwrap();
        self
    }

    /// Asks for a path.
    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.ask(request(path)).await.expect("an answer")
    }

    /// Asks for a path with header fields.
    pub(crate) async fn get_with(&self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let mut request = request(path);
        for (name, value) in fields {
            let name: http::HeaderName = name.parse().unwrap();
            if name == "host" {
                request.headers_mut().remove(&name);
            }
            request.headers_mut().append(name, value.parse().unwrap());
        }
        self.ask(request).await.expect("an answer")
    }

    /// Sends any request.
    pub(crate) async fn ask(&self, request: Request) -> Result<Answered, Aborted> {
        let connection = Connection {
            peer: SocketAddr::new(self.peer, 40_000),
            local: SocketAddr::from(([192, 0, 2, 80], 8080)),
            worker: 0,
            tls: None,
        };
        let (_, tree) = self.app.servers().next().expect("there is a server");
        let response = tree.answer(Arc::new(connection), request).await?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("the body has an end")
            .to_bytes();
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: body.to_vec(),
        })
    }
}

impl Answered {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    /// All values of a field.
    pub(crate) fn field(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }
}

/// Keeps what is logged: a panic in a handler is a line there.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
