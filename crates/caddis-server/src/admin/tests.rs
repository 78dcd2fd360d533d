//! Requests to the endpoint, with a stub in place of the server. The statuses are those of Caddy 2.11.4, asked over
//! a socket with the same requests; `src/tests/served/admin.rs` asks it again.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use caddis_ir::{Admin, Path};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::address::endpoint;
use super::router::{Site, router};
use super::serving::{Change, Changing, NotChanged, Serving};
use crate::testing::environment;
use crate::{Adapt, AdaptWarning, AdaptedText, BuildError, Current, Load, LoadError, Loaded};

const PORT: u16 = 2019;

/// A server that takes every config but those that say `bad`.
#[derive(Default)]
struct Stub {
    current: Mutex<Arc<Current>>,
    forced: Mutex<u32>,
    stopped: Mutex<bool>,
}

impl Serving for Stub {
    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.lock())
    }

    fn change(&self, change: Change) -> Changing<'_> {
        Box::pin(async move {
            let load = change(&self.current()).map_err(NotChanged::Refused)?;
            self.load(load).map_err(NotChanged::Failed)
        })
    }

    fn stop(&self) {
        *self.stopped.lock() = true;
    }
}

impl Stub {
    fn load(&self, load: Load) -> Result<Loaded, LoadError> {
        if load.json.to_string().contains("bad") {
            return Err(LoadError {
                message: "the config cannot be served".into(),
                faults: vec![BuildError {
                    path: Path::root().key("apps").index(0),
                    message: "it is bad".into(),
                    help: Some("make it good".into()),
                }],
            });
        }
        *self.forced.lock() += u32::from(load.forced);
        let Load { json, source, .. } = load;
        *self.current.lock() = Arc::new(Current { json, source });
        Ok(Loaded::Changed)
    }
}

/// The only language is one in which a text is its own JSON.
struct Echo;

impl Adapt for Echo {
    fn adapt(&self, adapter: &str, text: String) -> Result<AdaptedText, String> {
        if adapter != "caddyfile" {
            return Err(format!("there is no adapter `{adapter}`"));
        }
        Ok(AdaptedText {
            json: json!({ "text": text }),
            warnings: vec![AdaptWarning {
                file: "Caddyfile".into(),
                line: 2,
                message: "it is <old>".into(),
                ..AdaptWarning::default()
            }],
        })
    }
}

