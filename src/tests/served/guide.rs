//! The configs of the guide to securing Ollama, as it has them.

use crate::curl::{NAME, curl, nghttp, plain, refused};
use crate::ollama::Ollama;
use crate::server::{Server, is_real_caddy};

pub(crate) const BASIC_SETUP: &str = r"ollama.example.com {
    reverse_proxy localhost:11434
}
";

pub(crate) const BASIC_AUTH: &str = r"ollama.example.com {
    basicauth {
        username $2a$14$HASH_HERE
    }
    reverse_proxy localhost:11434
}
";

pub(crate) const BEARER: &str = r#"ollama.example.com {
    @unauthorized {
        not header Authorization "Bearer YOUR_SECRET_TOKEN"
    }
    respond @unauthorized 401

    reverse_proxy localhost:11434
}
"#;

pub(crate) const TLS_INTERNAL: &str = r"ollama.internal.lan {
    tls internal
    reverse_proxy localhost:11434
}
";

pub(crate) const REQUEST_BODY: &str = r"ollama.example.com {
    request_body {
        max_size 100MB
    }
    reverse_proxy localhost:11434
}
";

/// `hunter2`, hashed with little work, so that tests are quick.
const HASH: &str = "$2a$04$6QJlVS56/qURJvA18VHl6eKL06PsxcVejeA10t3JhLc.giQpN7wZy";

/// Puts a text in the place of one that has to be there.
pub(crate) fn with(config: &str, old: &str, new: &str) -> String {
    assert!(config.contains(old), "`{old}` is not in the config");
    config.replace(old, new)
}

/// Serves a config of the guide with an upstream of our own in Ollama's place.
pub(crate) fn serve(config: &str) -> (Server, Ollama) {
    let ollama = Ollama::start();
    let upstream = format!("localhost:{}", ollama.port);
    let config = with(config, "localhost:11434", &upstream);
    let server = Server::start(&config);
    (server, ollama)
}

/// The guide's basic auth, with a hash in the place of the guide's own placeholder.
pub(crate) fn serve_basic_auth() -> (Server, Ollama) {
    serve(&with(BASIC_AUTH, "$2a$14$HASH_HERE", HASH))
}

/// What the program under test calls itself.
fn own_name() -> &'static str {
    if is_real_caddy() { "caddy" } else { "caddis" }
}

#[test]
fn the_configs_are_those_of_the_guide() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/guide/securing-ollama.md"
    );
    let Ok(guide) = std::fs::read_to_string(path) else {
        println!("not compared: the guide is not there");
        return;
    };
    let guide: String = guide
        .lines()
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect();
    for config in [BASIC_SETUP, BASIC_AUTH, BEARER, TLS_INTERNAL, REQUEST_BODY] {
        let config: String = config
            .lines()
            .map(|line| line.trim_start().to_owned() + "\n")
            .collect();
        assert!(guide.contains(&config), "not in the guide:\n{config}");
    }
}

#[test]
fn basic_auth_lets_in_only_who_knows_the_password() {
    let (server, ollama) = serve_basic_auth();
    let stranger = curl(&server, "/api/version", &[]);
    assert_eq!(stranger.status, 401);
    assert_eq!(
        stranger.field("www-authenticate"),
        Some("basic realm=\"restricted\"")
    );
    let liar = curl(&server, "/api/version", &["--user", "username:wrong"]);
    assert_eq!(liar.status, 401);
    assert!(ollama.received().is_empty());
    let user = curl(&server, "/api/version", &["--user", "username:hunter2"]);
    assert_eq!(
        (user.status, user.body.as_str()),
        (200, r#"{"version":"0.0.0"}"#)
    );
}

#[test]
fn a_bearer_token_lets_in() {
    let (server, ollama) = serve(BEARER);
    assert_eq!(curl(&server, "/api/version", &[]).status, 401);
    let near = ["--header", "Authorization: Bearer YOUR_SECRET_TOKEN2"];
    assert_eq!(curl(&server, "/api/version", &near).status, 401);
    assert!(ollama.received().is_empty());
    let right = ["--header", "Authorization: Bearer YOUR_SECRET_TOKEN"];
    assert_eq!(curl(&server, "/api/version", &right).status, 200);
}

#[test]
fn tls_internal_serves_its_name_and_no_other() {
    let config = with(TLS_INTERNAL, "ollama.internal.lan", NAME);
    let (server, _ollama) = serve(&config);
    assert_eq!(curl(&server, "/api/version", &[]).status, 200);
    let error = refused(&server, "other.example.com");
    assert!(error.contains("alert") || error.contains("TLS"), "{error}");
}

#[test]
fn clients_choose_between_http_1_1_and_2() {
    let (server, _ollama) = serve(BEARER);
    let token = "Authorization: Bearer YOUR_SECRET_TOKEN";
    for (flag, version) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")] {
        let answer = curl(&server, "/api/version", &[flag, "--header", token]);
        assert_eq!((answer.status, answer.version.as_str()), (200, version));
    }
}

