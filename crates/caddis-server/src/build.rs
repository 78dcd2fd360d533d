//! IR → service trees, collecting every error with its place in the config.

use std::sync::Arc;

use caddis_ir::{Config, Handler, Path, Server};

use crate::admin;
use crate::builder::{Builder, Served};
use crate::entry::ServerTree;
use crate::handlers::body_reader;
use crate::lasting::Lasting;
use crate::life::Life;
use crate::metrics::Metrics;
use crate::placeholders::Names;
use crate::prepare::{Prepared, prepare, without_certificates};
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
