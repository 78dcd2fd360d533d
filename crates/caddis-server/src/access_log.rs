//! The access log: who is told of a request, and what.

use std::sync::Arc;
use std::time::SystemTime;

use caddis_ir::ServerLogs;

use crate::Context;
use crate::log::{self, About, Access, Asked, Entry, Level, Logs, host};
use crate::placeholders::Value;
use crate::record::{AccessLog, End, Failed, Head, Record};

/// The logger whose children are the loggers of hosts.
const ACCESS: &str = "http.log.access";
/// The same for requests that fail.
const ERROR: &str = "http.log.error";

/// The variable that leaves a request out of the log, as `log_skip` sets it.
const LOG_SKIP: &str = "log_skip";
/// The variable with the names of the loggers of a request, as `log_name` sets it.
const LOGGER_NAMES: &str = "access_logger_names";

/// The logs of one server: of requests, if the config has rules for them, and of those that fail.
pub(crate) struct AccessLogs {
    rules: Option<ServerLogs>,
    logs: Logs,
}

impl AccessLogs {
    pub(crate) fn new(rules: Option<ServerLogs>, logs: Logs) -> Self {
        Self { rules, logs }
    }

    /// The loggers of the requests of a host; none if they are not logged.
    fn loggers(&self, host: &str) -> Vec<String> {
        let Some(rules) = &self.rules else {
            return Vec::new();
        };
        let name = without_port(host).to_ascii_lowercase();
        let skipped = |skipped: &String| skipped.eq_ignore_ascii_case(&name);
        if rules.skip_hosts.iter().any(skipped) {
            return Vec::new();
        }
        match of_host(rules, &name) {
            Some(names) => below(ACCESS, names),
            None if rules.skip_unmapped_hosts => Vec::new(),
            None => below(ACCESS, std::slice::from_ref(&rules.default_logger_name)),
        }
    }

    /// The loggers of the failed requests of a host: every failure has one.
    fn error_loggers(&self, host: &str) -> Vec<String> {
        let Some(rules) = &self.rules else {
            return vec![ERROR.to_owned()];
        };
        let name = without_port(host).to_ascii_lowercase();
        let default = std::slice::from_ref(&rules.default_logger_name);
        below(ERROR, of_host(rules, &name).unwrap_or(default))
    }

    fn with_credentials(&self) -> bool {
        (self.rules.as_ref()).is_some_and(|rules| rules.should_log_credentials)
    }
}

/// The loggers that `log_name` chose for a request.
fn chosen(context: &Context, logger: &str) -> Option<Vec<String>> {
    match context.notes().var(LOGGER_NAMES)? {
        Value::Json(names) => {
            let names = names
                .as_array()?
                .iter()
                .filter_map(serde_json::Value::as_str);
            let names: Vec<_> = names.map(str::to_owned).collect();
            Some(below(logger, &names))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => None,
    }
}

/// The full names of loggers below another one; an empty name stands for that one itself.
fn below(logger: &str, names: &[String]) -> Vec<String> {
    let full = names.iter().map(|name| match name.as_str() {
        "" => logger.to_owned(),
        name => format!("{logger}.{name}"),
    });
    full.collect()
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

impl AccessLog for AccessLogs {
    fn begin(&self, head: &Arc<Head>) -> Option<Box<dyn Record>> {
        let mut loggers = self.loggers(host(&head.uri, &head.headers));
        if loggers.is_empty() {
            return None;
        }
        // An answer may turn out to be an error, which every level lets through.
        loggers.retain(|name| self.logs.take(Level::Error, name));
        Some(Box::new(Begun {
            loggers,
            logs: self.logs.clone(),
            head: Arc::clone(head),
            with_credentials: self.with_credentials(),
        }))
    }

    fn failed(&self, head: &Arc<Head>, context: &Context, failed: Failed<'_>) {
        let (level, first, again) = match failed {
            Failed::Plainly(failure) if failure.status.is_server_error() => {
                (Level::Error, failure, None)
            }
            // Caddy takes what an error route answers for what the user expects.
            Failed::Plainly(failure) | Failed::Answered(failure) => (Level::Debug, failure, None),
            Failed::Twice { first, again } => (Level::Error, first, Some(again.to_string())),
        };
        let host = host(&head.uri, &head.headers);
        let mut loggers = chosen(context, ERROR).unwrap_or_else(|| self.error_loggers(host));
        loggers.retain(|logger| self.logs.take(level, logger));
        if loggers.is_empty() {
            return;
        }
        let message = match &again {
            Some(_) => "an error route failed too".to_owned(),
            None => first.message.clone(),
        };
        let failed = Arc::new(log::Failed {
            asked: Asked {
                context: context.clone(),
                head: Arc::clone(head),
                with_credentials: self.with_credentials(),
            },
            duration: context.started().elapsed(),
            first: first.clone(),
            again,
        });
        for logger in loggers {
            self.logs.write(Entry {
                at: SystemTime::now(),
                level,
                logger: logger.into(),
                message: message.clone(),
                about: About::Failed(Arc::clone(&failed)),
            });
        }
    }
}

/// A request that is under way.
struct Begun {
    loggers: Vec<String>,
    logs: Logs,
    head: Arc<Head>,
    with_credentials: bool,
}

impl Record for Begun {
    fn end(self: Box<Self>, end: End) {
        if end.context.notes().var(LOG_SKIP) == Some(&Value::Bool(true)) {
            return;
        }
        let (user, more) = {
            let notes = end.context.notes();
            let id = notes.uuid.clone().map(|id| ("uuid".to_owned(), id.into()));
            let more = id.into_iter().chain(notes.log_fields.iter().cloned());
            (notes.user.clone(), more.collect())
        };
        let status = end.status.map_or(0, |status| status.as_u16());
        let level = if status >= 500 {
            Level::Error
        } else {
            Level::Info
        };
        let access = Arc::new(Access {
            bytes_read: end.bytes_read,
            user: user.unwrap_or_default(),
            duration: end.context.started().elapsed(),
            size: end.size,
            status,
            response_headers: end.headers,
            more,
            asked: Asked {
                context: end.context,
                head: self.head,
                with_credentials: self.with_credentials,
            },
        });
        let message = if end.is_unhandled {
            "NOP"
        } else {
            "handled request"
        };
        let loggers = chosen(&access.asked.context, ACCESS).unwrap_or(self.loggers);
        for logger in loggers {
            if self.logs.take(level, &logger) {
                self.logs.write(Entry {
                    at: SystemTime::now(),
                    level,
                    logger: logger.into(),
                    message: message.into(),
                    about: About::Access(Arc::clone(&access)),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use caddis_ir::{Config, ServerLogs};
    use serde_json::Value;

    use super::AccessLogs;
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
}
