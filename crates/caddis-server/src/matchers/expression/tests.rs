//! Expressions as Caddy 2.11.4 answers to them: what was asked of the real one is in `testdata/matchers/expression.json`.

use std::sync::Arc;

use caddis_ir::{Expression, Handler, MatcherSet, Server, StaticResponse, Vars};
use serde_json::json;

use crate::testing::{Served, environment, route, serve_in};
use crate::{Body, Environment, Request};

const RECORDED: &str = include_str!("../../../../../testdata/matchers/expression.json");

/// Those that Caddy takes and caddis refuses by name: times, and matchers whose arguments depend on the request.
const REFUSED_HERE: [&str; 8] = [
    "path_regexp({http.request.uri.path})",
    r#"vars_regexp({http.request.method},"(.)ET")"#,
    "remote_ip({http.request.remote.host})",
    r#"timestamp("2020-01-01T00:00:00Z") < timestamp("2030-01-01T00:00:00Z")"#,
    r#"{time.now} > timestamp("2020-01-01T00:00:00Z")"#,
    r#"duration("1s") < duration("2s")"#,
    "{time.now}.getHours() >= 0",
    r#"{http.request.duration} < duration("1s")"#,
];

/// Caddy says when it loads what is wrong with constants; here the request fails.
const FAILS_HERE: &str = r#"int("x") == 5"#;

#[derive(serde::Deserialize)]
struct Recorded {
    expr: String,
    #[serde(default)]
    name: String,
    /// What `GET /a?x=1` and `POST /foo/b` were answered with; none if Caddy does not load it.
    answers: Option<[String; 2]>,
}

fn server(expression: Expression) -> Option<Served> {
    let vars = json!({"s": "str", "n": 5, "f": 1.5, "b": true, "nul": null, "l": [1, "a"], "o": {"k": "v"}});
    let vars: Vars = serde_json::from_value(vars).unwrap();
    let set = MatcherSet {
        expression: Some(expression),
        ..MatcherSet::default()
    };
    let yes = StaticResponse::default().body("yes {http.regexp.nm.1}{http.regexp.r.1}");
    let server = Server {
        routes: vec![
            route(None, vec![Handler::Vars(vars)]),
            route(set, vec![yes.into()]),
            route(None, vec![StaticResponse::default().body("no").into()]),
        ],
        ..Server::default()
    };
    let environment = Environment {
        variable: Arc::new(|name| (name == "FOO").then(|| "foo{http.request.method}".into())),
        ..environment()
    };
    serve_in(server, &environment).ok()
}

fn requests() -> [Request; 2] {
    let get = Request::new(Body::Empty);
    let post = Request::new("hi".into());
    let mut requests = [get, post];
    for (request, target) in requests.iter_mut().zip(["/a?x=1", "/foo/b"]) {
        *request.uri_mut() = target.parse().unwrap();
        let headers = request.headers_mut();
        headers.insert("host", "a.test".parse().unwrap());
    }
    let [get, post] = &mut requests;
    get.headers_mut().insert("x-a", "5".parse().unwrap());
    get.headers_mut().insert("cookie", "c=v".parse().unwrap());
    *post.method_mut() = http::Method::POST;
    requests
}

#[tokio::test]
async fn every_recorded_expression_is_answered_as_in_caddy() {
    let recorded: Vec<Recorded> = serde_json::from_str(RECORDED).unwrap();
    let mut wrong = Vec::new();
    for Recorded {
        expr,
        name,
        answers,
    } in recorded
    {
        let expected = match &answers {
            _ if expr == FAILS_HERE => Some(["fails".into(), "fails".into()]),
            Some(_) if REFUSED_HERE.contains(&&*expr) => None,
            answers => answers.clone(),
        };
        let found = match server(Expression {
            expr: expr.clone(),
            name,
        }) {
            None => None,
            Some(server) => {
                let server = server.asked_by("127.0.0.1");
                let mut found = Vec::new();
                for request in requests() {
                    let answer = server.ask(request).await.unwrap();
                    let failed = answer.status == 500;
                    found.push(if failed { "fails" } else { answer.text() }.to_owned());
                }
                Some(<[String; 2]>::try_from(found).unwrap())
            }
        };
        if found != expected {
            wrong.push(format!("{expr}: {found:?} and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_wrong_with_an_expression_is_said_at_its_place() {
    let cases = [
        (
            r#""a" == 1"#,
            r#"`"a" == 1`: `==` does not take (string, int)"#,
        ),
        (
            "{a.b}",
            "`{a.b}`: its type is any, and it has to be true or false",
        ),
        ("nope()", "`nope()`: there is no function `nope`"),
        (
            r#"duration("1s") == 1"#,
            r#"`duration("1s") == 1`: caddis does not have `duration` of expressions yet"#,
        ),
        ("path(1)", "`path(1)`: `path` takes texts and placeholders"),
    ];
    for (expr, expected) in cases {
        let set = MatcherSet {
            expression: Some(Expression {
                expr: expr.into(),
                name: String::new(),
            }),
            ..MatcherSet::default()
        };
        let server = Server {
            routes: vec![route(set, vec![])],
            ..Server::default()
        };
        let errors = serve_in(server, &environment()).err().unwrap();
        let errors: Vec<_> = (errors.iter())
            .map(|error| format!("{}: {}", error.path, error.message))
            .collect();
        let at = "apps/http/servers/srv0/routes/0/match/0/expression";
        assert_eq!(errors, [format!("{at}: {expected}")]);
    }
}
