//! `WebSockets` with a proxy between, and without one: clients and upstreams must see the same.

use crate::python::Script;
use crate::server::Server;

#[test]
fn a_suite_of_websockets_sees_the_same_through_the_proxy() {
    let mut upstream = Script::start("websocket_upstream", &[]);
    let upstream = format!("127.0.0.1:{}", upstream.line());
    let server = Server::start(&format!("http:// {{\n\treverse_proxy {upstream}\n}}\n"));
    let seen = |address: &str| {
        let url = format!("ws://{address}");
        Script::start("websocket_suite", &[&url]).rest()
    };
    let direct = seen(&upstream);
    for line in [
        r#"fragments: ["0x8a b'between' 7", "#,
        "close 4999: ['close 4999', 'end']",
        "bad frame, no UTF-8: ['close 1007', 'end']",
        "large with deflate: 16777216: True",
        "at once: 1000",
    ] {
        assert!(direct.contains(line), "{line} is not in {direct}");
    }
    assert_eq!(seen(&format!("127.0.0.1:{}", server.http)), direct);
}