struct Asked {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Asked {
    fn field(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

/// An endpoint on this machine, as it is without a config.
fn stub() -> Arc<Stub> {
    let stub = Stub::default();
    let routes = json!([{ "@id": "r0", "handle": [{ "body": "<a>" }] }, { "handle": [] }]);
    let json = json!({ "apps": { "http": { "servers": { "a": { "routes": routes, "listen": [":1"] } } } } });
    *stub.current.lock() = Arc::new(Current { json, source: None });
    Arc::new(stub)
}

async fn send(stub: &Arc<Stub>, admin: &Admin, request: Request) -> Asked {
    let endpoint = endpoint(Some(admin), &environment()).unwrap().unwrap();
    let site = Site {
        guests: endpoint.guests,
        serving: Arc::clone(stub) as Arc<dyn Serving>,
        adapt: Some(Arc::new(Echo)),
    };
    let mut request = request;
    let peer = SocketAddr::from(([127, 0, 0, 1], 4711));
    request.extensions_mut().insert(peer);
    let answer = router(Arc::new(site)).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Asked {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.into()).unwrap(),
    }
}

/// A request as text: `POST /load` with `name: value` fields; the host is the right one unless given.
fn request(line: &str, fields: &[(&str, &str)], body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(target);
    if !fields
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        request = request.header("host", format!("localhost:{PORT}"));
    }
    for (name, value) in fields.iter().filter(|(_, value)| *value != "(none)") {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn ask(stub: &Arc<Stub>, line: &str, body: &str) -> Asked {
    let json = [("content-type", "application/json")];
    send(stub, &Admin::default(), request(line, &json, body)).await
}

async fn status(stub: &Arc<Stub>, line: &str, fields: &[(&str, &str)]) -> u16 {
    send(stub, &Admin::default(), request(line, fields, ""))
        .await
        .status
}

#[tokio::test]
async fn only_hosts_of_this_machine_with_the_right_port_are_answered() {
    let stub = stub();
    for (host, expected) in [
        ("localhost:2019", 200),
        ("127.0.0.1:2019", 200),
        ("[::1]:2019", 200),
        ("LOCALHOST:2019", 403),
        ("localhost", 403),
        ("localhost.:2019", 403),
        ("localhost:80", 403),
        ("localhost:02019", 403),
        ("localhost:", 403),
        ("", 403),
        ("127.0.0.1", 403),
        ("127.1:2019", 403),
        ("127.0.0.1.:2019", 403),
        ("127.0.0.2:2019", 403),
        ("0.0.0.0:2019", 403),
        ("2130706433:2019", 403),
        ("[::1]", 403),
        ("[0:0:0:0:0:0:0:1]:2019", 403),
        ("[::ffff:127.0.0.1]:2019", 403),
        ("evil.test", 403),
        ("evil.test:2019", 403),
        ("localhost:2019.evil.test", 403),
        ("%6cocalhost:2019", 403),
        ("user@localhost:2019", 400),
        ("localhost:2019@evil", 400),
        ("local host:2019", 400),
        ("localhost:2019/x", 400),
        ("(none)", 400),
    ] {
        assert_eq!(
            status(&stub, "GET /config/", &[("host", host)]).await,
            expected,
            "{host}"
        );
    }
    let twice = [("host", "localhost:2019"), ("host", "evil.test")];
    assert_eq!(status(&stub, "GET /config/", &twice).await, 400);
}

#[tokio::test]
async fn a_host_in_the_target_counts_more_than_the_field() {
    let stub = stub();
    for (line, host, expected) in [
        ("GET http://localhost:2019/config/", "evil.test", 200),
        ("GET https://localhost:2019/config/", "localhost:2019", 200),
        ("GET http://evil.test:2019/config/", "localhost:2019", 403),
        ("GET http://localhost:2019/config/", "(none)", 400),
    ] {
        assert_eq!(
            status(&stub, line, &[("host", host)]).await,
            expected,
            "{line} {host}"
        );
    }
}

#[tokio::test]
async fn only_pages_of_this_machine_may_ask() {
    let stub = stub();
    for (origin, expected) in [
        ("http://localhost:2019", 200),
        ("https://localhost:2019", 200),
        ("//localhost:2019", 200),
        ("HTTP://localhost:2019", 200),
        ("http://127.0.0.1:2019", 200),
        ("http://[::1]:2019", 200),
        ("http://localhost:2019/path?q", 200),
        ("http://localhost:2019#x", 200),
        ("http://user@localhost:2019", 200),
        ("localhost:2019", 403),
        ("http:localhost:2019", 403),
        ("://localhost:2019", 403),
        ("http://localhost", 403),
        ("http://LOCALHOST:2019", 403),
        ("http://evil.test", 403),
        ("http://localhost:2019.evil.test", 403),
        ("http://localhost:2019, http://evil", 403),
        ("file://", 403),
        ("%zz", 403),
        ("", 403),
        ("Null", 403),
        ("null", 400),
    ] {
        let fields = [("origin", origin)];
        assert_eq!(
            status(&stub, "GET /config/", &fields).await,
            expected,
            "{origin}"
        );
        let post = status(&stub, "POST /load", &fields).await;
        assert_eq!(post, expected, "{origin}");
    }
}

#[tokio::test]
async fn browsers_say_how_they_ask() {
    let stub = stub();
    for (fields, expected) in [
        (&[("sec-fetch-mode", "no-cors")][..], 400),
        (
            &[
                ("sec-fetch-mode", "no-cors"),
                ("origin", "http://localhost:2019"),
            ],
            400,
        ),
        (&[("sec-fetch-mode", "no-cors, x")], 400),
        (&[("sec-fetch-mode", "cors")], 403),
        (&[("sec-fetch-mode", "navigate")], 403),
        (&[("sec-fetch-mode", "same-origin")], 403),
        (&[("sec-fetch-mode", "")], 403),
        (
            &[
                ("sec-fetch-mode", "cors"),
                ("origin", "http://localhost:2019"),
            ],
            200,
        ),
        (
            &[
                ("sec-fetch-mode", "cors"),
                ("referer", "http://localhost:2019/x"),
            ],
            200,
        ),
        (&[("referer", "http://evil.test/x")], 200),
        (&[("sec-fetch-site", "cross-site")], 200),
        (&[("upgrade", "websocket")], 400),
        (&[("upgrade", "x, websocket")], 400),
        (&[("upgrade", "h2c")], 200),
        (&[("host", "evil"), ("origin", "null")], 400),
        (&[("host", "evil"), ("upgrade", "websocket")], 400),
        (
            &[("host", "evil"), ("x-forwarded-host", "localhost:2019")],
            403,
        ),
    ] {
        assert_eq!(
            status(&stub, "GET /config/", fields).await,
            expected,
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn a_page_that_may_ask_is_told_so() {
    let stub = stub();
    let origin = [("origin", "http://localhost:2019/x")];
    let asked = send(
        &stub,
        &Admin::default(),
        request("OPTIONS /load", &origin, ""),
    )
    .await;
    assert_eq!(asked.status, 405);
    assert_eq!(
        asked.field("access-control-allow-origin"),
        "http://localhost:2019"
    );
    assert_eq!(
        asked.field("access-control-allow-methods"),
        "OPTIONS, GET, POST, PUT, PATCH, DELETE"
    );
    let fields = "Content-Type, Content-Length, Cache-Control";
    assert_eq!(asked.field("access-control-allow-headers"), fields);
    assert_eq!(asked.field("access-control-allow-credentials"), "true");
    let foreign = [("origin", "http://evil.test")];
    let asked = send(
        &stub,
        &Admin::default(),
        request("OPTIONS /load", &foreign, ""),
    )
    .await;
    assert_eq!(
        (asked.status, asked.field("access-control-allow-origin")),
        (403, "")
    );
}

#[tokio::test]
async fn a_config_says_who_may_ask() {
    let stub = stub();
    let mut admin = Admin {
        origins: ["http://good.test:80", "plain.test", "https://path.test/x"]
            .map(str::to_owned)
            .into(),
        ..Admin::default()
    };
    let ask = async |admin: &Admin, fields: &[(&str, &str)]| {
        send(&stub, admin, request("GET /config/", fields, ""))
            .await
            .status
    };
    for (host, expected) in [
        ("good.test:80", 200),
        ("plain.test", 200),
        ("path.test", 200),
        ("good.test", 403),
        ("localhost:2019", 403),
    ] {
        assert_eq!(ask(&admin, &[("host", host)]).await, expected, "{host}");
    }
    for (origin, expected) in [
        ("http://good.test:80", 200),
        ("https://good.test:80", 403),
        ("https://plain.test", 200),
        ("http://path.test", 403),
    ] {
        let fields = [("host", "plain.test"), ("origin", origin)];
        assert_eq!(ask(&admin, &fields).await, expected, "{origin}");
    }
    admin.enforce_origin = true;
    assert_eq!(ask(&admin, &[("host", "plain.test")]).await, 403);
    for listen in [":2019", "unix//run/a.sock"] {
        let open = Admin {
            listen: listen.into(),
            ..Admin::default()
        };
        assert_eq!(ask(&open, &[("host", "evil.test")]).await, 200, "{listen}");
        assert_eq!(
            ask(&open, &[("origin", "http://localhost:2019")]).await,
            403,
            "{listen}"
        );
    }
}

#[tokio::test]
async fn parts_of_the_config_are_read_with_a_tag() {
    let stub = stub();
    let asked = ask(&stub, "GET /config/apps/http/servers/a/routes/0", "").await;
    assert_eq!(
        asked.body,
        "{\"@id\":\"r0\",\"handle\":[{\"body\":\"\\u003ca\\u003e\"}]}\n"
    );
    assert_eq!(asked.field("content-type"), "application/json");
    assert!(
        asked
            .field("etag")
            .starts_with("\"/config/apps/http/servers/a/routes/0 ")
    );
    let whole = ask(&stub, "GET /config/", "").await;
    assert!(
        whole
            .body
            .starts_with(r#"{"apps":{"http":{"servers":{"a":{"listen":[":1"],"routes":"#),
        "{}",
        whole.body
    );
    for (path, expected, body) in [
        ("/config/nope", 200, "null\n"),
        ("/config/nope/deeper", 400, ""),
        ("/config/%61pps/nope", 200, "null\n"),
        ("/config/apps%2fnope", 200, "null\n"),
        ("/id/r0/handle/0/body", 200, "\"\\u003ca\\u003e\"\n"),
        ("/id/r0/", 200, ""),
        ("/id/nope", 404, ""),
        ("/id/", 400, ""),
        ("/config/%zz", 400, ""),
    ] {
        let asked = ask(&stub, &format!("GET {path}"), "").await;
        assert_eq!(asked.status, expected, "{path}");
        assert!(
            body.is_empty() || asked.body == body,
            "{path}: {}",
            asked.body
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_long_ways_are_shortened() {
    let stub = stub();
    for (line, expected) in [
        ("GET /", 404),
        ("GET /configx", 404),
        ("GET /LOAD", 404),
        ("GET /load/", 404),
        ("GET /metrics", 404),
        ("GET /debug/pprof/", 404),
        ("GET /load", 405),
        ("GET /adapt", 405),
        ("GET /stop", 405),
        ("HEAD /config/", 405),
        ("TRACE /config/", 405),
    ] {
        assert_eq!(status(&stub, line, &[]).await, expected, "{line}");
    }
    for (path, place) in [
        ("/config", "/config/"),
        ("/id", "/id/"),
        ("//load", "/load"),
        ("/config/apps//http", "/config/apps/http"),
        ("/config/../config/apps/./", "/config/apps/"),
        ("/config//a%20b?x=1", "/config/a%20b?x=1"),
    ] {
        let asked = ask(&stub, &format!("GET {path}"), "").await;
        assert_eq!(
            (asked.status, asked.field("location")),
            (301, place),
            "{path}"
        );
    }
}

#[tokio::test]
async fn parts_of_the_config_are_changed() {
    const AT: &str = "/config/apps/http/servers/a";
    let stub = stub();
    for (line, body, expected) in [
        ("POST {}/listen", "\":2\"", 200),
        ("POST {}/listen/...", "[\":3\",\":4\"]", 200),
        ("POST {}/listen/...", "\":5\"", 500),
        ("PUT {}/listen/0", "\":0\"", 200),
        ("PUT {}/listen", "[]", 409),
        ("PUT {}/x/y", "1", 200),
        ("PATCH {}/x", "2", 200),
        ("PATCH {}/nope", "2", 404),
        ("PATCH {}/listen/9", "2", 500),
        ("DELETE {}/x", "", 200),
        ("DELETE {}/x", "", 404),
        ("DELETE {}/nope/x", "", 500),
        ("POST {}/routes", "{\"@id\":\"r0\"}", 400),
        ("POST {}/name", "{", 500),
        ("POST {}/name", "\"bad\"", 500),
        ("POST {}/name", "", 200),
        ("TRACE {}/name", "", 405),
        ("PATCH /id/r0/handle/0/body", "\"new\"", 200),
    ] {
        let asked = ask(&stub, &line.replace("{}", AT), body).await;
        assert_eq!(asked.status, expected, "{line} {body}: {}", asked.body);
    }
    let server = json!({
        "listen": [":0", ":1", ":2", ":3", ":4"], "name": null,
        "routes": [{ "@id": "r0", "handle": [{ "body": "new" }] }, { "handle": [] }],
    });
    assert_eq!(stub.current().json["apps"]["http"]["servers"]["a"], server);
}

#[tokio::test]
async fn a_change_has_to_be_json_by_its_type() {
    let stub = stub();
    for (kind, expected) in [
        ("application/json", 200),
        ("text/json; charset=utf-8", 200),
        ("foo/jsonx", 200),
        ("text/plain", 400),
        ("application/ld+json", 400),
        ("APPLICATION/JSON", 400),
        ("", 400),
    ] {
        let fields = [("content-type", kind)];
        let asked = send(
            &stub,
            &Admin::default(),
            request("POST /config/x", &fields, "1"),
        )
        .await;
        assert_eq!(asked.status, expected, "{kind}");
    }
    let asked = send(
        &stub,
        &Admin::default(),
        request("DELETE /config/x", &[], ""),
    )
    .await;
    assert_eq!(asked.status, 200);
}

#[tokio::test]
async fn a_change_may_be_for_what_was_read_only() {
    let stub = stub();
    let tag = ask(&stub, "GET /config/apps", "")
        .await
        .field("etag")
        .to_owned();
    let with = async |tag: &str| {
        let fields = [("content-type", "application/json"), ("if-match", tag)];
        send(
            &stub,
            &Admin::default(),
            request("POST /config/x", &fields, "1"),
        )
        .await
        .status
    };
    for (tag, expected) in [
        (tag.as_str(), 200),
        ("\"/config/apps 123\"", 412),
        ("\"/nope 1\"", 412),
        ("\"/config/nope/deep 1\"", 500),
        ("*", 400),
        ("\"x\"", 400),
        ("\"a b c\"", 400),
        ("W/\"/config/apps 1\"", 400),
        ("", 200),
    ] {
        assert_eq!(with(tag).await, expected, "{tag}");
    }
    ask(&stub, "PUT /config/apps/other", "{}").await;
    assert_eq!(with(&tag).await, 412);
}

#[tokio::test]
async fn a_path_cannot_make_a_config_deeper_than_what_can_be_read() {
    let stub = stub();
    let deep = "/a".repeat(10_000);
    assert_eq!(
        ask(&stub, &format!("PUT /config{deep}"), "1").await.status,
        400
    );
}

#[tokio::test]
async fn a_whole_config_is_loaded() {
    let stub = stub();
    let fields = [
        ("cache-control", "must-revalidate"),
        ("caddy-config-source-file", "/etc/caddy/Caddyfile"),
        ("caddy-config-source-adapter", "caddyfile"),
    ];
    let asked = send(
        &stub,
        &Admin::default(),
        request("POST /load", &fields, "{\"a\":1}"),
    )
    .await;
    assert_eq!((asked.status, asked.body.as_str()), (200, ""));
    let current = stub.current();
    assert_eq!(
        (&current.json, *stub.forced.lock()),
        (&json!({ "a": 1 }), 1)
    );
    let source = current.source.as_ref().unwrap();
    assert_eq!(
        (source.file.as_str(), source.adapter.as_str()),
        ("/etc/caddy/Caddyfile", "caddyfile")
    );
    for (body, expected) in [
        ("{\"a\":2}", 200),
        ("", 200),
        ("{", 400),
        ("{}x", 400),
        ("1 2", 400),
        ("{\"@id\":null}", 400),
    ] {
        assert_eq!(
            ask(&stub, "POST /load", body).await.status,
            expected,
            "{body}"
        );
    }
    assert_eq!(*stub.forced.lock(), 1);
}

#[tokio::test]
async fn a_config_that_cannot_be_served_is_refused_with_every_fault() {
    let stub = stub();
    let before = stub.current();
    let asked = ask(&stub, "POST /load", "{\"bad\":1}").await;
    assert_eq!(asked.status, 400);
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        body["error"],
        "the config cannot be served\napps/0: it is bad (make it good)"
    );
    let fault = json!({ "path": "apps/0", "message": "it is bad", "help": "make it good" });
    assert_eq!(body["faults"], json!([fault]));
    assert_eq!(stub.current(), before);
}

#[tokio::test]
async fn other_languages_are_adapted_by_their_type() {
    let stub = stub();
    let post = async |line: &str, kind: &str| {
        let fields = [("content-type", kind)];
        send(&stub, &Admin::default(), request(line, &fields, ":80")).await
    };
    let loaded = post("POST /load", "text/caddyfile; charset=utf-8").await;
    assert_eq!(loaded.status, 200);
    let warning = r#"{"file":"Caddyfile","line":2,"message":"it is \u003cold\u003e"}"#;
    assert_eq!(loaded.body, format!("[{warning}]"));
    assert_eq!(stub.current().json, json!({ "text": ":80" }));
    let adapted = post("POST /adapt", "text/caddyfile").await;
    let expected = format!("{{\"warnings\":[{warning}],\"result\":{{\"text\":\":80\"}}}}\n");
    assert_eq!((adapted.status, adapted.body), (200, expected));
    for (line, kind, expected) in [
        ("POST /load", "text/plain", 400),
        ("POST /load", "caddyfile", 400),
        ("POST /load", "application/json", 400),
        ("POST /adapt", "text/plain", 400),
        ("POST /adapt", "application/json", 500),
    ] {
        assert_eq!(post(line, kind).await.status, expected, "{line} {kind}");
    }
    let result = ask(&stub, "POST /adapt", "{\"apps\":{}}").await.body;
    assert_eq!(result, "{\"result\":{\"apps\":{}}}\n");
}

#[tokio::test]
async fn json_that_is_too_deep_is_an_error_and_no_crash() {
    let stub = stub();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(ask(&stub, "POST /load", &deep).await.status, 400);
    assert_eq!(ask(&stub, "POST /config/x", &deep).await.status, 500);
    let deep = "{\"a\":".repeat(10_000);
    assert_eq!(ask(&stub, "POST /load", &deep).await.status, 400);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let stub = stub();
    let long = format!("\"{}\"", "a".repeat(100 << 20));
    for line in ["POST /config/x", "POST /load"] {
        let asked = ask(&stub, line, &long).await;
        assert_eq!(asked.status, 400);
        assert!(asked.body.contains("more than 100 MB"), "{}", asked.body);
    }
}

#[tokio::test]
async fn the_end_is_asked_for_by_post_only() {
    let stub = stub();
    assert_eq!(status(&stub, "GET /stop", &[]).await, 405);
    assert_eq!(
        status(&stub, "POST /stop", &[("host", "evil.test")]).await,
        403
    );
    assert!(!*stub.stopped.lock());
    assert_eq!(status(&stub, "POST /stop", &[]).await, 200);
    assert!(*stub.stopped.lock());
}
