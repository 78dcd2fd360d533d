//! The access log: who is told of a request, and what.

use std::sync::Arc;
use std::time::SystemTime;

use caddis_ir::ServerLogs;
use http::{HeaderMap, Method, Uri, Version};

use crate::log::{About, Access, Entry, Level, Logs, host};
use crate::record::{AccessLog, End, Record};
use crate::{Context, Request};

/// The logger whose children are the loggers of hosts.
const LOGGER: &str = "http.log.access";

/// The access logs of one server.
pub(crate) struct AccessLogs {
    rules: ServerLogs,
    logs: Logs,
}

impl AccessLogs {
    pub(crate) fn new(rules: ServerLogs, logs: Logs) -> Self {
        Self { rules, logs }
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

impl AccessLog for AccessLogs {
    fn begin(&self, request: &Request) -> Option<Box<dyn Record>> {
        let loggers = self.loggers(host(request.uri(), request.headers()));
        if loggers.is_empty() {
            return None;
        }
        Some(Box::new(Begun {
            loggers,
            logs: self.logs.clone(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            with_credentials: self.rules.should_log_credentials,
        }))
    }
}

/// A request that is under way.
struct Begun {
    loggers: Vec<String>,
    logs: Logs,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    with_credentials: bool,
}

impl Record for Begun {
    fn end(self: Box<Self>, end: End) {
        let status = end.status.map_or(0, |status| status.as_u16());
        let level = if status >= 500 {
            Level::Error
        } else {
            Level::Info
        };
        let access = Arc::new(Access {
            connection: Context::connection(&end.context).clone(),
            client_ip: end.context.client_ip(),
            method: self.method,
            uri: self.uri,
            version: self.version,
            headers: self.headers,
            with_credentials: self.with_credentials,
            bytes_read: end.bytes_read,
            user: end.context.notes().user.clone().unwrap_or_default(),
            duration: end.context.started().elapsed(),
            size: end.size,
            status,
            response_headers: end.headers,
        });
        for logger in self.loggers {
            if self.logs.take(level, &logger) {
                self.logs.write(Entry {
                    at: SystemTime::now(),
                    level,
                    logger: logger.into(),
                    message: "handled request".into(),
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
    use crate::log::Current;
    use crate::record::AccessLog;
    use crate::{Body, Connection, Context, End, Request};

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
        let variable = crate::testing::environment().variable;
        let current = Current::default();
        let logs = current.open(&config, &variable).unwrap();
        let access = AccessLogs::new(rules, logs.clone());
        let connection = Arc::new(Connection {
            peer: SocketAddr::from(([127, 0, 0, 1], 4711)),
            local: SocketAddr::from(([127, 0, 0, 1], 80)),
            worker: 0,
            tls: None,
        });
        for request in requests {
            let Some(record) = access.begin(&request) else {
                continue;
            };
            let (head, _) = request.into_parts();
            let headers = [(http::header::SET_COOKIE, "secret".parse().unwrap())];
            record.end(End {
                context: Context::new(Arc::clone(&connection), connection.peer.ip(), false, &head),
                status: head.uri.path().trim_start_matches('/').parse().ok(),
                headers: headers.into_iter().collect(),
                bytes_read: 3,
                size: 5,
            });
        }
        current.flush();
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
