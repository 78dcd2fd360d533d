//! IR → service trees, collecting every error with its place in the config.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, Handler, Path, Server};

use crate::admin;
use crate::entry::ServerTree;
use crate::handlers::body_reader;
use crate::handlers::encode::{Encoding, Packers};
use crate::handlers::file_server::ContentTypes;
use crate::handlers::invoke::NamedRoutes;
use crate::handlers::reverse_proxy::Hosts;
use crate::handlers::templates::Entrance;
use crate::lasting::Lasting;
use crate::life::Life;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::placeholders::{Names, Template, Unknown};
use crate::prepare::{Prepared, prepare, without_certificates};
use crate::rate_zones::Zones;
use crate::spans::{Queue, Settings};
use crate::tls::{Around, Certificates};
use crate::{Environment, Node, handlers, places, runs};

/// Something in a config that cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// Where in the JSON.
    pub path: Path,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A config, ready to be served.
pub struct App {
    config: Config,
    environment: Environment,
    servers: Vec<(String, ServerTree)>,
    prepared: Option<Prepared>,
    lasting: Lasting,
    life: Life,
    metrics: Arc<Metrics>,
}

impl App {
    /// The servers with their names.
    pub fn servers(&self) -> impl Iterator<Item = (&str, &ServerTree)> {
        self.servers
            .iter()
            .map(|(name, tree)| (name.as_str(), tree))
    }

    /// The servers with their names, to be told of an access log.
    pub fn servers_mut(&mut self) -> impl Iterator<Item = (&str, &mut ServerTree)> {
        let servers = self.servers.iter_mut();
        servers.map(|(name, tree)| (name.as_str(), tree))
    }

    /// The config that this is built from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The world around it.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What the next config takes over.
    pub(crate) fn lasting(&self) -> Lasting {
        self.lasting.clone()
    }

    /// What begins when it is served, and ends when another one is.
    pub(crate) fn life(&self) -> Life {
        self.life.clone()
    }

    /// What is counted while it is served.
    pub(crate) fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// What listening takes; `None` if this was built to be asked in process only.
    pub(crate) fn into_parts(
        self,
    ) -> (
        Config,
        Environment,
        Vec<(String, ServerTree)>,
        Option<Prepared>,
    ) {
        (self.config, self.environment, self.servers, self.prepared)
    }
}

/// Builds a config; opens no listener, and writes no file but those of an authority of ours that a pool names.
pub fn build(config: &Config, environment: &Environment) -> Result<App, Vec<BuildError>> {
    build_with(config, environment, &Lasting::new())
}

/// Builds a config that takes over what the one before it leaves.
pub(crate) fn build_with(
    config: &Config,
    environment: &Environment,
    lasting: &Lasting,
) -> Result<App, Vec<BuildError>> {
    let certificates = Served::default();
    let trees = |config: &Config| trees(config, environment, lasting, &certificates);
    if let Some(errors) = runs::refused(config, trees) {
        return Err(errors);
    }
    match prepare(config, environment) {
        Ok((ready, prepared)) => {
            // Automatic HTTPS moves routes, so what is wrong is looked for in the config as it was written.
            let trees = served_trees(
                (&ready, config),
                environment,
                lasting,
                &prepared.certificates,
            )
            .map_err(|errors| trees(config).err().unwrap_or(errors))?;
            Ok(App {
                servers: trees.servers,
                metrics: trees.metrics,
                life: trees.life,
                config: ready,
                environment: environment.clone(),
                prepared: Some(prepared),
                lasting: lasting.clone(),
            })
        }
        Err(mut errors) => {
            errors.extend(trees(config).err().unwrap_or_default());
            Err(errors)
        }
    }
}

