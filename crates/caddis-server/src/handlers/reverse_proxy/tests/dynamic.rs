//! Upstreams that are looked up at a DNS server of the test.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, SRV};
use hickory_proto::rr::{Name, RData, Record};
use parking_lot::Mutex;
use tokio::net::UdpSocket;

use super::world::{World, handlers};
use crate::Target;

/// A DNS server.
struct Dns {
    address: SocketAddr,
    records: Arc<Mutex<Records>>,
}

#[derive(Default)]
struct Records {
    of: BTreeMap<String, Vec<RData>>,
    asked: usize,
}

impl Dns {
    async fn serve() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let records = Arc::<Mutex<Records>>::default();
        tokio::spawn(answer(socket, Arc::clone(&records)));
        Self { address, records }
    }

    fn knows(&self, name: &str, data: Vec<RData>) {
        self.records.lock().of.insert(name.into(), data);
    }

    fn forgets(&self, name: &str) {
        self.records.lock().of.remove(name);
    }

    fn was_asked(&self) -> usize {
        self.records.lock().asked
    }

    /// A source of upstreams that asks this server.
    fn source(&self, settings: &str) -> String {
        let address = self.address;
        format!(r#"{{"resolver":{{"addresses":["{address}"]}},{settings}}}"#)
    }

    /// A proxy that asks this server.
    fn proxy(&self, settings: &str) -> World {
        proxy(&self.source(settings))
    }
}

fn proxy(source: &str) -> World {
    World::new(&handlers(&format!(
        r#"{{"handler":"reverse_proxy","upstreams":[{{"dial":"fixed:1"}}],
           "load_balancing":{{"selection_policy":{{"policy":"first"}}}},"dynamic_upstreams":{source}}}"#
    )))
}

async fn answer(socket: UdpSocket, records: Arc<Mutex<Records>>) {
    let mut bytes = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut bytes).await {
        let question = Message::from_vec(&bytes[..length]).unwrap();
        let query = question.queries[0].clone();
        let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
        answer.add_query(query.clone());
        {
            let mut records = records.lock();
            records.asked += 1;
            let name = query.name().to_ascii();
            match records.of.get(name.trim_end_matches('.')) {
                None => answer.metadata.response_code = ResponseCode::NXDomain,
                Some(data) => {
                    let wanted = data
                        .iter()
                        .filter(|data| data.record_type() == query.query_type());
                    for data in wanted {
                        answer.add_answer(Record::from_rdata(
                            query.name().clone(),
                            1,
                            data.clone(),
                        ));
                    }
                }
            }
        }
        socket
            .send_to(&answer.to_vec().unwrap(), peer)
            .await
            .unwrap();
    }
}

