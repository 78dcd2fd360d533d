//! Tests of what is counted, through a server in memory. Names and labels are those that Caddy 2.11.4 has.

use caddis_ir::{
    Handler, HttpApp, MatcherSet, Metrics as Config, MetricsHandler, Route, Server, StaticError,
    StaticResponse, StatusCode, Subroute,
};

use super::Format;
use crate::testing::{Served, environment, request, route, serve_app, serve_server};

fn path(path: &str) -> MatcherSet {
    MatcherSet {
        path: Some(vec![path.into()]),
        ..MatcherSet::default()
    }
}

fn routes() -> Vec<Route> {
    let error = StaticError {
        status_code: Some(StatusCode::Fixed(403)),
        ..StaticError::default()
    };
    let abort = StaticResponse {
        abort: true,
        ..StaticResponse::default()
    };
    let below = Handler::Subroute(Subroute {
        routes: vec![route(
            None,
            vec![StaticResponse::default().body("below").into()],
        )],
        ..Subroute::default()
    });
    let host = MatcherSet {
        host: Some(vec!["a.test".into()]),
        ..path("/host")
    };
    vec![
        route(path("/error"), vec![Handler::Error(error)]),
        route(path("/abort"), vec![abort.into()]),
        route(path("/below"), vec![below]),
        route(host, vec![StaticResponse::default().body("host").into()]),
        route(None, vec![StaticResponse::default().body("hello").into()]),
    ]
}

fn counting(metrics: Option<Config>) -> Served {
    let http = HttpApp {
        metrics,
        ..HttpApp::default()
    };
    let server = Server {
        routes: routes(),
        ..Server::default()
    };
    serve_app(http, server, &environment()).unwrap()
}

/// The values of a metric with their labels, as `{…} value`.
fn values(server: &Served, name: &str) -> Vec<String> {
    let text = server.app().metrics().text(Format::Text);
    let values = text.lines().filter_map(|line| line.strip_prefix(name));
    let values = values.filter(|value| value.starts_with(['{', ' ']));
    values.map(str::to_owned).collect()
}

#[tokio::test]
async fn requests_are_counted_by_the_first_handler_of_their_route_and_by_status() {
    let server = counting(Some(Config::default()));
    for path in ["/", "/x", "/below", "/error"] {
        server.get(path).await;
    }
    assert_eq!(
        values(&server, "caddy_http_requests_total"),
        [
            "{handler=\"error\",server=\"srv0\"} 1",
            "{handler=\"static_response\",server=\"srv0\"} 2",
            "{handler=\"subroute\",server=\"srv0\"} 1",
        ]
    );
    assert_eq!(
        values(&server, "caddy_http_request_errors_total"),
        ["{handler=\"error\",server=\"srv0\"} 1"]
    );
    let ok = "{code=\"200\",handler=\"static_response\",method=\"GET\",server=\"srv0\"}";
    let below = ok.replace("static_response", "subroute");
    let error = ok.replace("static_response", "error").replace("200", "403");
    let counts = |error_count: &str| {
        let mut counts = vec![format!("{ok} 2"), format!("{below} 1")];
        if !error_count.is_empty() {
            counts.push(format!("{error} {error_count}"));
        }
        counts.sort();
        counts
    };
    let sorted = |name| {
        let mut values = values(&server, name);
        values.sort();
        values
    };
    assert_eq!(
        sorted("caddy_http_request_duration_seconds_count"),
        counts("1")
    );
    assert_eq!(sorted("caddy_http_request_size_bytes_count"), counts("1"));
    assert_eq!(sorted("caddy_http_response_size_bytes_count"), counts("1"));
    // The error's page is no answer of the route.
    assert_eq!(
        sorted("caddy_http_response_duration_seconds_count"),
        counts("")
    );
    let sizes = sorted("caddy_http_response_size_bytes_sum");
    assert!(sizes.contains(&format!("{ok} 10")), "{sizes:?}");
    assert!(sizes.contains(&format!("{error} 0")), "{sizes:?}");
    // `GET / HTTP/1.1` with `a.test`, and `GET /x HTTP/1.1`.
    let sizes = sorted("caddy_http_request_size_bytes_sum");
    assert!(sizes.contains(&format!("{ok} 37")), "{sizes:?}");
}

