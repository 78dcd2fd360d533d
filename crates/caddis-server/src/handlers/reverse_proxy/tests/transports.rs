//! How connections are made and kept, where the config says more of it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::{Peer, errors, handler, handlers, proxy};
use crate::Target;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn http(settings: &str) -> super::world::World {
    proxy(&format!(r#""transport":{{"protocol":"http",{settings}}}"#))
}

async fn ends_well(client: &mut Peer) {
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    client.hears("ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_waits_for_the_word_that_it_may_come() {
    let mut world = http(r#""expect_continue_timeout":"1h""#);
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi")
        .await;
    let mut upstream = world.upstream().await;
    let head = upstream.head().await;
    assert!(head.contains("Expect: 100-continue"), "{head}");
    let mut byte = [0];
    let waited = tokio::time::timeout(
        std::time::Duration::from_secs(60),
        upstream.stream.read(&mut byte),
    );
    assert!(waited.await.is_err(), "the body came before the word");
    upstream.says("HTTP/1.1 100 Continue\r\n\r\n").await;
    upstream.hears("hi").await;
    upstream.says(OK).await;
    // Our own word to the client comes first.
    client.hears("HTTP/1.1 100 Continue\n\n").await;
    ends_well(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn no_more_connections_than_allowed_are_opened_and_nobody_is_forgotten() {
    let mut world = http(r#""max_conns_per_host":1"#);
    let (mut first, mut second, mut third) = (world.client(), world.client(), world.client());
    for client in [&mut first, &mut second, &mut third] {
        client.says(GET).await;
    }
    let mut upstream = world.upstream().await;
    upstream.head().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(world.has_dialled_no_more());
    // The second goes over the connection of the first, and the third over another one once that is closed.
    upstream.says(OK).await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        .await;
    drop(upstream);
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.says(OK).await;
    for client in [&mut first, &mut second, &mut third] {
        ends_well(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn connections_beyond_the_idle_ones_are_closed() {
    let mut world = http(r#""keep_alive":{"max_idle_conns":1}"#);
    let (mut first, mut second) = (world.client(), world.client());
    first.says(GET).await;
    let mut one = world.upstream().await;
    second.says(GET).await;
    let mut other = world.upstream().await;
    for (client, upstream) in [(&mut first, &mut one), (&mut second, &mut other)] {
        upstream.head().await;
        upstream.says(OK).await;
        ends_well(client).await;
    }
    other.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn an_upstream_is_told_who_the_client_is_and_has_one_request_for_it() {
    let mut world = http(r#""proxy_protocol":"v1""#);
    let mut client = world.client();
    for _ in 0..2 {
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        upstream.hears("PROXY TCP4 10.0.0.9 0.0.0.0 0 0\n").await;
        upstream.head().await;
        upstream.says(OK).await;
        ends_well(&mut client).await;
        upstream.hears_the_end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_is_asked_for_a_connection_to_an_upstream_behind_tls() {
    let mut world = http(
        r#""tls":{"insecure_skip_verify":true},"network_proxy":{"from":"url","url":"http://u:p@proxy.test:3128"}"#,
    );
    let mut client = world.client();
    client.says(GET).await;
    let (target, mut relay) = world.dialled().await;
    assert_eq!(target, Target::Tcp("proxy.test".into(), 3128));
    relay
        .hears("CONNECT 127.0.0.1:11434 HTTP/1.1\nHost: 127.0.0.1:11434\nProxy-Authorization: Basic dTpw\n\n")
        .await;
    relay.says("HTTP/1.1 200 Connected\r\n\r\n").await;
    // The hello of TLS.
    assert_eq!(relay.stream.read_u8().await.unwrap(), 22);
    drop(relay);
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    client.says(GET).await;
    let mut relay = world.upstream().await;
    relay.head().await;
    relay.says("HTTP/1.1 407 Who?\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test(start_paused = true)]
async fn a_proxy_of_socks_is_asked_for_a_connection() {
    let mut world = http(r#""network_proxy":{"from":"url","url":"socks5://us:word@proxy.test"}"#);
    let mut client = world.client();
    client.says(GET).await;
    let (target, mut relay) = world.dialled().await;
    assert_eq!(target, Target::Tcp("proxy.test".into(), 1080));
    let expected: [(&[u8], &[u8]); 3] = [
        (b"\x05\x02\0\x02", b"\x05\x02"),
        (b"\x01\x02us\x04word", b"\x01\0"),
        (
            b"\x05\x01\0\x01\x7f\0\0\x01\x2c\xaa",
            b"\x05\0\0\x01\0\0\0\0\0\0",
        ),
    ];
    for (hears, says) in expected {
        let mut heard = vec![0; hears.len()];
        relay.stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, hears);
        relay.stream.write_all(says).await.unwrap();
    }
    relay.head().await;
    relay.says(OK).await;
    ends_well(&mut client).await;
}

#[test]
fn what_cannot_be_done_towards_upstreams_is_refused_by_place() {
    let of = |settings: &str| {
        let settings = format!(r#""transport":{{"protocol":"http",{settings}}}"#);
        errors(&handlers(&handler("a:80", &settings))).join("; ")
    };
    for (settings, expected) in [
        (
            r#""tls":{"renegotiation":"freely"}"#,
            "/tls/renegotiation: ",
        ),
        (r#""tls":{"curves":["secp521r1"]}"#, "/tls/curves/0: "),
        (r#""tls":{"server_name":"a b"}"#, "/tls/server_name: "),
        (r#""tls":{"client_certificate_file":"a.pem"}"#, "/tls: "),
        (
            r#""tls":{"root_ca_pem_files":["/nonexistent"]}"#,
            "/tls/root_ca_pem_files/0: ",
        ),
        (
            r#""tls":{"ca":{"provider":"file","pem_files":["/nonexistent"]}}"#,
            "/tls/ca/pem_files/0: ",
        ),
        (r#""proxy_protocol":"v3""#, "/proxy_protocol: "),
        (r#""versions":["3"]"#, "/versions/0: "),
        (r#""local_address":"a.test""#, "/local_address: "),
        (
            r#""resolver":{"addresses":["dns.test"]}"#,
            "/resolver/addresses/0: ",
        ),
        (r#""forward_proxy_url":"ftp://a""#, "/forward_proxy_url: "),
    ] {
        let found = of(settings);
        let place = format!("handle/0/transport{expected}");
        assert!(found.contains(&place), "{settings}: {found}");
    }
}
