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
