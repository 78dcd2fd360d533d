//! What serves: the workers with what they were told, certificates and logs. A config takes the place of another
//! one as a whole, or not at all.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{About, Config, HttpApp, Path, Server};
use serde_json::Value;
use tracing::{error, info, warn};

use crate::access_log::AccessLogs;
use crate::admin::{self, AdminServer};
use crate::build::build_with;
use crate::control::{Control, Load, LoadError};
use crate::lasting::Lasting;
use crate::life::Life;
use crate::listen::{ListenAddress, Listener, Served, Settings, Workers};
use crate::log::{self, Logs};
use crate::serve::{Notice, ServeError};
use crate::tls::{Keeper, Storage, TlsServer};
use crate::{Adapt, App, BuildError, Environment, ServerTree};

const HTTP_PORT: u16 = 80;

/// Tells the system's supervisor how the server is.
pub(crate) type Notify = Arc<dyn Fn(Notice) + Send + Sync>;

/// What serves.
pub(crate) struct Instance {
    environment: Environment,
    workers: Workers<ServerTree>,
    admin: AdminServer,
    logs: log::Current,
    lasting: Lasting,
    life: Life,
    keeper: Keeper,
    notify: Notify,
    autosave: Option<PathBuf>,
    grace: Option<Duration>,
    delay: Option<Duration>,
}

impl Instance {
    /// Starts workers that serve nothing yet. `app` is what they are to serve first.
    pub(crate) fn start(
        app: &App,
        logs: log::Current,
        notify: Notify,
        autosave: Option<PathBuf>,
        adapt: Option<Arc<dyn Adapt>>,
    ) -> io::Result<Self> {
        let keeper = Keeper::new();
        let environment = app.environment().clone();
        Ok(Self {
            workers: Workers::start(environment.workers, &keeper.challenges())?,
            admin: AdminServer::new(adapt),
            environment,
            logs,
            lasting: app.lasting(),
            life: Life::default(),
            keeper,
            notify,
            autosave,
            grace: None,
            delay: None,
        })
    }

    /// Reads, builds and serves another config; the one before it goes on if that cannot be done.
    pub(crate) async fn load(&mut self, load: Load, control: &Control) -> Result<(), LoadError> {
        (self.notify)(Notice::Reloading);
        let served = self.try_to_load(load, control).await;
        self.lasting.metrics.loaded(served.is_ok());
        if let Err(error) = &served {
            (self.notify)(Notice::Status(error.to_string()));
        }
        (self.notify)(Notice::Ready);
        served
    }

    /// Notes that the first config is served.
    pub(crate) fn begun(&self) {
        self.lasting.metrics.loaded(true);
    }

    /// Says so to the system's supervisor, who waits for an end of every load.
    pub(crate) fn serves_it_already(&self) {
        info!("config is unchanged");
        (self.notify)(Notice::Reloading);
        (self.notify)(Notice::Ready);
    }

    async fn try_to_load(&mut self, load: Load, control: &Control) -> Result<(), LoadError> {
        let environment = Environment {
            place: load.places.clone(),
            ..self.environment.clone()
        };
        let config = read(&load.json)?;
        let built = build_with(&config, &environment, &self.lasting);
        let app = built.map_err(|faults| LoadError {
            message: "the config cannot be served".into(),
            faults,
        })?;
        let logs = self.logs.open(app.config(), &environment.variable);
        let logs = logs.map_err(|error| ServeError::Log(error.to_string()))?;
        let admin = self.serve(app, logs).await?;
        self.admin.serve(admin, control);
        self.save(&config, &load.json);
        Ok(())
    }

    /// Serves a config that was built. Nothing has changed if that cannot be done. The admin endpoint is still to be
    /// served.
    pub(crate) async fn serve(&mut self, app: App, logs: Logs) -> Result<admin::Bound, ServeError> {
        let (life, metrics) = (app.life(), app.metrics());
        let (config, environment, trees, prepared) = app.into_parts();
        let prepared = prepared.ok_or(ServeError::InProcess)?;
        let storage = Storage::of(&config, &environment.data_dir);
        let certificates = (self.keeper)
            .prepare(
                &config,
                storage,
                (prepared.subjects, prepared.demand.as_deref()),
                prepared.certificates,
            )
            .map_err(ServeError::Certificates)?;
        let hosts = &self.lasting.hosts;
        let admin = self.admin.bind(&config, &environment, hosts, metrics)?;
        let http = config.apps.http.unwrap_or_default();
        let tls = prepared.tls.into_iter();
        let tls = tls.map(|(name, tls)| (name, Arc::new(tls))).collect();
        let listeners = listeners(&http, trees, &tls, &logs)?;
        let before = self.keeper.make_way(&certificates).await;
        let bound = (self.workers.bind(listeners)).inspect_err(|_| self.keeper.stay(before))?;
        // From here on nothing can fail.
        self.logs.adopt(&logs);
        self.grace = (http.grace_period)
            .filter(|grace| grace.0 > 0)
            .map(caddis_ir::Duration::to_std);
        self.delay = (http.shutdown_delay)
            .filter(|delay| delay.0 > 0)
            .map(caddis_ir::Duration::to_std);
        self.workers.serve(bound, self.grace).await;
        self.keeper.adopt(certificates);
        self.live(life);
        for (name, server) in &http.servers {
            announce(name, server);
        }
        Ok(admin)
    }

