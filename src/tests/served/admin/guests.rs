//! Who may ask the admin endpoint, and what the log is told of them.

use super::managed::{Managed, exchange};
use crate::server::is_real_caddy;

/// Requests, and the status of their answers; `{P}` is the port.
const GUESTS: &[(&str, u16)] = &[
    ("GET /config/ HTTP/1.1\nHost: localhost:{P}", 200),
    ("GET /config/ HTTP/1.1\nHost: 127.0.0.1:{P}", 200),
    ("GET /config/ HTTP/1.1\nHost: [::1]:{P}", 200),
    ("GET /config/ HTTP/1.0\nHost: localhost:{P}", 200),
    (
        "GET http://localhost:{P}/config/ HTTP/1.1\nHost: evil.test",
        200,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nOrigin: http://localhost:{P}",
        200,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nSec-Fetch-Mode: cors\nOrigin: http://127.0.0.1:{P}",
        200,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nReferer: http://evil.test/",
        200,
    ),
    ("GET /config/ HTTP/1.1\nHost: LOCALHOST:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: localhost.:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: localhost", 403),
    ("GET /config/ HTTP/1.1\nHost: localhost:80", 403),
    ("GET /config/ HTTP/1.1\nHost: localhost:0{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: 127.1:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: 2130706433:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: [0:0:0:0:0:0:0:1]:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: [::ffff:127.0.0.1]:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: evil.test:{P}", 403),
    ("GET /config/ HTTP/1.1\nHost: localhost:{P}.evil.test", 403),
    (
        "GET /config/ HTTP/1.1\nHost: evil.test\nX-Forwarded-Host: localhost:{P}",
        403,
    ),
    (
        "GET http://evil.test:{P}/config/ HTTP/1.1\nHost: localhost:{P}",
        403,
    ),
    ("GET /config/ HTTP/1.0", 403),
    ("GET /config/ HTTP/1.1", 400),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nHost: evil.test",
        400,
    ),
    ("GET /config/ HTTP/1.1\nHost: user@localhost:{P}", 400),
    ("GET /config/ HTTP/1.1\nHost: localhost:{P}/x", 400),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nOrigin: http://evil.test",
        403,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nOrigin: http://localhost:{P}.evil.test",
        403,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nOrigin: null",
        400,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nSec-Fetch-Mode: no-cors",
        400,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nSec-Fetch-Mode: navigate",
        403,
    ),
    (
        "GET /config/ HTTP/1.1\nHost: localhost:{P}\nUpgrade: websocket",
        400,
    ),
    (
        "POST /load HTTP/1.1\nHost: localhost:{P}\nOrigin: http://evil.test\nContent-Type: text/plain\n\n{}",
        403,
    ),
    (
        "POST /load HTTP/1.1\nHost: evil.test:{P}\nContent-Type: application/json\n\n{}",
        403,
    ),
    (
        "POST /load HTTP/1.1\nHost: localhost:{P}\nSec-Fetch-Mode: no-cors\n\n{}",
        400,
    ),
    (
        "POST /load HTTP/1.1\nHost: localhost:{P}\nContent-Type: text/plain\n\n{}",
        400,
    ),
    (
        "POST /stop HTTP/1.1\nHost: localhost:{P}\nOrigin: http://evil.test",
        403,
    ),
    (
        "OPTIONS /load HTTP/1.1\nHost: localhost:{P}\nOrigin: http://evil.test",
        403,
    ),
    (
        "OPTIONS /load HTTP/1.1\nHost: localhost:{P}\nOrigin: http://localhost:{P}",
        405,
    ),
    ("GET /load HTTP/1.1\nHost: localhost:{P}", 405),
    ("GET /nope HTTP/1.1\nHost: localhost:{P}", 404),
    ("GET /config HTTP/1.1\nHost: localhost:{P}", 301),
    ("GET //load HTTP/1.1\nHost: localhost:{P}", 301),
];

#[test]
fn only_this_machine_may_ask_and_no_foreign_page() {
    let managed = Managed::start();
    for (request, status) in GUESTS {
        assert_eq!(managed.send(request).status, *status, "{request}");
    }
    assert_eq!(managed.word(), "hello");
}

#[test]
fn clients_that_are_slow_or_send_too_much_are_let_go() {
    let managed = Managed::start();
    assert_eq!(
        exchange(managed.admin, b"GET /config/ HTTP/1.1\r\nHost: ").status,
        0
    );
    let long = format!(
        "GET /config/ HTTP/1.1\nHost: localhost:{{P}}\nX: {}",
        "a".repeat(80_000)
    );
    let refused = managed.send(&long).status;
    assert!(refused == 431 || refused == 400, "{refused}");
    let pipelined = format!(
        "GET /config/admin HTTP/1.1\r\nHost: localhost:{0}\r\n\r\nGET /config/admin HTTP/1.1\r\nHost: localhost:{0}\r\nConnection: close\r\n\r\n",
        managed.admin
    );
    let answer = exchange(managed.admin, pipelined.as_bytes());
    assert_eq!(answer.body.matches("HTTP/1.1 200 OK").count(), 1);
    let body = "a".repeat(101 << 20);
    let huge = format!(
        "POST /config/x HTTP/1.1\nHost: localhost:{{P}}\nContent-Type: application/json\n\n{body}"
    );
    assert_eq!(managed.send(&huge).status, 400);
    assert_eq!(managed.word(), "hello");
}

#[test]
fn what_is_asked_is_in_the_log_without_secrets() {
    let managed = Managed::start();
    managed
        .send("GET /config/ HTTP/1.1\nHost: evil.test\nAuthorization: Bearer hunter2\nX-Foo: bar");
    let log = managed.log_with("request error");
    let entry = log
        .lines()
        .find(|line| line.contains("received request"))
        .expect("it is logged");
    for part in [
        r#""logger":"admin.api""#,
        r#""method":"GET","host":"evil.test","uri":"/config/","remote_ip":"127.0.0.1","remote_port":""#,
        r#""X-Foo":["bar"]"#,
        r#""Authorization":["REDACTED"]"#,
    ] {
        assert!(entry.contains(part), "{part}: {entry}");
    }
    assert!(!log.contains("hunter2"));
    let refused = log.lines().find(|line| line.contains("request error"));
    assert!(
        refused.is_some_and(|line| line.ends_with(r#""status_code":403}"#)),
        "{log}"
    );
    let started = log
        .lines()
        .find(|line| line.contains("admin endpoint started"));
    let address = format!(
        r#""address":"localhost:{}","enforce_origin":false,"origins":["#,
        managed.admin
    );
    assert!(started.is_some_and(|line| line.contains(&address)), "{log}");
    if !is_real_caddy() {
        assert!(log.contains(&format!(r#""//127.0.0.1:{}""#, managed.admin)));
    }
}
