//! A server in memory, in a world without files and networks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use caddis_ir::Config;
use caddis_server::{
    AccessLog, App, Body, Connection, Context, Dial, Environment, Failed, Head, Record, Request,
    build_in_process,
};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use tokio::runtime::{Builder, Runtime};

/// The value of the variable `SECRET`, which no client knows.
pub(super) const SECRET: &str = "5e1f-known-to-nobody";
/// The password of `alice`; nobody else has one.
pub(super) const PASSWORD: &str = "open sesame";
/// Who asks.
pub(super) const CLIENT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 40_000);

/// What is seen of the requests that are answered.
#[derive(Default)]
pub(super) struct Seen {
    /// The methods of the requests that came through the door.
    methods: Mutex<Vec<Method>>,
    panics: Mutex<Vec<String>>,
}

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// What came of the body; less than all of it if it broke off.
    pub(super) body: Bytes,
}

/// A runtime for one case, which takes along what is left of it.
pub(super) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime without sockets takes nothing from the system")
}

/// Builds a config whose upstreams are reached in this way; `None` if it is refused.
pub(super) fn build(config: &Config, dial: Arc<dyn Dial>) -> Option<(App, Arc<Seen>)> {
    let environment = Environment {
        variable: Arc::new(|name| (name == "SECRET").then(|| SECRET.to_owned())),
        dial,
        passwords: Some(Arc::new(|user, password| {
            Some(user == "alice" && password == PASSWORD)
        })),
        data_dir: "/nonexistent".into(),
        place: None,
        shutdown: Arc::default(),
        mapped: Arc::default(),
        workers: 1,
    };
    let mut app = match build_in_process(config, &environment) {
        Ok(app) => app,
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a word");
            for error in errors {
                assert!(!error.message.is_empty(), "refused without a word");
                assert!(!error.path.0.is_empty(), "no place: {}", error.message);
            }
            return None;
        }
    };
    let seen = Arc::new(Seen::default());
    for (_, server) in app.servers_mut() {
        server.set_access_log(Arc::new(Watch(Arc::clone(&seen))));
    }
    Some((app, seen))
}

/// Asks the first server of a config, without a connection; `None` if it answers nothing.
pub(super) async fn ask(app: &App, request: http::Request<Body>) -> Option<Answer> {
    let connection = Connection {
        peer: CLIENT,
        local: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
        worker: 0,
        tls: None,
    };
    let (_, tree) = app.servers().next()?;
    let request: Request = request;
    let response = tree.answer(Arc::new(connection), request).await.ok()?;
    let (head, mut body) = response.into_parts();
    let mut read = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        read.extend(frame.into_data().unwrap_or_default());
    }
    for value in head.headers.values() {
        let ends = value.as_bytes().iter().any(|byte| b"\r\n\0".contains(byte));
        assert!(!ends, "a field ends early: {value:?}");
    }
    Some(Answer {
        status: head.status,
        headers: head.headers,
        body: read.into(),
    })
}

/// A request as a client may send it, if it may.
pub(super) fn request(target: &str, fields: &str, body: &str) -> Option<http::Request<Body>> {
    let mut request = http::Request::get(target);
    for line in fields.lines() {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    let mut request = request.body(Body::from(body.to_owned())).ok()?;
    if !request.headers().contains_key("host") {
        let host = "a.test".parse().expect("a name is a value");
        request.headers_mut().insert("host", host);
    }
    Some(request)
}

impl Seen {
    /// The methods of the requests so far, of which none met a fault of ours.
    pub(super) fn methods(&self) -> Vec<Method> {
        let panics = self.panics.lock().expect("nobody panics with it");
        assert!(panics.is_empty(), "{panics:?}");
        self.methods.lock().expect("nobody panics with it").clone()
    }
}

struct Watch(Arc<Seen>);

impl AccessLog for Watch {
    fn begin(&self, head: &Arc<Head>) -> Option<Box<dyn Record>> {
        let mut methods = self.0.methods.lock().expect("nobody panics with it");
        methods.push(head.method.clone());
        None
    }

    fn failed(&self, _: &Arc<Head>, _: &Context, failed: Failed<'_>) {
        let failures = match failed {
            Failed::Plainly(failure) | Failed::Answered(failure) => vec![failure],
            Failed::Twice { first, again } => vec![first, again],
        };
        let messages = failures.into_iter().map(|failure| failure.message.clone());
        let panics = messages.filter(|message| message.starts_with("panic: "));
        let mut known = self.0.panics.lock().expect("nobody panics with it");
        known.extend(panics);
    }
}
