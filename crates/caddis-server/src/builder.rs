//! What is at hand while trees are built: the world around them, what they share, and what is wrong with the config.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, Path};

use crate::Environment;
use crate::build::BuildError;
use crate::handlers::encode::{Encoding, Packers};
use crate::handlers::file_server::ContentTypes;
use crate::handlers::invoke::NamedRoutes;
use crate::handlers::reverse_proxy::Hosts;
use crate::handlers::templates::Entrance;
use crate::lasting::Lasting;
use crate::life::Life;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::placeholders::{Template, Unknown};
use crate::rate_zones::Zones;
use crate::spans::{Queue, Settings};
use crate::tls::{Around, Certificates};
/// What is at hand while a tree is built.
pub(crate) struct Builder<'a> {
    /// The world around the server.
    pub(crate) environment: &'a Environment,
    pub(crate) errors: Vec<BuildError>,
    pub(crate) groups: HashMap<String, u32>,
    pub(crate) lasting: Lasting,
    pub(crate) life: Life,
    pub(crate) metrics: Arc<Metrics>,
    /// The server whose routes are built next, if those are counted.
    pub(crate) counting: Option<Box<str>>,
    /// A placeholder for the body of the request is somewhere in the config.
    pub(crate) reads_bodies: bool,
    /// What expressions may use, once there is one.
    pub(crate) cel: Option<Arc<cel::Env>>,
    /// The named routes of the server that is being built.
    pub(crate) named_routes: NamedRoutes,
    /// The way back into the server that is being built.
    pub(crate) entrance: Entrance,
    pub(crate) content_types: Option<Arc<ContentTypes>>,
    pub(crate) config: Option<&'a Config>,
    pub(crate) certificates: Served,
    pub(crate) reads_answers: bool,
    pub(crate) packers: Vec<Arc<Packers>>,
}

/// The certificates that are served at the time.
pub(crate) type Served = Arc<ArcSwap<Certificates>>;

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
