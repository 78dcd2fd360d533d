//! Tests of the way of a request through a server.

use std::net::SocketAddr;
use std::sync::Arc;

use caddis_ir::{
    ErrorRoutes, Handler, MatcherSet, Rewrite, Route, Server, StaticError, StaticResponse, Subroute,
};
use http_body_util::BodyExt;
use parking_lot::Mutex;

use crate::entry::ServerTree;
use crate::record::{AccessLog, End, Failed, Head, Record};
use crate::testing::{Log, environment, request, route, serve, serve_routes, serve_server};
use crate::{Connection, Handle, Node, Request, Response, Result, build};

fn error(status: u16, message: &str) -> Handler {
    Handler::Error(StaticError {
        error: message.into(),
        status_code: Some(status.into()),
    })
}

fn respond(body: &str) -> Handler {
    StaticResponse::default().body(body).into()
}

fn at(path: &str) -> MatcherSet {
    MatcherSet {
        path: Some(vec![path.into()]),
        ..MatcherSet::default()
    }
}

#[tokio::test]
async fn a_request_that_nothing_answers_gets_an_empty_200() {
    let answer = serve_routes(Vec::new()).get("/").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    assert_eq!(answer.field("server"), ["caddis"]);
}

#[tokio::test]
async fn an_error_is_answered_with_its_status_and_an_empty_page() {
    let answer = serve(error(418, "boom")).get("/").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (418, ""));
    assert_eq!(answer.field("server"), ["caddis"]);
}

#[tokio::test]
async fn error_routes_see_the_request_as_it_was_sent_and_keep_the_status() {
    let rewrite = Handler::Rewrite(Rewrite {
        uri: "/b".into(),
        ..Rewrite::default()
    });
    let page = "{http.request.uri} {http.error.status_code} {http.error.status_text}: {http.error.message}";
    let server = serve_server(Server {
        routes: vec![route(
            None,
            vec![rewrite, error(418, "boom {http.request.uri}")],
        )],
        errors: Some(ErrorRoutes {
            routes: vec![route(at("/a"), vec![respond(page)])],
        }),
        ..Server::default()
    });
    let answer = server.get("/a").await;
    assert_eq!(answer.status, 418);
    assert_eq!(answer.text(), "/a 418 I'm a teapot: boom /b");
    let unmatched = server.get("/other").await;
    assert_eq!((unmatched.status.as_u16(), unmatched.text()), (418, ""));
}

#[tokio::test]
async fn an_error_in_the_error_routes_is_answered_with_the_first_status() {
    let server = serve_server(Server {
        routes: vec![route(None, vec![error(404, "")])],
        errors: Some(ErrorRoutes {
            routes: vec![route(None, vec![error(500, "")])],
        }),
        ..Server::default()
    });
    assert_eq!(server.get("/").await.status, 404);
}

#[tokio::test]
async fn a_subroute_answers_errors_of_its_own_and_of_what_comes_after_it() {
    let subroute = Handler::Subroute(Subroute {
        routes: vec![route(at("/sub1"), vec![error(410, "")])],
        errors: Some(ErrorRoutes {
            routes: vec![route(None, vec![respond("sub {http.error.status_code}")])],
        }),
    });
    let server = serve_routes(vec![
        route(at("/sub*"), vec![subroute]),
        route(at("/sub2"), vec![error(411, "")]),
    ]);
    for (path, status) in [("/sub1", 410), ("/sub2", 411)] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, format!("sub {status}").as_str())
        );
    }
}

#[tokio::test]
async fn head_gets_the_header_of_get_and_no_body() {
    let server = serve(respond("hello"));
    let mut head = request("/");
    *head.method_mut() = http::Method::HEAD;
    let answer = server.ask(head).await.unwrap();
    assert_eq!(
        (answer.field("content-length"), answer.text()),
        (vec!["5".to_owned()], "")
    );
}

