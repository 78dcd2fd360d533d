//! A server in memory, and the request that it is asked with.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use caddis_ir::{Config, HttpApp, Server};
use caddis_server::{App, Body, Connection, Dial, Dialling, Environment, Request, Target, build};
use divan::Bencher;
use futures_util::FutureExt;
use serde_json::{Value, json};

/// The fields that a browser sends, and a token.
const FIELDS: [(&str, &str); 9] = [
    ("host", "site5000.example.com"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    (
        "accept",
        "application/x-ndjson, application/json;q=0.9, */*;q=0.1",
    ),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("authorization", "Bearer sesame"),
    ("content-type", "application/json"),
    ("cookie", "session=0123456789abcdef; theme=dark"),
    ("x-request-id", "4f1c0d9e-6a0f-4c7a-9d0e-5b3b6a1f2c3d"),
];
/// What is asked for.
const URI: &str = "/api/generate?model=llama3.2&stream=true";

/// The handler that ends a request with nothing more to do.
pub(crate) fn answer() -> Value {
    json!({"handler": "static_response", "status_code": 204})
}

/// Builds a server of some routes, and asks it again and again.
pub(crate) fn measure(bencher: Bencher, routes: &Value) {
    let app = app(routes);
    let (_, tree) = app.servers().next().expect("there is a server");
    let connection = Arc::new(Connection {
        peer: ([192, 0, 2, 1], 40_000).into(),
        local: ([192, 0, 2, 80], 8080).into(),
        worker: 0,
        tls: None,
    });
    let ask = |request| {
        let answered = tree.answer(Arc::clone(&connection), request);
        let answered = answered
            .now_or_never()
            .expect("nothing has to be waited for");
        answered.expect("it is answered")
    };
    // A config that does something else than its name says would be measured, too.
    assert_eq!(ask(request()).status(), 204, "{routes}");
    bencher.with_inputs(request).bench_local_values(ask);
}

fn app(routes: &Value) -> App {
    let routes = serde_json::from_value(routes.clone()).expect("the routes are a config");
    let server = Server {
        routes,
        ..Server::default()
    };
    let mut http = HttpApp::default();
    http.servers.insert("srv0".into(), server);
    let mut config = Config::default();
    config.apps.http = Some(http);
    let environment = Environment {
        place: None,
        variable: Arc::new(|_| None),
        dial: Arc::new(NoUpstreams),
        passwords: None,
        shutdown: Arc::default(),
        data_dir: PathBuf::new(),
        mapped: Arc::default(),
        workers: 1,
    };
    build(&config, &environment).expect("the config is served")
}

fn request() -> Request {
    let mut request = http::Request::post(URI);
    for (name, value) in FIELDS {
        request = request.header(name, value);
    }
    request.body(Body::Empty).expect("the request is one")
}

struct NoUpstreams;

impl Dial for NoUpstreams {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialling<'a> {
        Box::pin(async move { Err(io::Error::other(format!("no upstream is at {target}"))) })
    }
}
