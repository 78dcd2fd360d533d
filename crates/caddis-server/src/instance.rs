//! What serves: the workers with what they were told, certificates and logs. A config takes the place of another
//! one as a whole, or not at all.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{Config, Path};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::access_log::AccessLogs;
use crate::control::{Control, Load, LoadError};
use crate::listen::{ListenAddress, Listener, Served, Settings, Workers};
use crate::log::Logs;
use crate::serve::{Notice, ServeError};
use crate::tls::{Challenges, Managed, Storage};
use crate::{App, BuildError, Environment, ServerTree, build};

const HTTP_PORT: u16 = 80;

/// Tells the system's supervisor how the server is.
pub(crate) type Notify = Arc<dyn Fn(Notice) + Send + Sync>;

/// What serves.
pub(crate) struct Instance {
    environment: Environment,
    workers: Workers<ServerTree>,
    logs: Logs,
    renewing: Option<JoinHandle<()>>,
    notify: Notify,
    autosave: Option<PathBuf>,
    grace: Option<Duration>,
}

impl Instance {
    /// Starts workers that serve nothing yet.
    pub(crate) fn start(
        environment: Environment,
        logs: Logs,
        notify: Notify,
        autosave: Option<PathBuf>,
    ) -> io::Result<Self> {
        let challenges = Arc::new(Challenges::default());
        Ok(Self {
            workers: Workers::start(environment.workers, &challenges)?,
            environment,
            logs,
            renewing: None,
            notify,
            autosave,
            grace: None,
        })
    }

    /// Reads, builds and serves another config; the one before it goes on if that cannot be done.
    pub(crate) async fn load(&mut self, load: Load, _control: &Control) -> Result<(), LoadError> {
        (self.notify)(Notice::Reloading);
        let served = self.try_to_load(load).await;
        if let Err(error) = &served {
            (self.notify)(Notice::Status(error.to_string()));
        }
        (self.notify)(Notice::Ready);
        served
    }

    async fn try_to_load(&mut self, load: Load) -> Result<(), LoadError> {
        let environment = Environment {
            place: load.places.clone(),
            ..self.environment.clone()
        };
        let config = read(&load.json)?;
        let app = build(&config, &environment).map_err(|faults| LoadError {
            message: "the config cannot be served".into(),
            faults,
        })?;
        let logs = Logs::open(app.config(), false).map_err(|error| LoadError {
            message: ServeError::Log(error.to_string()).to_string(),
            faults: Vec::new(),
        })?;
        self.serve(app, logs).await.map_err(|error| LoadError {
            message: error.to_string(),
            faults: Vec::new(),
        })?;
        self.save(&config, &load.json);
        Ok(())
    }

    /// Serves a config that was built. Nothing has changed if that cannot be done.
    pub(crate) async fn serve(&mut self, app: App, logs: Logs) -> Result<(), ServeError> {
        let (config, environment, trees, prepared) = app.into_parts();
        let prepared = prepared.ok_or(ServeError::InProcess)?;
        let storage = Storage::of(&config, &environment.data_dir);
        let managed = Managed::obtain(&config, storage, prepared.subjects, prepared.certificates)
            .map_err(ServeError::Certificates)?;
        let http = config.apps.http.unwrap_or_default();
        let mut listeners = Vec::new();
        for (name, mut tree) in trees {
            let Some(server) = http.servers.get(&name) else {
                continue;
            };
            if let Some(rules) = &server.logs {
                let access = AccessLogs::new(rules.clone(), logs.clone());
                tree.set_access_log(Arc::new(access));
            }
            let settings = Arc::new(Settings::of(server));
            if server.protocols.iter().any(|protocol| protocol == "h3") {
                warn!(target: "http", server = name, "HTTP/3 is not supported yet and left out");
            }
            info!(target: "http.log", name, protocols = settings.protocols().join(","), "server running");
            let tls = prepared.tls.get(&name);
            let tree = Arc::new(tree);
            for text in &server.listen {
                let address = ListenAddress::parse(text).map_err(|error| {
                    ServeError::System(io::Error::new(io::ErrorKind::InvalidInput, error.message))
                })?;
                // The HTTP port is never encrypted, as in Caddy.
                let plain = address.port() == http.http_port.unwrap_or(HTTP_PORT);
                listeners.push(Listener {
                    address,
                    served: Arc::new(Served {
                        tree: Arc::clone(&tree),
                        settings: Arc::clone(&settings),
                        tls: tls.filter(|_| !plain).cloned(),
                    }),
                });
            }
        }
        let bound = self.workers.bind(listeners)?;
        // From here on nothing can fail.
        self.grace = (http.grace_period)
            .filter(|grace| grace.0 > 0)
            .map(caddis_ir::Duration::to_std);
        self.logs = logs;
        self.workers.serve(bound, self.grace).await;
        let renewing = tokio::spawn(renew(managed));
        if let Some(before) = self.renewing.replace(renewing) {
            before.abort();
        }
        Ok(())
    }

    /// Keeps the config for `--resume`, unless it says that it is not to be kept.
    pub(crate) fn save(&self, config: &Config, json: &Value) {
        let admin = config.admin.as_ref();
        let kept = admin.and_then(|admin| admin.config.as_ref()?.persist);
        let Some(path) =
            (self.autosave.as_ref()).filter(|_| kept != Some(false) && !json.is_null())
        else {
            return;
        };
        match crate::tls::replace(path, &json.to_string()) {
            Ok(()) => info!(file = %path.display(), "autosaved config (load with --resume flag)"),
            Err(error) => {
                error!(file = %path.display(), %error, "unable to autosave config");
            }
        }
    }

    pub(crate) fn workers(&mut self) -> &mut Workers<ServerTree> {
        &mut self.workers
    }

    pub(crate) fn logs(&self) -> &Logs {
        &self.logs
    }

    /// How long requests may take once the server stops; without limit if `None`.
    pub(crate) fn grace(&self) -> Option<Duration> {
        self.grace
    }
}

/// Keeps certificates fresh. Never ends.
async fn renew(mut managed: Managed) {
    loop {
        let next = managed.renew(OffsetDateTime::now_utc());
        tokio::time::sleep(next).await;
    }
}

/// The config in a JSON text whose parts may have names.
fn read(json: &Value) -> Result<Config, LoadError> {
    let mut json = json.clone();
    strip_ids(&mut json);
    if json.is_null() {
        return Ok(Config::default());
    }
    serde_json::from_value(json).map_err(|error| LoadError {
        message: "the JSON is not a config".into(),
        faults: vec![BuildError {
            path: Path::root(),
            message: error.to_string(),
            help: None,
        }],
    })
}

/// Takes out the names by which the admin endpoint finds parts of a config.
fn strip_ids(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.shift_remove("@id");
            members.values_mut().for_each(strip_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_ids),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
