//! What guards a server: who asks too often waits, over every protocol and every config, and it can be counted.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::curl::{Answer, plain_at, try_curl};

use crate::server::{PATIENCE, Server, free_port, is_real_caddy};

const HOST: &str = "localhost";
const LIMIT: &str = "\trate_limit {
\t\tzone clients {
\t\t\tkey {remote_host}
\t\t\twindow 1h
\t\t\tevents 3
\t\t}
\t\tlog_key
\t}
";

/// A server with a limit of three in an hour for each client, behind both of its ports.
struct Guarded {
    server: Server,
    admin: u16,
}

impl Guarded {
    fn start() -> Self {
        let (admin, http, https) = (free_port(), free_port(), free_port());
        let config = config(admin, http, https, "before");
        let server = Server::start_as_it_stands(&config, http, https);
        Self { server, admin }
    }

    fn plain(&self) -> Answer {
        plain_at(self.server.http, HOST, "/", &[])
    }

    fn over(&self, version: &str) -> Answer {
        let at: (u16, &Path) = (self.server.https, &self.server.root());
        try_curl(at, HOST, "/", &[version]).expect("an answer over TLS")
    }

    fn load(&self, config: &str) -> u16 {
        let kind = [
            "-H",
            "Content-Type: text/caddyfile",
            "--data-binary",
            config,
        ];
        plain_at(self.admin, HOST, "/load", &kind).status
    }

    fn metrics(&self) -> String {
        plain_at(self.admin, HOST, "/metrics", &[]).body
    }
}

fn config(admin: u16, http: u16, https: u16, body: &str) -> String {
    let limit = if is_real_caddy() { "" } else { LIMIT };
    format!(
        "{{
	admin localhost:{admin}
	http_port {http}
	https_port {https}
	local_certs
	skip_install_trust
	metrics
}}
(limited) {{
{limit}	respond {body}
	handle_errors {{
		respond \"{{http.rate_limit.exceeded.name}} {{err.status_code}}\"
	}}
}}
http://localhost {{
	import limited
}}
https://localhost {{
	import limited
}}
"
    )
}

#[test]
fn a_limit_holds_for_all_protocols_and_workers_and_is_kept_by_another_config() {
    if is_real_caddy() {
        println!("not run: the real Caddy has no `rate_limit`");
        return;
    }
    let guarded = Guarded::start();
    for answer in [
        guarded.plain(),
        guarded.over("--http1.1"),
        guarded.over("--http2"),
    ] {
        assert_eq!((answer.status, &*answer.body), (200, "before"));
    }
    let (admin, http, https) = (guarded.admin, guarded.server.http, guarded.server.https);
    assert_eq!(guarded.load(&config(admin, http, https, "after")), 200);
    for answer in [
        guarded.over("--http2"),
        guarded.over("--http1.1"),
        guarded.plain(),
    ] {
        assert_eq!((answer.status, &*answer.body), (429, "clients 429"));
        let wait = answer.field("retry-after").expect("it says when");
        let wait: u32 = wait.parse().expect("a number of seconds");
        assert!((3000..=3600).contains(&wait), "{wait}");
    }
    let log = guarded.server.log();
    let line = log
        .lines()
        .find(|line| line.contains("rate limit exceeded"));
    let line = line.expect("who has to wait is written down");
    for part in [
        "\"logger\":\"http.handlers.rate_limit\"",
        "\"level\":\"info\"",
        "\"zone\":\"clients\"",
        "\"remote_ip\":\"127.0.0.1\"",
        "\"key\":\"127.0.0.1\"",
        "\"wait\":3",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn requests_and_loads_are_counted_for_prometheus() {
    let guarded = Guarded::start();
    assert_eq!(guarded.plain().status, 200);
    assert_eq!(guarded.over("--http2").status, 200);
    let metrics = guarded.metrics();
    let counted = metrics
        .lines()
        .filter(|line| line.starts_with("caddy_http_requests_total{") && line.ends_with("\"} 1"));
    assert_eq!(counted.count(), 2, "{metrics}");
    let is_good = |good| format!("\ncaddy_config_last_reload_successful {good}\n");
    assert!(metrics.contains(&is_good(1)), "{metrics}");

    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = taken.local_addr().expect("it has an address").port();
    let good = config(
        guarded.admin,
        guarded.server.http,
        guarded.server.https,
        "after",
    );
    let bad = format!("{good}http://localhost:{port} {{\n\trespond taken\n}}\n");
    assert_eq!(guarded.load(&bad), 400);
    assert!(guarded.metrics().contains(&is_good(0)));
    assert_eq!(guarded.load(&good), 200);
    assert!(guarded.metrics().contains(&is_good(1)));
}

#[test]
fn a_server_that_is_to_stop_goes_on_for_its_delay_and_says_so() {
    let (http, https) = (free_port(), free_port());
    let config = format!(
        "{{
	admin off
	http_port {http}
	https_port {https}
	skip_install_trust
	local_certs
	shutdown_delay 3s
}}
http://localhost, https://localhost {{
	respond \"{{http.shutting_down}} {{http.time_until_shutdown}}\"
}}
"
    );
    let mut server = Server::start_as_it_stands(&config, http, https);
    assert_eq!(plain_at(http, HOST, "/", &[]).body, "false ");
    let told = Instant::now();
    server.signal(Signal::TERM);
    while plain_at(http, HOST, "/", &[]).body == "false " {
        assert!(told.elapsed() < PATIENCE, "{}", server.log());
    }
    let body = plain_at(http, HOST, "/", &[]).body;
    assert!(body.starts_with("true 2."), "{body}");
    assert!(server.exit().success());
    assert!(told.elapsed() >= Duration::from_secs(3));
    assert!(
        server.log().contains("shutdown scheduled"),
        "{}",
        server.log()
    );
}
