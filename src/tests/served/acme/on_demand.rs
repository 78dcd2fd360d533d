//! Certificates that are got when a client first asks.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::acme::site::Site;
use crate::server::{Launch, PATIENCE, Server, free_port};
use crate::tls::Client;

const NAME: &str = "allowed.example.com";
const OTHER: &str = "stranger.example.com";
const SITES: &str = "https:// {\n\ttls {\n\t\ton_demand\n\t}\n\trespond hello\n}\n";

/// Says yes to names that begin with `allowed`; lives as long as the tests.
struct Asked {
    port: u16,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Asked {
    fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("there are ports");
        let port = socket.local_addr().expect("it is bound").port();
        let targets = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&targets);
        thread::spawn(move || {
            for mut stream in socket.incoming().flatten() {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let status = if target.contains("domain=allowed") {
                    "200 OK"
                } else {
                    "403 No"
                };
                seen.lock().expect("nobody panics with it").push(target);
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self { port, targets }
    }

    fn options(&self) -> String {
        let port = self.port;
        format!("\ton_demand_tls {{\n\t\task http://127.0.0.1:{port}/ask?of=test\n\t}}\n")
    }

    fn targets(&self) -> Vec<String> {
        self.targets.lock().expect("nobody panics with it").clone()
    }
}

fn run(site: &Site, asked: &Asked) -> Server {
    let server = site.launch.run(&site.config(&asked.options(), SITES));
    wait_until_it_listens(&site.launch, &server);
    server
}

fn wait_until_it_listens(launch: &Launch, server: &Server) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", launch.https)).is_err() {
        assert!(start.elapsed() < PATIENCE, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_first_client_waits_for_the_certificate_and_the_next_one_has_it() {
    let (site, asked) = (Site::new(), Asked::start());
    let server = run(&site, &asked);
    assert_eq!(site.pebble.orders(), 0);
    for _ in 0..3 {
        let shown = site.get(NAME);
        let shown = shown.unwrap_or_else(|error| panic!("{error}\n{}", server.log()));
        assert_eq!((shown.status, shown.body.as_str()), (200, "hello"));
        assert_eq!(shown.certificate, site.kept(NAME));
    }
    assert_eq!(site.pebble.orders(), 1);
    assert_eq!(asked.targets(), [format!("/ask?domain={NAME}&of=test")]);
}

#[test]
fn a_name_that_may_have_no_certificate_is_refused_and_not_ordered() {
    let (site, asked) = (Site::new(), Asked::start());
    let _server = run(&site, &asked);
    for _ in 0..2 {
        let error = site.get(OTHER).expect_err("it has no certificate");
        assert!(error.contains("alert"), "{error}");
    }
    assert_eq!(site.pebble.orders(), 0);
    assert_eq!(asked.targets().len(), 2);
}

#[test]
fn many_clients_of_one_name_cause_one_order() {
    let (site, asked) = (Site::new(), Asked::start());
    let server = run(&site, &asked);
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let shown = site.get(NAME);
                shown.unwrap_or_else(|error| panic!("{error}\n{}", server.log()));
            });
        }
    });
    assert_eq!(site.pebble.orders(), 1);
    assert_eq!(asked.targets().len(), 1);
}

#[test]
fn what_is_kept_is_served_after_a_start_to_who_may_have_it_still() {
    let (site, asked) = (Site::new(), Asked::start());
    let server = run(&site, &asked);
    let first = site.get(NAME).expect("it is got").certificate;
    drop(server);
    let _server = run(&site, &asked);
    let second = site.get(NAME).expect("it is kept").certificate;
    assert_eq!(first, second);
    assert_eq!(site.pebble.orders(), 1);
    assert_eq!(asked.targets().len(), 2);
}

#[test]
fn a_certificate_is_renewed_while_it_is_used() {
    const VALIDITY: Duration = Duration::from_secs(20);
    let asked = Asked::start();
    let site = Site::with(|mut knobs| {
        knobs.validity = VALIDITY;
        knobs
    });
    let server = run(&site, &asked);
    let (start, mut seen) = (Instant::now(), HashSet::new());
    while seen.len() < 2 {
        let shown = site.get(NAME);
        let shown = shown.unwrap_or_else(|error| panic!("{error}\n{}", server.log()));
        seen.insert(shown.certificate);
        assert!(start.elapsed() < VALIDITY * 2, "{}", server.log());
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(site.pebble.issued(), 2);
}

#[test]
fn our_own_authority_signs_on_demand_without_being_asked() {
    let launch = Launch::new(free_port(), free_port());
    let (http, https) = (launch.http, launch.https);
    let options =
        format!("admin off\n\tskip_install_trust\n\thttp_port {http}\n\thttps_port {https}");
    let site = "tls internal {\n\t\ton_demand\n\t}\n\trespond hello";
    let server = launch.run(&format!("{{\n\t{options}\n}}\nhttps:// {{\n\t{site}\n}}\n"));
    wait_until_it_listens(&launch, &server);
    let client = Client::new(&server.root(), &[]);
    for name in [NAME, OTHER, "localhost"] {
        let shown = client.get(https, name, "/");
        let shown = shown.unwrap_or_else(|error| panic!("{name}: {error}\n{}", server.log()));
        assert_eq!((shown.status, shown.body.as_str()), (200, "hello"));
    }
}
