//! Programs that are asked over `FastCGI`, and what they do wrong.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::{Peer, World, proxy};

const GET: &str = "GET /a.php/b HTTP/1.1\r\nHost: a\r\n\r\n";
const TRANSPORT: &str =
    r#""transport":{"protocol":"fastcgi","root":"/srv","split_path":[".php"],"read_timeout":"5s"}"#;

const END: &[u8] = b"\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0";

fn record(kind: u8, content: &str) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut record = vec![1, kind, 0, 1, length[0], length[1], 0, 0];
    record.extend(content.as_bytes());
    record
}

fn out(text: &str) -> Vec<u8> {
    record(6, text)
}

/// Reads a request to its end.
async fn read_request(program: &mut Peer) -> Vec<u8> {
    let mut read = Vec::new();
    while !read.ends_with(b"\x01\x05\0\x01\0\0\0\0") {
        assert_ne!(program.stream.read_buf(&mut read).await.unwrap(), 0);
    }
    read
}

async fn says(program: &mut Peer, parts: &[&[u8]]) {
    program.stream.write_all(&parts.concat()).await.unwrap();
}

/// Asks, and has the program answer this.
async fn answered(parts: &[&[u8]]) -> (World, Peer, Peer) {
    let mut world = proxy(TRANSPORT);
    let mut client = world.client();
    client.says(GET).await;
    let mut program = world.upstream().await;
    read_request(&mut program).await;
    says(&mut program, parts).await;
    (world, client, program)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_all_there_has_a_length() {
    let parts = [&out("Status: 404 Nope\r\n\r\nhe")[..], &out("llo"), END];
    let (_world, mut client, _program) = answered(&parts).await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    assert_eq!(client.sized_body(&head).await, "hello");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_its_end_is_broken_off() {
    let (_world, mut client, program) = answered(&[&out("A: b\r\n\r\nhello")]).await;
    let head = client.head().await;
    drop(program);
    assert!(head.contains("Transfer-Encoding: chunked"), "{head}");
    client.hears("5\nhello\n").await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_is_a_bad_gateway() {
    let refused = b"\x01\x03\0\x01\0\x08\0\0\0\0\0\0\x02\0\0\0";
    for said in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &out("no header at all\r\n\r\n"),
        &[&record(7, "a complaint")[..], END].concat(),
        &out("A: b\r\n"),
        refused,
    ] {
        let (_world, mut client, program) = answered(&[said]).await;
        drop(program);
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 502 "), "{said:?}: {head}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_that_says_nothing_has_its_time() {
    let mut world = proxy(TRANSPORT);
    let mut client = world.client();
    client.says(GET).await;
    let _program = world.upstream().await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 504 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_come_before_the_body_has_been_read() {
    let mut world = proxy(TRANSPORT);
    let mut client = world.client();
    client
        .says("POST /a.php HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome")
        .await;
    let mut program = world.upstream().await;
    says(&mut program, &[&out("A: b\r\n\r\ndone"), END]).await;
    let head = client.head().await;
    assert_eq!(client.sized_body(&head).await, "done");
}

#[tokio::test(start_paused = true)]
async fn a_body_without_a_length_is_held_up_to_a_limit() {
    let mut world = proxy(TRANSPORT);
    let mut client = world.client();
    client
        .says("POST /a.php HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        .await;
    let mut program = world.upstream().await;
    let request = read_request(&mut program).await;
    let holds = |text: &[u8]| request.windows(text.len()).any(|part| part == text);
    assert!(holds(b"\x0e\x01CONTENT_LENGTH3") && holds(b"\x01\x05\0\x01\0\x03\0\0abc"));
    says(&mut program, &[&out("A: b\r\n\r\n"), END]).await;
    client.head().await;
    client
        .says("POST /a.php HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800001\r\n")
        .await;
    client.says(&"x".repeat(0x80_0001)).await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn clients_cannot_set_variables_that_programs_trust() {
    let mut world = proxy(TRANSPORT);
    let mut client = world.client();
    client
        .says("GET /a.php HTTP/1.1\r\nHost: a\r\nProxy: http://evil\r\nScript-Filename: /etc/passwd\r\n\r\n")
        .await;
    let request = read_request(&mut world.upstream().await).await;
    let holds = |text: &[u8]| request.windows(text.len()).any(|part| part == text);
    assert!(!holds(b"HTTP_PROXY"));
    assert!(holds(b"SCRIPT_FILENAME/srv/a.php") && holds(b"HTTP_SCRIPT_FILENAME/etc/passwd"));
}