#[tokio::test]
async fn an_answer_that_has_no_body_is_sent_without_one() {
    for status in [204, 304] {
        let answer = serve(StaticResponse::status(status).body("x"))
            .get("/")
            .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, ""));
        assert_eq!(answer.field("content-length"), [""; 0]);
    }
}

struct Panics;

impl Handle for Panics {
    async fn handle(&self, _: Request, _: &Node) -> Result<Response> {
        panic!("on purpose");
    }
}

fn connection() -> Arc<Connection> {
    Arc::new(Connection {
        peer: SocketAddr::from(([192, 0, 2, 1], 40_000)),
        local: SocketAddr::from(([192, 0, 2, 80], 80)),
        worker: 0,
        tls: None,
    })
}

#[tokio::test]
async fn a_panic_is_one_500_and_a_line_in_the_log_and_the_server_goes_on() {
    let log = Log::default();
    let _logging = crate::testing::logging_to(&log);
    let tree = ServerTree::of(Node::handler(Panics, Node::end()));
    for _ in 0..2 {
        let response = tree.answer(connection(), request("/")).await.unwrap();
        assert_eq!(response.status(), 500);
    }
    assert_eq!(
        log.text().matches("panic: on purpose").count(),
        2,
        "{}",
        log.text()
    );
}

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<Vec<End>>>);

impl AccessLog for Ends {
    fn failed(&self, _: &Arc<Head>, _: &crate::Context, _: Failed<'_>) {}

    fn begin(&self, head: &Arc<Head>) -> Option<Box<dyn Record>> {
        (head.uri.path() != "/unlogged").then(|| Box::new(self.clone()) as Box<dyn Record>)
    }
}

impl Record for Ends {
    fn end(self: Box<Self>, end: End) {
        self.0.lock().push(end);
    }
}

#[tokio::test]
async fn a_request_is_written_down_when_its_answer_has_ended() {
    let mut config = caddis_ir::Config::default();
    let server = Server {
        routes: vec![
            route(
                at("/abort"),
                vec![
                    StaticResponse {
                        abort: true,
                        ..StaticResponse::default()
                    }
                    .into(),
                ],
            ),
            Route::default(),
            route(None, vec![respond("hello")]),
        ],
        ..Server::default()
    };
    config
        .apps
        .http
        .get_or_insert_default()
        .servers
        .insert("s".into(), server);
    let mut app = build(&config, &environment()).ok().unwrap();
    let ends = Ends::default();
    for (_, tree) in app.servers_mut() {
        tree.set_access_log(Arc::new(ends.clone()));
    }
    let (_, tree) = app.servers().next().unwrap();
    let response = tree.answer(connection(), request("/")).await.unwrap();
    assert!(ends.0.lock().is_empty());
    response.into_body().collect().await.unwrap();
    tree.answer(connection(), request("/unlogged"))
        .await
        .unwrap();
    assert!(tree.answer(connection(), request("/abort")).await.is_err());
    let ends = ends.0.lock();
    let told: Vec<_> = ends
        .iter()
        .map(|end| (end.status.map(|status| status.as_u16()), end.size))
        .collect();
    assert_eq!(told, [(Some(200), 5), (None, 0)]);
}

mod clients {
    use caddis_ir::{IpSource, Server, StaticResponse};

    use crate::testing::{route, serve_server};

    const HEADER: &str = "x-forwarded-for";

    async fn client(server: Server, peer: &str, fields: &[(&str, &str)]) -> String {
        let body = "{http.vars.client_ip} {http.vars.trusted_proxy}";
        let body = StaticResponse::default().body(body);
        let server = serve_server(Server {
            routes: vec![route(None, vec![body.into()])],
            ..server
        });
        let server = server.asked_by(peer);
        server.get_with("/", fields).await.text().to_owned()
    }