/// Builds a config to be asked in process: no certificate is needed, and it cannot be served.
pub fn build_in_process(
    config: &Config,
    environment: &Environment,
) -> Result<App, Vec<BuildError>> {
    let (lasting, certificates) = (Lasting::new(), Served::default());
    let trees = |config: &Config| trees(config, environment, &lasting, &certificates);
    if let Some(errors) = runs::refused(config, trees) {
        return Err(errors);
    }
    let ready = without_certificates(config);
    let trees = trees(&ready).map_err(|errors| trees(config).err().unwrap_or(errors))?;
    Ok(App {
        servers: trees.servers,
        metrics: trees.metrics,
        life: trees.life,
        config: ready,
        environment: environment.clone(),
        prepared: None,
        lasting,
    })
}

/// What is built for all servers of a config.
struct Trees {
    servers: Vec<(String, ServerTree)>,
    metrics: Arc<Metrics>,
    life: Life,
}

/// The trees of the config that is served, which know where their parts were written.
fn served_trees(
    (served, written): (&Config, &Config),
    environment: &Environment,
    lasting: &Lasting,
    certificates: &Served,
) -> Result<Trees, Vec<BuildError>> {
    let place = environment.place.clone();
    let environment = Environment {
        place: place.map(|places| places::of_served(places, written, served)),
        ..environment.clone()
    };
    trees(served, &environment, lasting, certificates)
}

fn trees(
    config: &Config,
    environment: &Environment,
    lasting: &Lasting,
    certificates: &Served,
) -> Result<Trees, Vec<BuildError>> {
    let metrics = Arc::new(Metrics::of(config, &lasting.metrics));
    let names = Names::of(config);
    let environment = Environment {
        mapped: Arc::new(names.mapped),
        ..environment.clone()
    };
    let mut builder = Builder {
        lasting: lasting.clone(),
        metrics: Arc::clone(&metrics),
        config: Some(config),
        certificates: Arc::clone(certificates),
        reads_answers: names.reads_answers,
        reads_bodies: names.reads_bodies,
        ..Builder::new(&environment)
    };
    admin::check(config, &mut builder);
    let mut servers = Vec::new();
    if let Some(http) = &config.apps.http {
        let at = Path::root().key("apps").key("http").key("servers");
        for (name, server) in &http.servers {
            let tree = ServerTree::build(name, server, &at.key(name), &mut builder);
            servers.push((name.clone(), tree));
        }
    }
    if builder.errors.is_empty() {
        Ok(Trees {
            servers,
            metrics,
            life: builder.life,
        })
    } else {
        Err(builder.errors)
    }
}

/// What is at hand while a tree is built.
pub(crate) struct Builder<'a> {
    /// The world around the server.
    pub(crate) environment: &'a Environment,
    errors: Vec<BuildError>,
    groups: HashMap<String, u32>,
    lasting: Lasting,
    life: Life,
    metrics: Arc<Metrics>,
    /// The server whose routes are built next, if those are counted.
    counting: Option<Box<str>>,
    /// A placeholder for the body of the request is somewhere in the config.
    pub(crate) reads_bodies: bool,
    /// What expressions may use, once there is one.
    pub(crate) cel: Option<Arc<cel::Env>>,
    /// The named routes of the server that is being built.
    pub(crate) named_routes: NamedRoutes,
    /// The way back into the server that is being built.
    pub(crate) entrance: Entrance,
    content_types: Option<Arc<ContentTypes>>,
    config: Option<&'a Config>,
    certificates: Served,
    reads_answers: bool,
    packers: Vec<Arc<Packers>>,
}

/// The certificates that are served at the time.
type Served = Arc<ArcSwap<Certificates>>;

