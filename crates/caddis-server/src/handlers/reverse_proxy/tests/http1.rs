//! HTTP/1.1 towards upstreams: what they may say when, and what becomes of their connections.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::{Peer, World, proxy};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// More than all pipes and buffers on a way hold together.
const LONG: usize = 1 << 20;

async fn answered_with(world: &mut World, answer: &str) -> (Peer, Peer) {
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.says(answer).await;
    (client, upstream)
}

async fn is_asked_afresh(world: &mut World, client: &mut Peer) {
    client.says(GET).await;
    let mut fresh = world.upstream().await;
    fresh.head().await;
    fresh.says(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    client.hears("ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_head_may_come_byte_by_byte_and_behind_others() {
    let mut world = proxy("");
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    let (mut client, mut upstream) = answered_with(&mut world, "").await;
    for byte in format!("{hints}{OK}").chars() {
        upstream.says(&byte.to_string()).await;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    client
        .hears("HTTP/1.1 200 OK\nContent-Length: 2\nVia: 1.1 caddis\n\nok")
        .await;
    client.says(GET).await;
    assert!(upstream.head().await.starts_with("GET / "));
}

#[tokio::test(start_paused = true)]
async fn what_comes_behind_an_answer_belongs_to_no_request() {
    for framing in [
        "Content-Length: 2\r\n\r\nok",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        let mut world = proxy("");
        let answer = format!("HTTP/1.1 200 OK\r\n{framing}HTTP/1.1 200 Forged\r\n\r\n");
        let (mut client, mut upstream) = answered_with(&mut world, &answer).await;
        client.head().await;
        upstream.hears_the_end().await;
        let mut other = world.client();
        is_asked_afresh(&mut world, &mut other).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_speaks_unasked_is_closed() {
    let mut world = proxy("");
    let (mut client, mut upstream) = answered_with(&mut world, OK).await;
    client.head().await;
    client.hears("ok").await;
    upstream
        .says("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n")
        .await;
    is_asked_afresh(&mut world, &mut client).await;
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_an_upstream_closes_while_it_waits_does_not_stay_open() {
    let mut world = proxy("");
    let (mut client, mut upstream) = answered_with(&mut world, OK).await;
    client.head().await;
    client.hears("ok").await;
    upstream.stream.shutdown().await.unwrap();
    let since = tokio::time::Instant::now();
    upstream.hears_the_end().await;
    assert!(since.elapsed() < std::time::Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn heads_that_could_be_read_in_two_ways_are_a_bad_gateway() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\n Folded: 1\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
    ] {
        let mut world = proxy("");
        let (mut client, mut upstream) = answered_with(&mut world, head).await;
        let answer = client.head().await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{head}: {answer}");
        upstream.hears_the_end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn chunks_that_are_malformed_cut_an_answer_off() {
    for chunk in ["x\r\n", "2\r\nokay\r\n", "2\nok\n", "fffffffffffffffff\r\n"] {
        let mut world = proxy("");
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
        let (mut client, mut upstream) = answered_with(&mut world, &answer).await;
        let mut heard = Vec::new();
        client.stream.read_to_end(&mut heard).await.unwrap();
        assert!(!heard.ends_with(b"0\r\n\r\n"), "{chunk}");
        upstream.hears_the_end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_goes_up_even_while_nobody_reads_the_answer() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says(&format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LONG}\r\n\r\n"
        ))
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream
        .says(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"
        ))
        .await;
    let (mut from_proxy, mut to_client) = tokio::io::split(upstream.stream);
    let answering = tokio::spawn(async move {
        to_client.write_all(&vec![b'd'; LONG]).await.unwrap();
        to_client
    });
    let reading = tokio::spawn(async move {
        let mut body = vec![0; LONG];
        from_proxy.read_exact(&mut body).await.unwrap();
        body
    });
    client.says(&"u".repeat(LONG)).await;
    assert!(reading.await.unwrap().iter().all(|byte| *byte == b'u'));
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    client.hears(&"d".repeat(LONG)).await;
    answering.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn long_bodies_are_the_same_on_both_sides_in_either_framing() {
    let text: String = (0..LONG / 8).map(|number| format!("{number:08}")).collect();
    let chunked = |text: &str| {
        let chunks = text.as_bytes().chunks(9999);
        let chunks = chunks.map(|chunk| {
            format!(
                "{:x}\r\n{}\r\n",
                chunk.len(),
                String::from_utf8_lossy(chunk)
            )
        });
        format!("{}0\r\n\r\n", chunks.collect::<String>())
    };
    let sized = format!("Content-Length: {LONG}\r\n\r\n{text}");
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{}", chunked(&text));
    for body in [&sized, &chunked] {
        let mut world = proxy("");
        let Peer { stream, .. } = world.client();
        let (reader, mut writer) = tokio::io::split(stream);
        let request = format!("POST / HTTP/1.1\r\nHost: a\r\n{body}");
        tokio::spawn(async move {
            writer.write_all(request.as_bytes()).await.unwrap();
            writer
        });
        let upstream = world.upstream().await;
        let (from_proxy, mut to_client) = tokio::io::split(upstream.stream);
        assert_eq!(content(from_proxy).await, text);
        let answer = format!("HTTP/1.1 200 OK\r\n{body}");
        tokio::spawn(async move {
            to_client.write_all(answer.as_bytes()).await.unwrap();
            to_client
        });
        assert_eq!(content(reader).await, text);
    }
}

/// Reads a message, and gives back its body without chunks.
async fn content(mut reader: impl AsyncReadExt + Unpin) -> String {
    let mut read = Vec::new();
    let head = loop {
        reader.read_buf(&mut read).await.unwrap();
        if let Some(end) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            break read.drain(..end + 4).collect::<Vec<_>>();
        }
    };
    let head = String::from_utf8(head).unwrap();
    let is_chunked = head.contains("Transfer-Encoding: chunked");
    let is_over = |read: &[u8]| {
        if is_chunked {
            read.ends_with(b"\r\n0\r\n\r\n")
        } else {
            read.len() >= LONG
        }
    };
    while !is_over(&read) {
        assert!(reader.read_buf(&mut read).await.unwrap() > 0, "{head}");
    }
    let text = String::from_utf8(read).unwrap();
    if !is_chunked {
        return text;
    }
    let (mut rest, mut content) = (text.as_str(), String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        content.push_str(&after[..size]);
        rest = &after[size + 2..];
        if size == 0 {
            break;
        }
    }
    content
}
