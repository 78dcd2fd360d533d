//! `tracing`: a collector is told of requests over OTLP, and upstreams are told where requests come from.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::fs;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use rustix::process::Signal;

use crate::collector::{Collector, Speaks, Told};
use crate::curl::plain;
use crate::server::{Launch, PATIENCE, Server, free_port, is_real_caddy};

const PAUSE: Duration = Duration::from_millis(20);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// A site with spans before an upstream that says what it hears, and a site that fails.
fn config(launch: &Launch, upstream: u16) -> String {
    let (http, https) = (launch.http, launch.https);
    format!(
        "{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n}}\n\
         http://a.localhost {{\n\tlog\n\ttracing {{\n\t\tspan \"of {{http.request.uri.path}}\"\n\
         \t\tspan_attributes {{\n\t\t\tmy.method {{http.request.method}}\n\t\t\tfixed text\n\t\t}}\n\t}}\n\
         \trespond /own \"{{http.vars.trace_id}} {{http.vars.span_id}}\"\n\
         \trespond /fails 503\n\treverse_proxy 127.0.0.1:{upstream}\n}}\n\
         http://:{upstream} {{\n\trespond \"{{header.traceparent}} {{header.tracestate}}\"\n}}\n"
    )
}

fn start(collector: &Collector, variables: &[(&str, &str)]) -> (Server, String) {
    let mut launch = Launch::new(free_port(), free_port());
    let endpoint = format!("http://127.0.0.1:{}", collector.port);
    // Nothing is sent before the end.
    let common = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
        ("OTEL_SERVICE_NAME", "me"),
    ];
    let all = common.iter().chain(variables);
    launch.variables = all
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let config = config(&launch, free_port());
    let server = launch.run(&config);
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", server.http)).is_err() {
        assert!(
            start.elapsed() < PATIENCE,
            "it never listens: {}",
            server.log()
        );
        thread::sleep(PAUSE);
    }
    (server, config)
}

fn wait_for(server: &Server, text: &str) {
    let start = Instant::now();
    while !server.log().contains(text) {
        assert!(start.elapsed() < PATIENCE, "no `{text}`: {}", server.log());
        thread::sleep(PAUSE);
    }
}

fn get(server: &Server, path: &str, parent: &str) -> String {
    let parent = format!("traceparent: {parent}");
    let arguments = ["--header", &parent, "--header", "tracestate: a=b"];
    plain(server, "a.localhost", path, &arguments).body
}

/// An attribute as a text.
fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let mut found = attributes.iter().filter(|pair| pair.key == key);
    let value = found.next().and_then(|pair| pair.value.clone()?.value);
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key}: {other:?} in {attributes:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    digits.collect()
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no span `{name}` in {spans:?}"))
}

fn tells_the_collector(speaks: Speaks, variables: &[(&str, &str)]) {
    if is_real_caddy() {
        // Debian's has no `tracing`.
        return;
    }
    let collector = Collector::start(speaks);
    let (mut server, config) = start(&collector, variables);
    let own = get(&server, "/own", "");
    let (trace, span) = own.split_once(' ').unwrap();
    let passed = get(&server, "/up", &format!("00-{TRACE}-{SPAN}-01"));
    let unsampled = get(&server, "/unsampled", &format!("00-{TRACE}-{SPAN}-00"));
    assert!(unsampled.ends_with("-00 a=b"), "{unsampled}");
    // A load loses nothing.
    fs::write(server.folder().join("Caddyfile"), config + "# changed\n").unwrap();
    server.signal(Signal::USR1);
    wait_for(&server, "loading the config's file again");
    get(&server, "/fails", "bad");
    assert!(collector.requests().is_empty());
    server.signal(Signal::TERM);
    assert!(server.exit().success(), "{}", server.log());
    let told = collector.requests();
    let spans: Vec<_> = told.iter().flat_map(Told::spans).collect();
    assert_eq!(spans.len(), 3, "{spans:?}");
    let first = named(&spans, "of /own");
    assert_eq!(
        (hex(&first.trace_id), hex(&first.span_id)),
        (trace.to_owned(), span.to_owned())
    );
    assert!(
        first.parent_span_id.is_empty() && first.start_time_unix_nano <= first.end_time_unix_nano
    );
    let attributes = |name: &str| attribute(&first.attributes, name);
    assert_eq!(attributes("my.method"), "GET");
    assert_eq!(attributes("fixed"), "text");
    assert_eq!(attributes("http.request.method"), "GET");
    assert_eq!(attributes("url.path"), "/own");
    assert_eq!(attributes("server.address"), "a.localhost");
    assert_eq!(attributes("server.port"), server.http.to_string());
    assert_eq!(attributes("http.response.status_code"), "200");
    assert_eq!(attributes("http.response.body.size"), own.len().to_string());
    let second = named(&spans, "of /up");
    assert_eq!(
        (hex(&second.trace_id), hex(&second.parent_span_id)),
        (TRACE.into(), SPAN.into())
    );
    assert_eq!(
        passed,
        format!("00-{TRACE}-{}-01 a=b", hex(&second.span_id))
    );
    assert_eq!(second.trace_state, "a=b");
    let failed = named(&spans, "of /fails");
    assert_eq!(failed.status.as_ref().map(|status| status.code), Some(2));
    for request in &told {
        assert_eq!(attribute(&request.resource(), "service.name"), "me");
        assert_eq!(request.field("x-secret").as_deref(), Some("s 1"));
    }
    let log = server.log();
    let entry = log.lines().find(|line| line.contains("/own")).unwrap();
    let fields = format!("\"traceID\":\"{trace}\",\"spanID\":\"{span}\"");
    assert!(entry.contains(&fields), "{entry}");
}

#[test]
fn a_collector_is_told_over_http() {
    let fields = ("OTEL_EXPORTER_OTLP_HEADERS", "x-secret=s%201");
    tells_the_collector(Speaks::Http, &[fields]);
}

#[test]
fn a_collector_is_told_over_grpc() {
    let fields = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-secret=s%201");
    let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    tells_the_collector(Speaks::Grpc, &[fields, protocol]);
}

#[test]
fn nobody_waits_for_a_collector_that_is_down() {
    if is_real_caddy() {
        return;
    }
    let mut collector = Collector::start(Speaks::Http);
    collector.port = free_port();
    let (mut server, _) = start(&collector, &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")]);
    for _ in 0..3 {
        get(&server, "/own", "");
    }
    server.signal(Signal::TERM);
    assert!(server.exit().success(), "{}", server.log());
    let log = server.log();
    assert!(
        log.contains("the collector was not told of the last spans"),
        "{log}"
    );
}
