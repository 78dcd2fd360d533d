//! What comes in pieces: tokens as they are made, and `WebSockets`.

use crate::answers::TOKENS;
use crate::curl::{NAME, Stream, curl};
use crate::guide::{BASIC_SETUP, BEARER, serve, serve_basic_auth, with};
use crate::ollama::Ollama;
use crate::python::Script;
use crate::server::Server;

const GENERATE: [&str; 4] = [
    "--data",
    r#"{"model":"tiny","prompt":"hi"}"#,
    "--user",
    "username:hunter2",
];

#[test]
fn each_token_arrives_before_the_next_is_made() {
    for version in ["--http1.1", "--http2"] {
        let (server, ollama) = serve_basic_auth();
        let mut stream = Stream::open(
            &server,
            "/api/generate",
            &[&GENERATE[..], &[version]].concat(),
        );
        for token in TOKENS {
            ollama.make_a_token();
            let line = stream.line();
            assert!(
                line.contains(&format!(r#""response":"{token}""#)),
                "{version}: {line}"
            );
        }
        ollama.make_a_token();
        let (rest, complete) = stream.finish();
        assert!(
            rest.contains(r#""done":true"#) && complete,
            "{version}: {rest}"
        );
    }
}

#[test]
fn each_token_arrives_before_the_next_is_made_though_they_are_packed() {
    for packer in ["gzip", "zstd"] {
        let encode = format!(
            "encode {packer} {{\n match header Content-Type application/*\n minimum_length 1\n}}\n"
        );
        let proxy = format!("{encode}reverse_proxy");
        let (server, ollama) = serve(&with(BASIC_SETUP, "reverse_proxy", &proxy));
        let accept = format!("Accept-Encoding: {packer}");
        let body = ["--data", r#"{"stream":false}"#, "--header", &accept];
        let whole = curl(&server, "/api/generate", &body);
        assert_eq!(whole.field("content-encoding"), Some(packer));
        let arguments = [&GENERATE[..2], &["--compressed", "--header", &accept]].concat();
        let mut stream = Stream::open(&server, "/api/generate", &arguments);
        for token in TOKENS {
            ollama.make_a_token();
            let line = stream.line();
            assert!(line.contains(token), "{packer}: {line}");
        }
        ollama.make_a_token();
        let (rest, complete) = stream.finish();
        assert!(
            rest.contains(r#""done":true"#) && complete,
            "{packer}: {rest}"
        );
    }
}

#[test]
fn a_client_that_goes_away_ends_the_request_upstream() {
    for version in ["--http1.1", "--http2"] {
        let (server, ollama) = serve_basic_auth();
        let mut stream = Stream::open(
            &server,
            "/api/generate",
            &[&GENERATE[..], &[version]].concat(),
        );
        ollama.make_a_token();
        stream.line();
        drop(stream);
        assert!(ollama.wait_until_the_client_is_gone(), "{version}");
    }
}

#[test]
fn an_upstream_that_breaks_off_is_seen_to_break_off() {
    for version in ["--http1.1", "--http2"] {
        let (server, ollama) = serve_basic_auth();
        let mut stream = Stream::open(
            &server,
            "/api/generate",
            &[&GENERATE[..], &[version]].concat(),
        );
        ollama.make_a_token();
        stream.line();
        ollama.break_off();
        let (_, complete) = stream.finish();
        assert!(!complete, "{version}: a broken stream looks complete");
    }
}

#[test]
fn a_websocket_passes() {
    let mut echo = Script::start("websocket_echo", &[]);
    let port = echo.line();
    let config = with(BEARER, "localhost:11434", &format!("localhost:{port}"));
    let server = Server::start(&config);
    let url = format!("wss://{NAME}:{}/socket", server.https);
    let root = server.root();
    let root = root.to_string_lossy();
    let mut client = Script::start("websocket_client", &[&url, &root, "YOUR_SECRET_TOKEN"]);
    assert_eq!(
        client.rest(),
        "refused with 401\nechoed: one\nechoed: two\nclosed with 1000\n"
    );
}

#[test]
fn the_python_client_of_ollama_streams_with_a_password_and_with_a_token() {
    let basic = serve_basic_auth();
    let bearer = serve(BEARER);
    let header = ["Basic dXNlcm5hbWU6aHVudGVyMg==", "Bearer YOUR_SECRET_TOKEN"];
    for ((server, ollama), header) in [basic, bearer].iter().zip(header) {
        let mut client = client("ollama_client", server, header);
        assert_eq!(client.line(), "refused with 401");
        assert_eq!(client.line(), "models: tiny");
        tokens_arrive_one_by_one(ollama, &mut client);
    }
}

#[test]
fn the_python_client_of_openai_streams_with_an_api_key() {
    let (server, ollama) = serve(BEARER);
    let mut client = client("openai_client", &server, "YOUR_SECRET_TOKEN");
    assert_eq!(client.line(), "refused with 401");
    assert_eq!(client.line(), "models: tiny");
    tokens_arrive_one_by_one(&ollama, &mut client);
}

fn client(script: &str, server: &Server, secret: &str) -> Script {
    let url = format!("https://{NAME}:{}", server.https);
    Script::start(script, &[&url, &server.root().to_string_lossy(), secret])
}

fn tokens_arrive_one_by_one(ollama: &Ollama, client: &mut Script) {
    for token in TOKENS {
        ollama.make_a_token();
        assert_eq!(client.line(), format!("token: {token}"));
    }
    ollama.make_a_token();
    assert_eq!(client.rest(), "done\n");
}