#[tokio::test]
async fn a_connection_that_is_closed_without_an_answer_is_not_counted_and_not_in_flight() {
    let server = counting(Some(Config::default()));
    assert!(server.ask(request("/abort")).await.is_err());
    assert_eq!(
        values(&server, "caddy_http_requests_in_flight"),
        ["{handler=\"static_response\",server=\"srv0\"} 0"]
    );
    assert_eq!(
        values(&server, "caddy_http_requests_total"),
        ["{handler=\"static_response\",server=\"srv0\"} 0"]
    );
}

#[tokio::test]
async fn hosts_that_the_config_has_are_counted_by_themselves_if_asked_for() {
    let server = counting(Some(Config {
        per_host: true,
        ..Config::default()
    }));
    for host in ["A.test", "b.test", "c.test"] {
        server.get_with("/host", &[("host", host)]).await;
    }
    assert_eq!(
        values(&server, "caddy_http_requests_total"),
        [
            "{handler=\"static_response\",host=\"_other\",server=\"srv0\"} 2",
            "{handler=\"static_response\",host=\"a.test\",server=\"srv0\"} 1",
        ]
    );
}

#[tokio::test]
async fn methods_that_clients_make_up_count_as_one() {
    let server = counting(Some(Config::default()));
    for method in ["MADE", "UP", "PROPFIND", "DELETE"] {
        let mut request = request("/");
        *request.method_mut() = method.parse().unwrap();
        server.ask(request).await.unwrap();
    }
    let counts = values(&server, "caddy_http_request_size_bytes_count");
    let of = |method| {
        format!("{{code=\"200\",handler=\"static_response\",method=\"{method}\",server=\"srv0\"}}")
    };
    assert_eq!(
        counts,
        [format!("{} 1", of("DELETE")), format!("{} 3", of("OTHER"))]
    );
}

#[tokio::test]
async fn nothing_is_counted_if_nobody_asks_for_it() {
    let server = counting(None);
    server.get("/").await;
    let text = server.app().metrics().text(Format::Text);
    assert!(!text.contains("caddy_http_"), "{text}");
    assert!(text.contains("\nprocess_open_fds "), "{text}");
    assert!(
        text.contains("\ncaddy_config_last_reload_successful 0\n"),
        "{text}"
    );
}

#[tokio::test]
async fn what_one_server_asks_for_is_counted() {
    let server = serve_server(Server {
        metrics: Some(Config::default()),
        routes: routes(),
        ..Server::default()
    });
    server.get("/").await;
    assert_eq!(values(&server, "caddy_http_requests_total").len(), 1);
}

#[tokio::test]
async fn the_handler_answers_in_the_form_that_is_asked_for() {
    let scrape = |disable_openmetrics| {
        let handler = Handler::Metrics(MetricsHandler {
            disable_openmetrics,
        });
        serve_server(Server {
            metrics: Some(Config::default()),
            routes: vec![route(None, vec![handler])],
            ..Server::default()
        })
    };
    let accept = [("accept", "application/openmetrics-text;version=1.0.0")];
    let (both, text) = (scrape(false), scrape(true));
    let kind = |answer: &crate::testing::Answered| answer.field("content-type").concat();
    let answer = both.get_with("/", &accept).await;
    assert!(kind(&answer).starts_with("application/openmetrics-text; version=1.0.0;"));
    assert!(answer.text().ends_with("# EOF\n"), "{}", answer.text());
    for answer in [both.get("/").await, text.get_with("/", &accept).await] {
        assert!(kind(&answer).starts_with("text/plain; version=0.0.4;"));
        assert!(
            answer
                .text()
                .contains("# TYPE caddy_http_requests_in_flight gauge\n")
        );
    }
    let second = both.get("/").await;
    assert!(
        second
            .text()
            .contains("caddy_http_requests_in_flight{handler=\"metrics\",server=\"srv0\"} 1\n"),
        "{}",
        second.text()
    );
}

/// As Prometheus' own tools read it: each family once, in order, each value below its head.
#[tokio::test]
async fn families_stand_in_order_and_once() {
    let server = counting(Some(Config::default()));
    server.get("/").await;
    let text = server.app().metrics().text(Format::Text);
    let heads: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let mut sorted = heads.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(heads, sorted);
}
