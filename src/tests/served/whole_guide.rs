//! The guide to securing Ollama from its first section to its last, with the commands that it gives.

use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::background::{Background, Ports};
use crate::curl::{Answer, NAME, plain_at, try_curl};
use crate::guide::{BASIC_AUTH, BASIC_SETUP, BEARER, REQUEST_BODY, TLS_INTERNAL, with};
use crate::ollama::Ollama;
use crate::pebble::{Knobs, Pebble};
use crate::server::PATIENCE;

const PASSWORD: &str = "hunter2";
const INTERNAL: &str = "ollama.internal.lan";
const PAUSE: Duration = Duration::from_millis(20);

/// Everything that the reader of the guide has.
struct Reader {
    ports: Ports,
    pebble: Pebble,
    ollama: Ollama,
    server: Background,
}

#[test]
fn the_guide_is_followed_on_the_usual_ports_where_they_may_be_had() {
    let ports = Ports::public();
    println!("on ports {} and {}", ports.http, ports.https);
    follow(ports);
}

#[test]
fn the_guide_is_followed_on_other_ports() {
    follow(Ports::others());
}

fn follow(ports: Ports) {
    let mut reader = Reader::new(ports);
    reader.basic_setup();
    reader.basic_auth();
    reader.bearer();
    reader.request_body();
    reader.tls_internal();
    assert_eq!(reader.pebble.orders(), 1, "a reload placed another order");
    reader.stop();
}

impl Reader {
    fn new(ports: Ports) -> Self {
        Self {
            pebble: Pebble::start(Knobs::asking(ports.http, ports.https)),
            ollama: Ollama::start(),
            server: Background::new(&ports),
            ports,
        }
    }

    /// A config of the guide, with our CA and our Ollama in the place of the public's and the reader's.
    fn config(&self, config: &str) -> String {
        let upstream = format!("localhost:{}", self.ollama.port);
        let config = with(config, "localhost:11434", &upstream);
        let (ports, ca) = (self.ports.options(), self.pebble.options());
        // Caddy would put the root of `tls internal` into the trust store of the machine that runs the tests.
        format!("{{\n\tskip_install_trust\n{ports}{ca}}}\n{config}")
    }

    fn basic_setup(&mut self) {
        let config = self.config(BASIC_SETUP);
        let file = self.server.write(&config);
        let validate = ["validate", "--config", &file.to_string_lossy()];
        let valid = self.server.command(&validate, "").well();
        assert_eq!(valid, "Valid configuration\n");
        let started = self.server.start(&config).well();
        assert!(started.contains("pid="), "{started}");
        assert_eq!(self.wait_for(NAME, &self.pebble.root()).status, 200);
        let redirect = plain_at(self.ports.http, NAME, "/api/version", &[]);
        assert_eq!(redirect.status, 308);
        let https = format!("https://{NAME}/api/version");
        assert_eq!(redirect.field("location"), Some(https.as_str()));
    }

    fn basic_auth(&self) {
        let typed = format!("{PASSWORD}\n");
        let hash = self.server.command(&["hash-password"], &typed).well();
        let hash = hash.trim();
        assert!(hash.starts_with("$2a$14$") && hash.len() == 60, "{hash}");
        self.reload(&with(BASIC_AUTH, "$2a$14$HASH_HERE", hash));
        assert_eq!(self.get(&[]).status, 401);
        assert_eq!(self.get(&["--user", "username:wrong"]).status, 401);
        let user = format!("username:{PASSWORD}");
        assert_eq!(self.get(&["--user", &user]).status, 200);
    }

    fn bearer(&self) {
        let token = "3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed";
        self.reload(&with(BEARER, "YOUR_SECRET_TOKEN", token));
        assert_eq!(self.get(&[]).status, 401);
        let header = format!("Authorization: Bearer {token}");
        assert_eq!(self.get(&["--header", &header]).status, 200);
    }

    fn request_body(&self) {
        let body = "x".repeat(20_000);
        self.reload(REQUEST_BODY);
        assert_eq!(self.get(&["--data", &body]).status, 200);
        self.reload(&with(REQUEST_BODY, "100MB", "10KB"));
        assert_eq!(self.get(&["--http1.1", "--data", &body]).status, 413);
        // What does not load leaves the limit where it is.
        let broken = self.config(&with(REQUEST_BODY, "100MB", "much"));
        assert_eq!(self.server.reload(&broken).code, Some(1));
        assert_eq!(self.get(&["--http1.1", "--data", &body]).status, 413);
    }

    fn tls_internal(&self) {
        self.reload(TLS_INTERNAL);
        let root = self.server.launch.data();
        let root = root.join("pki/authorities/local/root.crt");
        assert_eq!(self.wait_for(INTERNAL, &root).status, 200);
        let gone = try_curl((self.ports.https, &self.pebble.root()), NAME, "/", &[]);
        assert!(gone.is_err(), "{gone:?}");
    }

    fn stop(&mut self) {
        self.server.command(&["stop"], "").well();
        self.server.wait_for_the_end();
        for port in [self.ports.http, self.ports.https] {
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{port}");
        }
        let nobody = self.server.command(&["stop"], "");
        assert_eq!(nobody.code, Some(1), "{nobody:?}");
    }

    fn reload(&self, config: &str) {
        self.server.reload(&self.config(config)).well();
    }

    /// Asks Ollama for its version.
    fn get(&self, arguments: &[&str]) -> Answer {
        let at: (u16, &Path) = (self.ports.https, &self.pebble.root());
        try_curl(at, NAME, "/api/version", arguments).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Asks a host until it has its certificate.
    fn wait_for(&self, name: &str, root: &Path) -> Answer {
        let start = Instant::now();
        loop {
            match try_curl((self.ports.https, root), name, "/api/version", &[]) {
                Ok(answer) => return answer,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{name}: {error}"),
            }
            thread::sleep(PAUSE);
        }
    }
}
