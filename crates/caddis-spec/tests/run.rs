//! Scripts on a small server of the tests' own: what is met passes, and what is not is said.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use caddis_source::Sources;
use caddis_spec::report::{Format, Report, render};
use caddis_spec::{
    Answer, Heard, Problem, Script, Sent, Start, Stubs, Subject, Task, World, run, talk,
};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

/// Answers by the path, whatever the config says.
struct Small;

struct Server(Arc<Stubs>, AtomicUsize);

type Error = Box<dyn std::error::Error + Send + Sync>;

impl Start for Small {
    fn paused(&self) -> bool {
        true
    }

    fn start(&self, world: World) -> Task<'_, Result<Box<dyn Subject>, Problem>> {
        Box::pin(async move {
            if world.config.contains("broken") {
                return Err(Problem::Config("Error: broken".into()));
            }
            let server: Box<dyn Subject> = Box::new(Server(world.stubs, AtomicUsize::new(0)));
            Ok(server)
        })
    }
}

impl Subject for Server {
    fn prepare(&mut self) -> Task<'_, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    fn answer<'a>(&'a self, sent: &'a Sent, heard: &'a Heard) -> Task<'a, Result<Answer, Problem>> {
        let stubs = Arc::clone(&self.0);
        self.1.fetch_add(1, Ordering::Relaxed);
        let service = move |request: Request<Incoming>| {
            let stubs = Arc::clone(&stubs);
            async move { serve(&stubs, request).await }
        };
        Box::pin(async move { talk(service, sent, heard).await })
    }

    fn log(&self) -> Vec<Value> {
        let asked = self.1.load(Ordering::Relaxed);
        vec![json!({"level": "info", "status": 200}); asked]
    }

    fn output(&self) -> String {
        String::new()
    }

    fn stop(self: Box<Self>) -> Task<'static, ()> {
        Box::pin(async {})
    }
}

async fn serve(
    stubs: &Arc<Stubs>,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Error>>, Error> {
    match request.uri().path() {
        "/abort" => Err("aborted".into()),
        "/dial" => stubs.dial("10.9.9.9:1").map(|_| text("never"))?.ok(),
        "/json" => text(r#"{"a":{"b":[1,2]},"c":3}"#).ok(),
        path if path.starts_with("/up") || path.starts_with("/held") => {
            let held = path.starts_with("/held");
            let mut answer = ask(stubs, request).await?;
            if held {
                let bytes = answer.body_mut().collect().await?.to_bytes();
                return text(&String::from_utf8_lossy(&bytes)).ok();
            }
            Ok(answer.map(|body| body.map_err(Error::from).boxed()))
        }
        _ => text("one\ntwo\nthree").ok(),
    }
}

trait Fine: Sized {
    fn ok(self) -> Result<Self, Error> {
        Ok(self)
    }
}

impl Fine for Response<BoxBody<Bytes, Error>> {}

fn text(text: &str) -> Response<BoxBody<Bytes, Error>> {
    let body = Full::from(text.to_owned()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = StatusCode::OK;
    let value = http::HeaderValue::from_static("yes");
    response.headers_mut().insert("x-there", value);
    response
}

async fn ask(stubs: &Arc<Stubs>, request: Request<Incoming>) -> Result<Response<Incoming>, Error> {
    let stream = TokioIo::new(stubs.dial("10.0.0.1:80")?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

const UPSTREAM: &str = "config <<EOF\n:80\nEOF\nupstream up at 10.0.0.1:80\n\
    \tGET /up\n\t\t201\n\t\tX-Up: yes\n\t\t| body\n\
    \tPOST /up\n\t\t| got it\n\
    \t* /up/chunks\n\t\t|+ one\n\t\t|+ 10ms two\n\
    \t* /held\n\t\t|+ one\n\t\t|+ 10ms two\n";

/// The report on a script, without what passed.
fn check(head: &str, cases: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder for the script");
    let path = folder.path().join("a.ctest");
    std::fs::write(&path, format!("{head}{cases}")).expect("the folder is ours");
    let mut sources = Sources::new();
    let script = Script::read(Path::new(&path), &mut sources).expect("the script is sound");
    let reports: Vec<_> = script
        .spec
        .cases
        .iter()
        .map(|case| {
            let (outcome, took) = run(&script, case, &Small);
            let report = Report::new(&script, case, &sources, outcome, took);
            Report {
                file: "a.ctest".into(),
                ..report
            }
        })
        .collect();
    render(&reports, Format::Human)
}

#[test]
fn what_is_met_passes() {
    let cases = "=== all\n> GET http://a/\n< 200\n< X-There: y[..]\n< X-There: /y.s/\n<! X-Gone\n<| one\n<| ...\n<| three\n\
        ^ none\nlog info {\"status\":200}\n\
        --- json\n> GET http://a/json\n<{ {\"a\":{\"b\":[1,2]}}\n\
        --- abort\n> GET http://a/abort\n< abort\n\
        --- over HTTP/2\n@proto h2\n> GET http://a/\n< 200\n\
        --- abort over HTTP/2\n@proto h2\n> GET http://a/abort\n< abort\n\
        --- upstream\n> POST http://a/up?q\n> X-A: b\n>| one\n>| two\n< 200\n<| got it\n^> up POST /up?q\n^> Host: a\n^> X-A: b\n^! X-B\n^| one\n^| two\n\
        --- chunks\n> GET http://a/up/chunks\n<+ one\n<+ two\n<| one\n<| two\n\
        --- instead\n@repeat 2\n> GET http://a/up\n^< up 503\n< 503\n\
        --- clock\n@clock +61s\n> GET http://a/\n< 200\n";
    assert_eq!(check(UPSTREAM, cases), "1 passed\n");
}

#[test]
fn what_is_not_met_is_said() {
    let cases = "=== answer\n> GET http://a/\n< 404\n< X-There: no\n< X-Gone: x\n<! X-There\n<| one\n<{ {}\n<+ one\n\
        === json\n> GET http://a/json\n<{ {\"a\":{\"b\":[1]}}\n\
        === abort\n> GET http://a/\n< abort\n--- other\n> GET http://a/abort\n< 200\n\
        === upstream\n> GET http://a/up\n^ none\n^> up POST /up\n^> X-A: b\n^! Host\n^| x\n\
        === nobody asked\n> GET http://a/\n^> up GET /\n^> X-A: b\n\
        === held back\n> GET http://a/held\n<+ one\n\
        === no stub\n> GET http://a/up/other\n< 501\n\
        === unknown address\n> GET http://a/dial\n< abort\n\
        === log\n> GET http://a/\nlog info {\"status\":201}\nlog error {}\n\
        === nothing expected\n> GET http://a/\n\
        === refused\n> GET http://a/up\n^< up refuse\n< 200\n\
        === the first of many\n@repeat 5\n> GET http://a/\n< 201\n";
    insta::assert_snapshot!(check(UPSTREAM, cases));
}

#[test]
fn a_config_that_does_not_load_breaks_its_cases() {
    let head = "config <<EOF\nbroken\nEOF\n";
    insta::assert_snapshot!(check(head, "=== one\n> GET http://a/\n< 200\n"));
}

#[test]
fn a_password_takes_the_place_of_the_hash() {
    let head = "config <<EOF\nbasic_auth {\n\tbob $2a$14$x\n}\nEOF\npassword eve x\n";
    let text = check(head, "=== one\n> GET http://a/\n< 200\n");
    assert!(text.contains("the config has no user `eve`"), "{text}");
}
