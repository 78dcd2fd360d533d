//! The access log: what was asked, and what was answered, once the answer is over.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context as Task, Poll, ready};
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use caddis_ir::ServerLogs;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::body::BodyError;
use crate::listen::Answer;
use crate::log::{Access, Entry, Level, Logs, host};
use crate::{Body, Connection, Context, Request, Response};

/// The logger whose children are the loggers of hosts.
const LOGGER: &str = "http.log.access";

/// A server whose requests are logged.
pub(crate) struct Logged<A> {
    server: A,
    rules: ServerLogs,
    logs: Logs,
}

/// Handed along with a request that is logged: the entry of the tree leaves the request's context in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<OnceLock<Context>>);

impl Watch {
    /// Leaves the context; only the first one counts.
    pub(crate) fn leave(&self, context: &Context) {
        self.0.get_or_init(|| context.clone());
    }
}

impl<A> Logged<A> {
    pub(crate) fn new(server: A, rules: ServerLogs, logs: Logs) -> Self {
        Self {
            server,
            rules,
            logs,
        }
    }

    /// The loggers of a host; none if its requests are not logged.
    fn loggers(&self, host: &str) -> Vec<String> {
        let name = without_port(host).to_ascii_lowercase();
        if self
            .rules
            .skip_hosts
            .iter()
            .any(|skipped| skipped.eq_ignore_ascii_case(&name))
        {
            return Vec::new();
        }
        let names = match of_host(&self.rules, &name) {
            Some(names) => names,
            None if self.rules.skip_unmapped_hosts => return Vec::new(),
            None => std::slice::from_ref(&self.rules.default_logger_name),
        };
        let full = names.iter().map(|name| match name.as_str() {
            "" => LOGGER.to_owned(),
            name => format!("{LOGGER}.{name}"),
        });
        // An answer may turn out to be an error, which every level lets through.
        full.filter(|name| self.logs.take(Level::Error, name))
            .collect()
    }
}

/// The loggers that are listed for a host, or for a wildcard that stands for it.
fn of_host<'a>(rules: &'a ServerLogs, host: &str) -> Option<&'a [String]> {
    if let Some(names) = rules.logger_names.get(host) {
        return Some(names);
    }
    let mut labels: Vec<_> = host.split('.').collect();
    for at in 0..labels.len() {
        if let Some(label) = labels.get_mut(at) {
            *label = "*";
        }
        if let Some(names) = rules.logger_names.get(&labels.join(".")) {
            return Some(names);
        }
    }
    None
}

fn without_port(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    bare.unwrap_or(name)
}

impl<A: Answer> Answer for Logged<A> {
    async fn answer(&self, connection: Arc<Connection>, mut request: Request) -> Option<Response> {
        let loggers = self.loggers(host(request.uri(), request.headers()));
        if loggers.is_empty() {
            return self.server.answer(connection, request).await;
        }
        let watch = Watch::default();
        let mut report = Report {
            loggers,
            logs: self.logs.clone(),
            started: Instant::now(),
            watch: watch.clone(),
            read: Arc::default(),
            access: Some(Access {
                client_ip: connection.peer.ip(),
                connection: Arc::clone(&connection),
                method: request.method().clone(),
                uri: request.uri().clone(),
                version: request.version(),
                headers: request.headers().clone(),
                with_credentials: self.rules.should_log_credentials,
                bytes_read: 0,
                user: String::new(),
                duration: std::time::Duration::ZERO,
                size: 0,
                status: 0,
                response_headers: HeaderMap::new(),
            }),
        };
        request.extensions_mut().insert(watch);
        let read = Arc::clone(&report.read);
        let request = request.map(|body| {
            if body.is_end_stream() {
                body
            } else {
                Body::new(Counted { body, read })
            }
        });
        let response = self.server.answer(connection, request).await?;
        if let Some(access) = &mut report.access {
            access.status = response.status().as_u16();
            access.response_headers = response.headers().clone();
        }
        // The body is wrapped even if it is empty: the entry is written when it is over.
        Some(response.map(|body| Body::new(Observed { body, report })))
    }
}