impl<'a> Builder<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        let lasting = Lasting::new();
        Self {
            environment,
            errors: Vec::new(),
            groups: HashMap::new(),
            life: Life::default(),
            metrics: Arc::new(Metrics::of(&Config::default(), &lasting.metrics)),
            lasting,
            counting: None,
            reads_bodies: false,
            cel: None,
            named_routes: NamedRoutes::default(),
            entrance: Entrance::default(),
            content_types: None,
            config: None,
            certificates: Served::default(),
            reads_answers: false,
            packers: Vec::new(),
        }
    }

    /// What packs answers in this way, for all sites of the config.
    pub(crate) fn packers(&mut self, encoding: Encoding) -> Arc<Packers> {
        let mut known = self.packers.iter();
        if let Some(known) = known.find(|packers| packers.encoding() == encoding) {
            return Arc::clone(known);
        }
        let packers = Packers::new(encoding);
        self.packers.push(Arc::clone(&packers));
        packers
    }

    /// Whether a placeholder of the config reads the header of upstreams' answers: noting it costs a copy.
    pub(crate) fn reads_answers(&self) -> bool {
        self.reads_answers
    }

    /// A builder of something beside the trees.
    pub(crate) fn beside(config: &'a Config, environment: &'a Environment) -> Self {
        Self {
            config: Some(config),
            ..Self::new(environment)
        }
    }

    /// What is wrong.
    pub(crate) fn into_errors(self) -> Vec<BuildError> {
        self.errors
    }

    /// A text whose placeholders are filled now, such as `{env.NAME}`.
    pub(crate) fn fixed(&mut self, text: &str, at: &Path) -> Option<String> {
        match Template::parse(text, Unknown::Empty, self.environment) {
            Ok(template) => match template.constant() {
                Some(text) => return Some(text.to_owned()),
                None => self.error_with_help(
                    at,
                    format!(
                        "`{text}` depends on the request, and is read when the config is loaded"
                    ),
                    "write it out, or `{env.NAME}`",
                ),
            },
            Err(message) => self.error(at, message),
        }
        None
    }

    /// What pools of authorities are made from.
    pub(crate) fn around(&self) -> Around<'a> {
        Around {
            config: self.config,
            environment: self.environment,
        }
    }

    /// The certificates that are served, and those that are managed for ourselves.
    pub(crate) fn certificates(&self) -> Served {
        Arc::clone(&self.certificates)
    }

    /// Notes an error that was found elsewhere; building goes on.
    pub(crate) fn found(&mut self, error: BuildError) {
        self.errors.push(error);
    }

    /// What checks passwords, for all sites of the config.
    pub(crate) fn passwords(&self) -> Arc<Passwords> {
        Arc::clone(&self.lasting.passwords)
    }

    /// Who has asked how often, for all sites of the config.
    pub(crate) fn zones(&self) -> &Zones {
        &self.lasting.zones
    }

    /// What is counted while the config is served.
    pub(crate) fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Where spans are put, if somebody is told of them once the config is served.
    pub(crate) fn spans(&self, settings: &Settings) -> Option<Queue> {
        let queue = self.lasting.spans.queue(settings)?;
        let spans = Arc::clone(&self.lasting.spans);
        self.life.task(async move { spans.begin() });
        Some(queue)
    }

    /// Has the routes counted that are built next: those of a server.
    pub(crate) fn count(&mut self, server: &str) {
        self.counting = Some(server.into());
    }

    /// The server whose routes are counted, for the first who asks.
    pub(crate) fn take_counting(&mut self) -> Option<Box<str>> {
        self.counting.take()
    }

    /// The types of files, read from the machine once for all sites of the config.
    pub(crate) fn content_types(&mut self) -> Arc<ContentTypes> {
        let read = || Arc::new(ContentTypes::of_machine());
        Arc::clone(self.content_types.get_or_insert_with(read))
    }

    /// The servers that upstreams name.
    pub(crate) fn hosts(&self) -> Arc<Hosts> {
        Arc::clone(&self.lasting.hosts)
    }

    /// The life of the config.
    pub(crate) fn life(&self) -> &Life {
        &self.life
    }

    /// Where a part of the config stands: in its text if there is one, else in the JSON.
    pub(crate) fn place(&self, at: &Path) -> String {
        let place = self.environment.place.as_ref();
        place
            .and_then(|place| place(at))
            .unwrap_or_else(|| at.to_string())
    }

    /// The number of a route group.
    pub(crate) fn group(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.groups.len()).expect("a config has less than 2^32 groups");
        *self.groups.entry(name.to_owned()).or_insert(next)
    }

    /// Notes an error; building goes on.
    pub(crate) fn error(&mut self, at: &Path, message: impl Into<String>) {
        self.errors.push(BuildError {
            path: at.clone(),
            message: message.into(),
            help: None,
        });
    }

    /// Notes an error, and what to write instead.
    pub(crate) fn error_with_help(
        &mut self,
        at: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push(BuildError {
            path: at.clone(),
            message: message.into(),
            help: Some(help.into()),
        });
    }

    /// Reads a text with placeholders; nothing stands in the place of one that nobody has.
    pub(crate) fn template(&mut self, text: &str, at: &Path) -> Template {
        self.template_with(text, at, Unknown::Empty)
    }

    /// Reads a text with placeholders; one that nobody has stays as it is written.
    pub(crate) fn template_known(&mut self, text: &str, at: &Path) -> Template {
        self.template_with(text, at, Unknown::Kept)
    }

    fn template_with(&mut self, text: &str, at: &Path, unknown: Unknown) -> Template {
        Template::parse(text, unknown, self.environment).unwrap_or_else(|message| {
            self.error(at, message);
            Template::text("")
        })
    }
}