    fn trusting(strict: u8, headers: &[&str]) -> Server {
        Server {
            trusted_proxies: Some(IpSource::Static {
                ranges: vec!["127.0.0.0/8".into()],
            }),
            trusted_proxies_strict: strict,
            client_ip_headers: headers.iter().map(|name| (*name).to_owned()).collect(),
            ..Server::default()
        }
    }

    #[tokio::test]
    async fn nobody_is_believed_who_is_no_trusted_proxy() {
        let fields = [(HEADER, "1.2.3.4")];
        assert_eq!(
            client(Server::default(), "127.0.0.1", &fields).await,
            "127.0.0.1 false"
        );
        assert_eq!(
            client(trusting(0, &[]), "192.0.2.1", &fields).await,
            "192.0.2.1 false"
        );
        assert_eq!(
            client(trusting(0, &[]), "127.0.0.1", &fields).await,
            "1.2.3.4 true"
        );
        assert_eq!(
            client(trusting(0, &[]), "::ffff:127.0.0.1", &fields).await,
            "1.2.3.4 true"
        );
    }

    /// Recorded from Caddy 2.11.4: read from the left, and strictly from the right.
    #[tokio::test]
    async fn a_trusted_proxys_header_is_read_as_in_caddy() {
        let cases = [
            ("1.2.3.4, 5.6.7.8", "1.2.3.4", "5.6.7.8"),
            ("bad, 5.6.7.8", "5.6.7.8", "5.6.7.8"),
            ("1.2.3.4, bad", "1.2.3.4", "1.2.3.4"),
            ("1.2.3.4, bad, 127.0.0.2", "1.2.3.4", "1.2.3.4"),
            ("1.2.3.4, 127.0.0.3", "1.2.3.4", "1.2.3.4"),
            ("127.0.0.4, 127.0.0.3", "127.0.0.4", "127.0.0.1"),
            ("1.2.3.4:80", "1.2.3.4", "1.2.3.4"),
            ("[2001:db8::1]:80", "2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "127.0.0.1", "127.0.0.1"),
            ("fe80::1%eth0", "fe80::1", "fe80::1"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("2001:DB8:0:0::1", "2001:db8::1", "2001:db8::1"),
            ("1.2.3.4,", "1.2.3.4", "1.2.3.4"),
        ];
        for (value, from_left, from_right) in cases {
            for (strict, expected) in [(0, from_left), (1, from_right)] {
                let found = client(trusting(strict, &[]), "127.0.0.1", &[(HEADER, value)]).await;
                assert_eq!(found, format!("{expected} true"), "{value} {strict}");
            }
        }
    }

    /// Else a client could take away what the proxy before us says of it, and be taken for that proxy.
    #[tokio::test]
    async fn a_client_cannot_have_the_proxys_word_taken_away() {
        for name in [HEADER, "X-Forwarded-For, close"] {
            let fields = [(HEADER, "1.2.3.4"), ("connection", name)];
            let found = client(trusting(0, &[]), "127.0.0.1", &fields).await;
            assert_eq!(found, "1.2.3.4 true");
        }
        let fields = [("x-real-ip", "1.2.3.4"), ("connection", "x-real-ip")];
        let found = client(trusting(0, &["X-Real-Ip"]), "127.0.0.1", &fields).await;
        assert_eq!(found, "1.2.3.4 true");
    }

    #[tokio::test]
    async fn headers_are_asked_in_the_order_of_the_config() {
        let fields = [("cf", "8.8.8.8"), (HEADER, "1.2.3.4"), (HEADER, "9.9.9.9")];
        for (strict, headers, expected) in [
            (0, vec!["Cf", HEADER], "8.8.8.8 true"),
            (1, vec![HEADER, "Cf"], "9.9.9.9 true"),
            (0, vec![HEADER], "1.2.3.4 true"),
        ] {
            assert_eq!(
                client(trusting(strict, &headers), "127.0.0.1", &fields).await,
                expected
            );
        }
    }
}
