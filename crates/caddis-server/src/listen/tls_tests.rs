//! TLS connections against real sockets on loopback, with certificates of an authority of ours.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use caddis_ir::{Config, ConnectionPolicy, InternalIssuer, Issuer, Path, Server, SessionTickets};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Answer, ListenAddress, Listener, Served, Settings, Stop, Workers, serving};
use crate::builder::Builder;
use crate::tls::{Keeper, Storage, Subject, tls_server};
use crate::{Body, Connection, Request, Response};

/// Says what the handshake found out.
struct Echo;

impl Answer for Echo {
    async fn answer(&self, connection: Arc<Connection>, request: Request) -> Option<Response> {
        let tls = connection.tls.as_ref()?;
        if request.uri().path() == "/early" {
            let mut response = Response::new(Body::from("too large"));
            *response.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE;
            return Some(response);
        }
        let text = format!(
            "{} {} {} {} {}",
            tls.server_name, tls.alpn, tls.version, tls.cipher_suite, tls.resumed
        );
        Some(Response::new(Body::from(text)))
    }
}

struct Secure {
    running: Option<Workers<Echo>>,
    client: Arc<ClientConfig>,
    port: u16,
}

impl Drop for Secure {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.stop(Stop::Now);
            running.join().unwrap();
        }
    }
}

fn serve(names: &[&str], policies: Vec<ConnectionPolicy>, settings: Settings) -> Secure {
    serve_with(names, policies, settings, None)
}

fn serve_with(
    names: &[&str],
    policies: Vec<ConnectionPolicy>,
    settings: Settings,
    tickets: Option<&SessionTickets>,
) -> Secure {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::default();
    let subject = |name: &&str| Subject {
        name: (*name).to_owned(),
        issuers: vec![Issuer::Internal(InternalIssuer::default())],
        ..Subject::default()
    };
    let subjects = names.iter().map(subject).collect();
    let certificates = Arc::new(ArcSwap::default());
    let storage = Storage::of(&config, folder.path());
    let prepared = Keeper::new().prepare(
        &config,
        storage,
        (subjects, None),
        Arc::clone(&certificates),
    );
    prepared.unwrap();
    let server = Server {
        tls_connection_policies: Some(policies),
        ..Server::default()
    };
    let environment = crate::testing::environment();
    let mut builder = Builder::beside(&config, &environment);
    let tls = tls_server(&server, &Path::root(), tickets, certificates, &mut builder);
    assert_eq!(builder.into_errors(), []);
    let listener = Listener {
        address: ListenAddress::parse("127.0.0.1:0").unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(Echo),
            settings: Arc::new(settings),
            tls: Some(Arc::new(tls)),
        }),
    };
    let running = serving(vec![listener], 1).unwrap();
    let mut roots = RootCertStore::empty();
    let root = folder.path().join("pki/authorities/local/root.crt");
    roots
        .add(CertificateDer::from_pem_file(root).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Secure {
        port: running.ports()[0],
        running: Some(running),
        client: Arc::new(client),
    }
}

impl Secure {
    fn socket(&self) -> TcpStream {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        socket
    }

    fn connect(&self, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.client), name).unwrap();
        StreamOwned::new(connection, self.socket())
    }

    /// The body of the answer to a request, or why there is none.
    fn get(&self, name: &str) -> std::io::Result<String> {
        let mut stream = self.connect(name);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        Ok(body.to_owned())
    }
}

#[test]
fn the_certificate_is_chosen_by_the_name_that_the_client_asks_for() {
    let names = ["a.internal", "*.b.internal", "127.0.0.1"];
    let server = serve(
        &names,
        vec![ConnectionPolicy::default()],
        Settings::default(),
    );
    let first = server.get("a.internal").unwrap();
    assert_eq!(first, "a.internal  tls1.3 TLS_AES_128_GCM_SHA256 false");
    assert!(
        server
            .get("x.b.internal")
            .unwrap()
            .starts_with("x.b.internal ")
    );
    // A client that connects to an address names no server.
    assert!(server.get("127.0.0.1").unwrap().starts_with("  tls1.3 "));
    // The second connection takes up the session of the first.
    assert!(server.get("a.internal").unwrap().ends_with(" true"));
}

#[test]
fn sessions_go_on_as_the_tickets_of_the_config_have_it() {
    let is_taken_up_again = |tickets: SessionTickets| {
        let policies = vec![ConnectionPolicy::default()];
        let names = ["a.internal"];
        let server = serve_with(&names, policies, Settings::default(), Some(&tickets));
        assert!(server.get("a.internal").unwrap().ends_with(" false"));
        server.get("a.internal").unwrap().ends_with(" true")
    };
    assert!(is_taken_up_again(SessionTickets::default()));
    assert!(is_taken_up_again(SessionTickets {
        disable_rotation: true,
        ..SessionTickets::default()
    }));
    assert!(!is_taken_up_again(SessionTickets {
        disabled: true,
        ..SessionTickets::default()
    }));
    // The key is another one at each use.
    assert!(!is_taken_up_again(SessionTickets {
        rotation_interval: Some(caddis_ir::Duration(1)),
        max_keys: 1,
        ..SessionTickets::default()
    }));
}

#[test]
fn a_name_without_a_certificate_is_refused_with_the_alert_that_caddy_sends() {
    let server = serve(
        &["a.internal"],
        vec![ConnectionPolicy::default()],
        Settings::default(),
    );
    for name in ["b.internal", "127.0.0.1"] {
        let error = server.get(name).unwrap_err().to_string();
        assert_eq!(error, "received fatal alert: InternalError", "{name}");
    }
}

#[test]
fn the_first_policy_that_matches_is_taken() {
    let old = ConnectionPolicy {
        matchers: Some(caddis_ir::ConnectionMatch {
            sni: vec!["old.internal".into()],
            ..caddis_ir::ConnectionMatch::default()
        }),
        protocol_max: "tls1.2".into(),
        ..ConnectionPolicy::default()
    };
    let names = ["old.internal", "new.internal"];
    let server = serve(
        &names,
        vec![old, ConnectionPolicy::default()],
        Settings::default(),
    );
    assert!(server.get("old.internal").unwrap().contains(" tls1.2 "));
    assert!(server.get("new.internal").unwrap().contains(" tls1.3 "));
}

#[test]
fn a_handshake_that_does_not_end_in_time_closes_the_connection() {
    let settings = Settings {
        handshake_timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    let server = serve(&["a.internal"], vec![ConnectionPolicy::default()], settings);
    let mut slow = server.socket();
    slow.write_all(&[22, 3, 1]).unwrap();
    assert_eq!(slow.read(&mut [0; 9]).unwrap(), 0);
    assert!(server.get("a.internal").is_ok());
}

#[test]
fn an_early_answer_can_be_read_after_a_long_upload_over_tls_too() {
    let server = serve(
        &["a.internal"],
        vec![ConnectionPolicy::default()],
        Settings::default(),
    );
    let mut stream = server.connect("a.internal");
    stream
        .write_all(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
        .unwrap();
    for _ in 0..10 {
        stream.write_all(&vec![b'x'; 1_000_000]).unwrap();
    }
    let mut answer = [0; 13];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413 ");
}