/// What is to be logged when it is dropped.
struct Report {
    loggers: Vec<String>,
    logs: Logs,
    started: Instant,
    watch: Watch,
    read: Arc<AtomicU64>,
    access: Option<Access>,
}

impl Drop for Report {
    fn drop(&mut self) {
        let Some(mut access) = self.access.take() else {
            return;
        };
        access.duration = self.started.elapsed();
        access.bytes_read = self.read.load(Relaxed);
        if let Some(context) = self.watch.0.get() {
            access.client_ip = context.client_ip();
            access.user = context.notes().user.clone().unwrap_or_default();
        }
        let level = if access.status >= 500 {
            Level::Error
        } else {
            Level::Info
        };
        // All loggers see one entry each; most requests have one logger.
        let about = Arc::new(access);
        for logger in std::mem::take(&mut self.loggers) {
            if self.logs.take(level, &logger) {
                self.logs.write(Entry {
                    at: SystemTime::now(),
                    level,
                    logger: logger.into(),
                    message: "handled request".into(),
                    about: crate::log::About::Access(Arc::clone(&about)),
                });
            }
        }
    }
}

/// A request's body whose bytes are counted.
struct Counted {
    body: Body,
    read: Arc<AtomicU64>,
}

/// A response's body whose bytes are counted, and whose end is reported.
struct Observed {
    body: Body,
    report: Report,
}

fn length(frame: Option<&Result<Frame<Bytes>, BodyError>>) -> u64 {
    let data = frame.and_then(|frame| frame.as_ref().ok()?.data_ref());
    data.map_or(0, |data| data.len() as u64)
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.read.fetch_add(length(frame.as_ref()), Relaxed);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl HttpBody for Observed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let length = length(frame.as_ref());
        if let Some(access) = &mut self.report.access {
            access.size += length;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use caddis_ir::{Config, ServerLogs};
    use http_body_util::BodyExt;
    use serde_json::Value;

    use super::Logged;
    use crate::listen::Answer;
    use crate::log::Logs;
    use crate::{Body, Connection, Request, Response};

    /// Reads the body, and answers with the status that the path has; `/abort` is not answered.
    struct Stub;

    impl Answer for Stub {
        async fn answer(&self, _: Arc<Connection>, request: Request) -> Option<Response> {
            let status = request.uri().path().trim_start_matches('/').to_owned();
            request.into_body().collect().await.ok()?;
            let mut response = Response::new(Body::from("hello"));
            *response.status_mut() = status.parse().ok()?;
            response
                .headers_mut()
                .insert("set-cookie", "secret".parse().unwrap());
            Some(response)
        }
    }

    fn request(host: &str, path: &str) -> Request {
        http::Request::post(path)
            .header("host", host)
            .header("authorization", "Basic c2VjcmV0")
            .header("x-forwarded-for", "1.2.3.4")
            .body(Body::from("abc"))
            .unwrap()
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
        let logs = Logs::open(&config, false).unwrap();
        let server = Logged::new(Stub, rules, logs.clone());
        let connection = Arc::new(Connection {
            peer: SocketAddr::from(([127, 0, 0, 1], 4711)),
            local: SocketAddr::from(([127, 0, 0, 1], 80)),
            worker: 0,
            tls: None,
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            for request in requests {
                if let Some(response) = server.answer(Arc::clone(&connection), request).await {
                    response.into_body().collect().await.unwrap();
                }
            }
        });
        logs.flush();
        let text = std::fs::read_to_string(file).unwrap();
        let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
        entries
            .map(|mut entry: Value| {
                assert!(entry["ts"].is_f64() && entry["duration"].is_f64());
                entry
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| key != "ts" && key != "duration");
                entry
            })
            .collect()
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
}
