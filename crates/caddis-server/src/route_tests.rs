//! Tests of routes: their order, groups, ends, and how hosts are found among many.

use caddis_ir::{Handler, MatcherSet, Rewrite, Route, StaticResponse, Subroute};

use crate::testing::{Served, route, serve_routes};

fn respond(body: impl Into<String>) -> Handler {
    StaticResponse::default().body(body).into()
}

fn rewrite(uri: &str) -> Handler {
    Handler::Rewrite(Rewrite {
        uri: uri.into(),
        ..Rewrite::default()
    })
}

fn path(path: &str) -> MatcherSet {
    MatcherSet {
        path: Some(vec![path.into()]),
        ..MatcherSet::default()
    }
}

fn host(host: &str) -> MatcherSet {
    MatcherSet {
        host: Some(vec![host.into()]),
        ..MatcherSet::default()
    }
}

fn site(name: &str, body: &str) -> Route {
    Route {
        terminal: true,
        ..route(host(name), vec![respond(body)])
    }
}

async fn body(server: &Served, path: &str) -> String {
    server.get(path).await.text().to_owned()
}

async fn at_host(server: &Served, host: &str) -> String {
    server
        .get_with("/", &[("host", host)])
        .await
        .text()
        .to_owned()
}

#[tokio::test]
async fn routes_are_taken_in_their_order() {
    let server = serve_routes(vec![
        route(path("/a*"), vec![respond("first")]),
        route(path("/ab"), vec![respond("second")]),
        route(None, vec![respond("rest")]),
    ]);
    assert_eq!(body(&server, "/ab").await, "first");
    assert_eq!(body(&server, "/b").await, "rest");
}

#[tokio::test]
async fn a_rewrite_counts_for_the_routes_after_it() {
    let server = serve_routes(vec![
        route(path("/b"), vec![respond("too early")]),
        route(path("/a"), vec![rewrite("/b")]),
        route(path("/a"), vec![respond("too late")]),
        route(path("/b"), vec![respond("rewritten")]),
    ]);
    assert_eq!(body(&server, "/a").await, "rewritten");
}

#[tokio::test]
async fn of_a_group_only_the_first_that_matches_is_taken() {
    let grouped = |to: &str| Route {
        group: "g".into(),
        ..route(path("/a*"), vec![rewrite(to)])
    };
    let server = serve_routes(vec![
        grouped("/a1"),
        grouped("/a2"),
        route(None, vec![respond("{http.request.uri.path}")]),
    ]);
    assert_eq!(body(&server, "/a").await, "/a1");
}

#[tokio::test]
async fn no_route_comes_after_a_terminal_one() {
    let terminal = Route {
        terminal: true,
        ..route(path("/a"), vec![rewrite("/b")])
    };
    let server = serve_routes(vec![terminal, route(None, vec![respond("rest")])]);
    assert_eq!(body(&server, "/a").await, "");
    assert_eq!(body(&server, "/c").await, "rest");
}

#[tokio::test]
async fn after_a_subroute_comes_what_stands_after_it() {
    let inner = Handler::Subroute(Subroute {
        routes: vec![route(path("/in"), vec![respond("inner")])],
        errors: None,
    });
    let server = serve_routes(vec![
        route(None, vec![inner, rewrite("/after")]),
        route(path("/after"), vec![respond("after")]),
    ]);
    assert_eq!(body(&server, "/in").await, "inner");
    assert_eq!(body(&server, "/out").await, "after");
}

#[tokio::test]
async fn a_site_is_found_among_many_and_the_first_of_two_is_taken() {
    let mut routes: Vec<Route> = (0..10_000)
        .map(|index| site(&format!("h{index}.test"), &format!("site {index}")))
        .collect();
    routes.insert(3, site("*.early.test", "early wildcard"));
    routes.insert(4, site("x.early.test", "never"));
    routes.push(site("x.late.test", "exact"));
    routes.push(site("*.late.test", "late wildcard"));
    routes.push(site("a.*.test", "middle"));
    routes.push(site("h7.test", "never"));
    routes.push(route(None, vec![respond("rest")]));
    let server = serve_routes(routes);
    for (host, expected) in [
        ("h0.test", "site 0"),
        ("H9999.Test:80", "site 9999"),
        ("h7.test", "site 7"),
        ("x.early.test", "early wildcard"),
        ("x.late.test", "exact"),
        ("y.late.test", "late wildcard"),
        ("a.b.test", "middle"),
        ("b.b.test", "rest"),
        ("h10000.test", "rest"),
    ] {
        assert_eq!(at_host(&server, host).await, expected, "{host}");
    }
}

#[test]
fn a_long_list_of_routes_is_dropped_without_a_deep_stack() {
    let routes = (0..20_000)
        .map(|index| route(path(&format!("/{index}")), vec![respond("x")]))
        .collect();
    drop(serve_routes(routes));
}