    /// Ends what the config before did beside answering requests, and begins what this one does.
    fn live(&mut self, life: Life) {
        self.life.end();
        self.lasting.hosts.forgive();
        life.begin();
        self.life = life;
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
        match crate::tls::replace(path, json.to_string()) {
            Ok(()) => info!(file = %path.display(), "autosaved config (load with --resume flag)"),
            Err(error) => {
                error!(file = %path.display(), %error, "unable to autosave config");
            }
        }
    }

    pub(crate) fn workers(&mut self) -> &mut Workers<ServerTree> {
        &mut self.workers
    }

    pub(crate) fn admin(&mut self) -> &mut AdminServer {
        &mut self.admin
    }

    /// How long everything goes on once the server is to stop. Those who ask for it are told so from now on.
    pub(crate) fn begin_delay(&self) -> Option<Duration> {
        let delay = self.delay?;
        self.environment.shutdown.begin(delay);
        info!(target: "http", delay_duration = delay.as_secs_f64(), "shutdown scheduled");
        Some(delay)
    }

    /// Tells the collector of the last spans.
    pub(crate) fn finish_spans(&self) -> impl Future<Output = ()> + use<> {
        /// How long that may take.
        const PATIENCE: Duration = Duration::from_secs(5);
        let spans = Arc::clone(&self.lasting.spans);
        async move { spans.finish(PATIENCE).await }
    }

    /// How long requests may take once the server stops; without limit if `None`.
    pub(crate) fn grace(&self) -> Option<Duration> {
        self.grace
    }
}

impl From<ServeError> for LoadError {
    fn from(error: ServeError) -> Self {
        Self {
            message: error.to_string(),
            faults: Vec::new(),
        }
    }
}

/// Every address of every server, with what answers there.
fn listeners(
    http: &HttpApp,
    trees: Vec<(String, ServerTree)>,
    tls: &BTreeMap<String, Arc<TlsServer>>,
    logs: &Logs,
) -> Result<Vec<Listener<ServerTree>>, ServeError> {
    let mut listeners = Vec::new();
    for (name, mut tree) in trees {
        let Some(server) = http.servers.get(&name) else {
            continue;
        };
        let access = AccessLogs::new(server.logs.clone(), logs.clone());
        tree.set_access_log(Arc::new(access));
        let (tree, settings) = (Arc::new(tree), Arc::new(Settings::of(server)));
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
                    tls: tls.get(&name).filter(|_| !plain).cloned(),
                }),
            });
        }
    }
    Ok(listeners)
}

fn announce(name: &str, server: &Server) {
    if server.protocols.iter().any(|protocol| protocol == "h3") {
        warn!(target: "http", server = name, "HTTP/3 is not supported yet and left out");
    }
    if pushes(server) {
        let message = "resources are not pushed: no browser takes them any more";
        warn!(target: "http.handlers.push", server = name, "{message}");
    }
    let protocols = Settings::of(server).protocols().join(",");
    info!(target: "http.log", name, "protocols[]" = protocols, "server running");
}

/// Whether a handler of the server is `push`, however deep.
fn pushes(server: &Server) -> bool {
    let routes = serde_json::to_string(server).unwrap_or_default();
    routes.contains(r#"{"handler":"push""#)
}

/// The config in a JSON value whose parts may have names.
fn read(json: &Value) -> Result<Config, LoadError> {
    caddis_ir::from_value(json).map_err(|error| LoadError {
        message: "the JSON is not a config".into(),
        faults: vec![BuildError {
            help: (!json.is_object()).then(|| "write `{` before it and `}` after it".into()),
            path: match error.about {
                About::Part(path) => path,
                About::Text(_) => Path::root(),
            },
            message: error.message,
        }],
    })
}
