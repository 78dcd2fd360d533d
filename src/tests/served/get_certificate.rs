//! `get_certificate http`: a web server is asked for the certificate of each handshake.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::curl::try_curl;
use crate::server::{Launch, PATIENCE, Server, free_port};

/// A web server that has certificates, and remembers what it was asked.
struct Manager {
    address: SocketAddr,
    root: tempfile::NamedTempFile,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Manager {
    async fn open() -> Self {
        let names = ["a.localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let root = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(root.path(), made.cert.pem()).unwrap();
        let pem = made.signing_key.serialize_pem() + &made.cert.pem();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (notes, pem) = (Arc::clone(&notes), pem.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    notes.lock().unwrap().push(request.uri().to_string());
                    let answer = answer(&request, &pem);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self {
            address,
            root,
            asked,
        }
    }
}

fn answer(request: &Request<Incoming>, pem: &str) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    let (status, body) = match query {
        query if query.contains("server_name=a.localhost") => (200, pem.to_owned()),
        query if query.contains("server_name=fails.localhost") => (500, pem.to_owned()),
        query if query.contains("server_name=other.localhost") => (200, "not PEM".to_owned()),
        query if query.contains("server_name=large.localhost") => (200, "\n".repeat(2 << 20) + pem),
        _ => (403, String::new()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status.try_into().unwrap();
    response
}

#[test]
fn a_web_server_is_asked_for_the_certificate_in_each_handshake() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let manager = runtime.block_on(Manager::open());
    let launch = Launch::new(free_port(), free_port());
    let config = format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\n\
         https:// {{\n\ttls {{\n\t\tget_certificate http http://{}/certificate?x=1\n\t}}\n\trespond hello\n}}\n",
        launch.http, launch.https, manager.address
    );
    let server = launch.run(&config);
    wait(&server);
    let ask = |host: &str| try_curl((server.https, manager.root.path()), host, "/", &[]);
    for _ in 0..2 {
        assert_eq!(ask("a.localhost").unwrap().body, "hello");
    }
    for host in ["fails.localhost", "other.localhost", "none.localhost"] {
        let error = ask(host).unwrap_err();
        assert!(error.contains("alert internal error"), "{host}: {error}");
    }
    let asked = manager.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 5, "{asked:?}");
    let first = asked.first().unwrap();
    let keys: Vec<_> = (first.split(['?', '&']).skip(1))
        .filter_map(|pair| pair.split('=').next())
        .collect();
    let expected = [
        "cipher_suites",
        "local_ip",
        "server_name",
        "signature_schemes",
        "x",
    ];
    assert_eq!(keys, expected, "{first}");
}

#[test]
fn a_web_server_that_sends_too_much_is_not_listened_to() {
    if crate::server::is_real_caddy() {
        // It reads as much as comes.
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let manager = runtime.block_on(Manager::open());
    let launch = Launch::new(free_port(), free_port());
    let config = format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tauto_https disable_redirects\n}}\n\
         https:// {{\n\ttls {{\n\t\tget_certificate http http://{}/\n\t}}\n\trespond hello\n}}\n",
        launch.http, launch.https, manager.address
    );
    let server = launch.run(&config);
    wait(&server);
    let asked = try_curl(
        (server.https, manager.root.path()),
        "large.localhost",
        "/",
        &[],
    );
    let error = asked.unwrap_err();
    assert!(error.contains("alert internal error"), "{error}");
}

fn wait(server: &Server) {
    let begun = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", server.https)).is_err() {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
