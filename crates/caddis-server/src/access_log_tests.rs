//! Tests of the access log: fields, credentials, failures, and the loggers of hosts.

use std::net::SocketAddr;
use std::sync::Arc;

use caddis_ir::{Config, ServerLogs};
use serde_json::Value;

use crate::access_log::AccessLogs;
use crate::log::{Current, Logs};
use crate::record::{AccessLog, Failed, Failure, Head};
use crate::{Body, Connection, Context, End, Request};

fn request(host: &str, path: &str) -> Request {
    http::Request::post(path)
        .header("host", host)
        .header("authorization", "Basic c2VjcmV0")
        .header("x-forwarded-for", "1.2.3.4")
        .body(Body::from("abc"))
        .unwrap()
}

fn connection() -> Arc<Connection> {
    Arc::new(Connection {
        peer: SocketAddr::from(([127, 0, 0, 1], 4711)),
        local: SocketAddr::from(([127, 0, 0, 1], 80)),
        worker: 0,
        tls: None,
    })
}

/// The entries that are logged for requests, with what differs from run to run taken out.
fn logged(rules: ServerLogs, requests: Vec<Request>) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access.log");
    let writer = format!(r#"{{"output":"file","filename":"{}"}}"#, file.display());
    let json = format!(
        r#"{{"logging":{{"logs":{{"default":{{"writer":{{"output":"discard"}}}},"a":{{"writer":{writer},"include":["http.log.access"]}}}}}}}}"#
    );
    let config: Config = caddis_ir::read(&json).unwrap();
    let variable = crate::testing::environment().variable;
    let current = Current::default();
    let logs = current.open(&config, &variable).unwrap();
    let access = AccessLogs::new(Some(rules), logs.clone());
    let connection = connection();
    for request in requests {
        let Some(record) = access.begin(&Arc::new(Head::of(&request))) else {
            continue;
        };
        let (head, _) = request.into_parts();
        let headers = [(http::header::SET_COOKIE, "secret".parse().unwrap())];
        record.end(End {
            context: Context::new(Arc::clone(&connection), connection.peer.ip(), false, &head),
            is_unhandled: false,
            status: head.uri.path().trim_start_matches('/').parse().ok(),
            headers: headers.into_iter().collect(),
            bytes_read: 3,
            size: 5,
        });
    }
    current.flush();
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(without_times).collect()
}

/// An entry without what differs from run to run.
fn without_times(line: &str) -> Value {
    let mut entry: Value = serde_json::from_str(line).unwrap();
    assert!(entry["ts"].is_f64() && entry["duration"].is_f64());
    (entry.as_object_mut().unwrap()).retain(|key, _| key != "ts" && key != "duration");
    entry
}

#[test]
fn an_entry_has_the_fields_of_caddys_and_no_credentials() {
    let entries = logged(
        ServerLogs::default(),
        vec![request("a.test:80", "/200?q=1")],
    );
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(
        entry.to_string(),
        r#"{"level":"info","logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"4711","client_ip":"127.0.0.1","proto":"HTTP/1.1","method":"POST","host":"a.test:80","uri":"/200?q=1","headers":{"Authorization":["REDACTED"],"X-Forwarded-For":["1.2.3.4"]}},"bytes_read":3,"user_id":"","size":5,"status":200,"resp_headers":{"Set-Cookie":["REDACTED"]}}"#
    );
}

#[test]
fn failed_requests_have_the_fields_of_caddys_and_no_credentials() {
    let (logs, kept) = Logs::kept();
    let rules = ServerLogs {
        logger_names: [("a.test".to_owned(), vec!["log0".to_owned()])].into(),
        ..ServerLogs::default()
    };
    let request = request("a.test:80", "/x");
    let head = Arc::new(Head::of(&request));
    let (parts, _) = request.into_parts();
    let context = Context::new(connection(), [127, 0, 0, 1].into(), false, &parts);
    let failure = |status: u16, message: &str| Failure {
        message: message.into(),
        status: status.try_into().unwrap(),
        id: "abc".into(),
        trace: "a.rs:1".into(),
    };
    let (bad, gone) = (failure(502, "refused"), failure(404, "gone"));
    let named = AccessLogs::new(Some(rules), logs.clone());
    named.failed(&head, &context, Failed::Plainly(&bad));
    named.failed(&head, &context, Failed::Answered(&bad));
    AccessLogs::new(None, logs).failed(&head, &context, Failed::Plainly(&gone));
    let twice = Failed::Twice {
        first: &bad,
        again: &gone,
    };
    named.failed(&head, &context, twice);
    let request = r#""request":{"remote_ip":"127.0.0.1","remote_port":"4711","client_ip":"127.0.0.1","proto":"HTTP/1.1","method":"POST","host":"a.test:80","uri":"/x","headers":{"Authorization":["REDACTED"],"X-Forwarded-For":["1.2.3.4"]}}"#;
    let end = r#""status":502,"err_id":"abc","err_trace":"a.rs:1"}"#;
    let expected = [
        format!(
            r#"{{"level":"error","logger":"http.log.error.log0","msg":"refused",{request},{end}"#
        ),
        format!(
            r#"{{"level":"debug","logger":"http.log.error.log0","msg":"refused",{request},{end}"#
        ),
        format!(
            r#"{{"level":"debug","logger":"http.log.error","msg":"gone",{request},"status":404,"err_id":"abc","err_trace":"a.rs:1"}}"#
        ),
        format!(
            r#"{{"level":"error","logger":"http.log.error.log0","msg":"an error route failed too",{request},"error":"{{id=abc}} a.rs:1: HTTP 404: gone","first_error":{{"msg":"refused",{end}}}"#
        ),
    ];
    let lines = kept.lines();
    let entries = lines.iter().map(|line| without_times(line).to_string());
    assert_eq!(entries.collect::<Vec<_>>(), expected);
}

#[test]
fn failures_are_errors_and_no_answer_is_status_zero() {
    let requests = vec![
        request("a", "/404"),
        request("a", "/503"),
        request("a", "/abort"),
    ];
    let entries = logged(ServerLogs::default(), requests);
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry["level"].as_str().unwrap(),
                entry["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(seen, [("info", 404), ("error", 503), ("info", 0)]);
}

#[test]
fn hosts_have_loggers_of_their_own_or_none() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let rules = ServerLogs {
        default_logger_name: "rest".into(),
        logger_names: [
            ("a.test".to_owned(), names(&["log0", "log1"])),
            ("*.b.test".to_owned(), names(&[""])),
        ]
        .into(),
        skip_hosts: names(&["quiet.test"]),
        ..ServerLogs::default()
    };
    let loggers = |rules: &ServerLogs| {
        let requests = ["A.test:8080", "x.b.test", "quiet.test", "c.test"];
        let requests = requests.iter().map(|host| request(host, "/200")).collect();
        let entries = logged(rules.clone(), requests);
        let loggers: Vec<_> = entries
            .iter()
            .map(|entry| {
                entry["logger"]
                    .as_str()
                    .unwrap()
                    .replace("http.log.access", "")
            })
            .collect();
        loggers
    };
    assert_eq!(loggers(&rules), [".log0", ".log1", "", ".rest"]);
    let strict = ServerLogs {
        skip_unmapped_hosts: true,
        ..rules
    };
    assert_eq!(loggers(&strict), [".log0", ".log1", ""]);
}