fn a(address: &str) -> RData {
    match address.parse().unwrap() {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

fn srv(priority: u16, port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(
        priority,
        1,
        port,
        Name::from_ascii(target).unwrap(),
    ))
}

/// Who is asked for a request with the field `X-Name`; nobody if that is who answers.
async fn asked(world: &mut World, name: &str) -> String {
    let mut client = world.client();
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Name: {name}\r\n\r\n");
    client.says(&request).await;
    let (target, mut upstream) = world.dialled().await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 204 Yes\r\nConnection: close\r\n\r\n")
        .await;
    client.head().await;
    match target {
        Target::Tcp(host, port) => format!("{host} {port}"),
        Target::Unix(path) => path.display().to_string(),
    }
}

#[tokio::test]
async fn addresses_of_a_name_are_looked_up_once_in_a_while() {
    let dns = Dns::serve().await;
    dns.knows("one.test", vec![a("10.0.0.1"), a("2001:db8::1")]);
    dns.knows("two.test", vec![a("10.0.0.2")]);
    let source = r#""source":"a","name":"{http.request.header.X-Name}.test","port":"81","versions":{"ipv4":true}"#;
    let mut world = dns.proxy(source);
    assert_eq!(asked(&mut world, "one").await, "10.0.0.1 81");
    let before = dns.was_asked();
    dns.knows("one.test", vec![a("10.0.0.9")]);
    assert_eq!(asked(&mut world, "one").await, "10.0.0.1 81");
    assert_eq!(dns.was_asked(), before, "what was found is used on");
    assert_eq!(asked(&mut world, "two").await, "10.0.0.2 81");
    // Nothing was found, so those of the config are asked.
    assert_eq!(asked(&mut world, "three").await, "fixed 1");
}

#[tokio::test]
async fn other_versions_of_ip_are_left_out() {
    let dns = Dns::serve().await;
    dns.knows("one.test", vec![a("10.0.0.1"), a("2001:db8::1")]);
    let source = r#""source":"a","name":"one.test","versions":{"ipv6":true}"#;
    let mut world = dns.proxy(source);
    assert_eq!(asked(&mut world, "").await, "2001:db8::1 80");
}

#[tokio::test]
async fn what_was_found_is_looked_up_again_when_it_is_due() {
    let dns = Dns::serve().await;
    dns.knows("one.test", vec![a("10.0.0.1")]);
    let mut world = dns.proxy(r#""source":"a","name":"one.test","refresh":"20ms""#);
    assert_eq!(asked(&mut world, "").await, "10.0.0.1 80");
    dns.knows("one.test", vec![a("10.0.0.2")]);
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(asked(&mut world, "").await, "10.0.0.2 80");
}

#[tokio::test]
async fn servers_of_a_service_are_asked_by_priority() {
    let dns = Dns::serve().await;
    let records = vec![srv(2, 82, "b.test."), srv(1, 81, "a.test.")];
    dns.knows("_api._tcp.one.test", records);
    let parts = r#""source":"srv","service":"api","proto":"tcp","name":"one.test""#;
    assert_eq!(asked(&mut dns.proxy(parts), "").await, "a.test. 81");
    let whole = r#""source":"srv","name":"_api._tcp.one.test","dial_network":"tcp""#;
    assert_eq!(asked(&mut dns.proxy(whole), "").await, "a.test. 81");
}

#[tokio::test]
async fn what_was_found_is_used_on_if_the_next_look_fails() {
    let dns = Dns::serve().await;
    dns.knows("one.test", vec![srv(1, 81, "a.test.")]);
    let lasting = r#""source":"srv","name":"one.test","refresh":"20ms","grace_period":"1h""#;
    let short = r#""source":"srv","name":"one.test","refresh":"20ms""#;
    let (mut lasting, mut short) = (dns.proxy(lasting), dns.proxy(short));
    assert_eq!(asked(&mut lasting, "").await, "a.test. 81");
    assert_eq!(asked(&mut short, "").await, "a.test. 81");
    dns.forgets("one.test");
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(asked(&mut lasting, "").await, "a.test. 81");
    assert_eq!(asked(&mut short, "").await, "fixed 1");
}

#[tokio::test]
async fn several_sources_are_one_after_the_other() {
    let dns = Dns::serve().await;
    dns.knows("one.test", vec![a("10.0.0.1")]);
    let sources = [
        r#""source":"srv","name":"none.test""#,
        r#""source":"a","name":"one.test""#,
    ];
    let sources = sources.map(|source| dns.source(source)).join(",");
    let mut world = proxy(&format!(r#"{{"source":"multi","sources":[{sources}]}}"#));
    assert_eq!(asked(&mut world, "").await, "10.0.0.1 80");
}

#[tokio::test]
async fn only_so_many_names_are_remembered() {
    let dns = Dns::serve().await;
    let source = r#""source":"a","name":"{http.request.header.X-Name}.test","port":"81","versions":{"ipv4":true}"#;
    let mut world = dns.proxy(source);
    for number in 0..=100 {
        dns.knows(&format!("n{number}.test"), vec![a("10.0.0.1")]);
        assert_eq!(
            asked(&mut world, &format!("n{number}")).await,
            "10.0.0.1 81"
        );
    }
    let before = dns.was_asked();
    for number in 0..=100 {
        asked(&mut world, &format!("n{number}")).await;
    }
    assert!(dns.was_asked() > before, "one of them was forgotten");
}
