//! Which admin endpoint is asked, and what is asked of it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::thread;

use caddis_ir::Admin;

use super::*;

fn endpoint(address: Option<&str>, listen: &str, variable: &str) -> String {
    let config = Config {
        admin: Some(Admin {
            listen: listen.into(),
            ..Admin::default()
        }),
        ..Config::default()
    };
    let variables = Variables::of(&[("CADDY_ADMIN", variable)]);
    Endpoint::of(address, Some(&config), &variables)
        .unwrap()
        .text
}

fn place(text: &str) -> Result<Place, String> {
    Endpoint::parse(text, "it")
        .map(|endpoint| endpoint.place)
        .map_err(|failure| failure.text())
}

/// Takes one request, answers, and gives back what came.
fn answer_once(
    mut stream: impl Read + Write + Send + 'static,
    answer: &'static str,
) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut came = Vec::new();
        while !came.ends_with(b"{}") {
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).unwrap();
            assert!(count > 0, "the request ends early");
            came.extend_from_slice(&bytes[..count]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(came).unwrap().to_lowercase()
    })
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn the_flag_counts_before_the_config_and_the_config_before_the_environment() {
    assert_eq!(endpoint(Some("a:1"), "b:2", "c:3"), "a:1");
    assert_eq!(endpoint(None, "b:2", "c:3"), "b:2");
    assert_eq!(endpoint(Some(""), "", "c:3"), "c:3");
    assert_eq!(endpoint(None, "", ""), "localhost:2019");
}

#[test]
fn addresses_are_those_that_a_server_listens_on() {
    let tcp = |host: &str, port| {
        Ok(Place::Tcp {
            host: host.into(),
            port,
        })
    };
    assert_eq!(place("127.0.0.1:2019"), tcp("127.0.0.1", 2019));
    assert_eq!(place("tcp/[::1]:2019"), tcp("::1", 2019));
    assert_eq!(place(":2019"), tcp("localhost", 2019));
    assert_eq!(place("unix//a|0220"), Ok(Place::Unix("/a".into())));
}

#[test]
fn an_address_that_cannot_be_asked_says_why() {
    for (text, why) in [
        ("localhost", "no port"),
        ("localhost:1-2", "more than one port"),
        ("http://localhost:2019", "not a network"),
        ("fd/3", "not supported"),
    ] {
        let message = place(text).unwrap_err();
        assert!(message.contains(why) && message.contains(text), "{message}");
    }
}

#[test]
fn a_request_says_host_and_origin() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || answer_once(listener.accept().unwrap().0, OK).join());
    let endpoint = Endpoint::parse(&address, "it").unwrap();
    let headers = [("Content-Type", "application/json")];
    let answer = endpoint.ask(Method::POST, "/load", &headers, "{}".into());
    assert!(answer.unwrap().is_success());
    let came = serving.join().unwrap().unwrap();
    for line in [
        "post /load http/1.1\r\n".to_owned(),
        format!("host: {address}\r\n"),
        format!("origin: http://{address}\r\n"),
        "content-type: application/json\r\n".to_owned(),
    ] {
        assert!(came.contains(&line), "{line:?} is not in {came:?}");
    }
}

#[test]
fn a_unix_socket_is_asked_without_an_origin() {
    let name = format!("caddis-admin-{}", std::process::id());
    let listener =
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let serving = thread::spawn(move || answer_once(listener.accept().unwrap().0, OK).join());
    let endpoint = Endpoint::parse(&format!("unix/@{name}"), "it").unwrap();
    let answer = endpoint.ask(Method::POST, "/stop", &[], "{}".into());
    assert!(answer.unwrap().is_success());
    let came = serving.join().unwrap().unwrap();
    assert!(came.contains("host: 127.0.0.1\r\n"), "{came:?}");
    assert!(!came.contains("origin"), "{came:?}");
}

#[test]
fn an_endpoint_that_is_not_there_is_named() {
    let message = Endpoint::parse("unix//nowhere/at-all", "it")
        .unwrap()
        .ask(Method::POST, "/stop", &[], String::new())
        .unwrap_err()
        .text();
    assert!(message.contains("unix//nowhere/at-all"), "{message}");
    assert!(message.contains("--address"), "{message}");
}

#[test]
fn an_answer_that_never_ends_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", MOST * 2);
        let mut sent = stream.write_all(head.as_bytes());
        while sent.is_ok() {
            sent = stream.write_all(&[b'a'; 1 << 13]);
        }
    });
    let endpoint = Endpoint::parse(&address, "it").unwrap();
    assert!(endpoint.ask(Method::GET, "/", &[], String::new()).is_err());
    serving.join().unwrap();
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_server() {
    let endpoint = Endpoint::parse("a:1", "it").unwrap();
    let text = Answer::of(400, r#"{"error":"no such thing"}"#).refusal(&endpoint);
    assert_eq!(
        text.text(),
        "the server at `a:1` answers 400: no such thing"
    );
    let text = Answer::of(403, "no").refusal(&endpoint).text();
    assert!(text.contains("origins"), "{text}");
}