/// The settings of a server without its routes.
pub(crate) fn settings(server: &Server) -> Server {
    Server {
        routes: Vec::new(),
        named_routes: std::collections::BTreeMap::new(),
        errors: None,
        ..server.clone()
    }
}

/// A handler before the node after it.
pub(crate) fn handler(handler: &Handler, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let node = alone(handler, at, builder, next);
    if matches!(handler, Handler::Subroute(_) | Handler::RequestBody(_)) {
        // What is in a subroute looks after itself, and a body that is replaced cannot be read any more.
        return node;
    }
    body_reader::before(node, handler, builder)
}

fn alone(handler: &Handler, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    match handler {
        Handler::AcmeServer(config) => handlers::acme_server::build(config, at, builder, next),
        Handler::Authentication(config) => {
            handlers::authentication::build(config, at, builder, next)
        }
        Handler::CopyResponse(config) => handlers::copy_response::build(config, at, builder),
        Handler::CopyResponseHeaders(config) => {
            handlers::copy_response_headers::build(config, at, builder, next)
        }
        Handler::Encode(config) => handlers::encode::build(config, at, builder, next),
        Handler::Error(config) => handlers::error::build(config, at, builder),
        Handler::FileServer(config) => handlers::file_server::build(config, at, builder, next),
        Handler::Headers(config) => handlers::headers::build(config, at, builder, next),
        Handler::Intercept(config) => handlers::intercept::build(config, at, builder, next),
        Handler::Invoke(config) => handlers::invoke::build(config, at, builder, next),
        Handler::LogAppend(config) => handlers::log_append::build(config, at, builder, next),
        Handler::Map(config) => handlers::map::build(config, at, builder, next),
        Handler::Metrics(config) => handlers::metrics::build(config, at, builder, next),
        Handler::Push(config) => handlers::push::build(config, at, builder, next),
        Handler::RateLimit(config) => handlers::rate_limit::build(config, at, builder, next),
        Handler::RequestBody(config) => handlers::request_body::build(config, at, builder, next),
        Handler::ReverseProxy(config) => handlers::reverse_proxy::build(config, at, builder, next),
        Handler::Rewrite(config) => handlers::rewrite::build(config, at, builder, next),
        Handler::StaticResponse(config) => handlers::static_response::build(config, at, builder),
        Handler::Subroute(config) => handlers::subroute::build(config, at, builder, next),
        Handler::Templates(config) => handlers::templates::build(config, at, builder, next),
        Handler::Tracing(config) => handlers::tracing::build(config, at, builder, next),
        Handler::Vars(config) => handlers::vars::build(config, at, builder, next),
    }
}