#[test]
fn plain_http_is_sent_to_https() {
    let (server, _ollama) = serve(BEARER);
    let answer = plain(&server, NAME, "/api/version?a=b", &[]);
    assert_eq!(
        (answer.status, answer.field("server")),
        (308, Some(own_name()))
    );
    // The port is that of the public, not the one that a test listens on: Caddy leaves it out too.
    assert_eq!(
        answer.field("location"),
        Some("https://ollama.example.com/api/version?a=b")
    );
}

#[test]
fn a_body_within_the_limit_arrives_whole() {
    let (server, ollama) = serve(&with(REQUEST_BODY, "100MB", "10KB"));
    let body = "x".repeat(10_000);
    for framing in ["Expect:", "Transfer-Encoding: chunked"] {
        let sent = ["--http1.1", "--header", framing, "--data-binary", &body];
        assert_eq!(curl(&server, "/api/version", &sent).status, 200);
    }
    let received = ollama.received();
    assert_eq!(received.len(), 2);
    assert!(received.iter().all(|request| request.body == body));
}

#[test]
fn a_body_beyond_the_limit_is_refused_in_a_way_that_clients_can_read() {
    let (server, ollama) = serve(&with(REQUEST_BODY, "100MB", "10KB"));
    let body = "x".repeat(2_000_000);
    let file = server.folder().join("body");
    std::fs::write(&file, body).expect("the folder is ours");
    let data = format!("@{}", file.display());
    for framing in ["X-Framing: declared", "Transfer-Encoding: chunked"] {
        let sent = ["--http1.1", "--header", framing, "--data-binary", &data];
        assert_eq!(
            curl(&server, "/api/version", &sent).status,
            413,
            "{framing}"
        );
    }
    for framing in ["--verbose", "--no-content-length"] {
        let sent = [framing, "--data", &file.to_string_lossy()];
        let frames = nghttp(&server, "/api/version", &sent);
        assert!(frames.contains(":status: 413"), "{framing}:\n{frames}");
        // RFC 9113, 8.1: what a server says that has answered and does not want the rest of a request.
        let reset = frames.split("recv RST_STREAM").nth(1).unwrap_or("NO_ERROR");
        let reset = reset.lines().take(2).collect::<String>();
        assert!(reset.contains("NO_ERROR"), "{framing}:\n{frames}");
    }
    assert!(
        ollama.received().is_empty(),
        "a shortened request reached the upstream"
    );
}

#[test]
fn the_upstream_learns_who_asks() {
    let (server, ollama) = serve(BEARER);
    let forged = [
        "--header",
        "Authorization: Bearer YOUR_SECRET_TOKEN",
        "--header",
        "X-Forwarded-For: 203.0.113.7",
    ];
    let answer = curl(&server, "/api/version", &forged);
    // The upstream's `Server` would pass; ours does not take its place.
    assert_eq!(answer.field("server"), None);
    assert_eq!(
        answer.field("via"),
        Some(format!("1.1 {}", own_name()).as_str())
    );
    let received = ollama.received();
    let request = received.first().expect("it was passed on");
    assert_eq!(request.field("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(request.field("x-forwarded-proto"), Some("https"));
    let host = format!("{NAME}:{}", server.https);
    assert_eq!(request.field("x-forwarded-host"), Some(host.as_str()));
    assert_eq!(request.field("host"), Some(host.as_str()));
}
