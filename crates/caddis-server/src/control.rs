//! How the running server is asked for something: another config, its end.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::instance::Instance;
use crate::{BuildError, Places};

/// A config to be served from now on.
#[derive(Clone)]
pub struct Load {
    /// Caddy's JSON; parts may have an `@id`.
    pub json: Value,
    /// Serve it even if it is the one that is served.
    pub forced: bool,
    /// The file that it was read from, if it was.
    pub source: Option<Source>,
    /// Where its parts stand in a text, if there is one.
    pub places: Option<Places>,
}

/// The file that a config was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: String,
    /// The language it is written in; Caddy's JSON if empty.
    pub adapter: String,
}

/// What became of a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// It is served.
    Changed,
    /// It was served already, and nothing was done.
    Unchanged,
}

/// Why a config is not served; the one before it still is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadError {
    /// What is wrong, in a line.
    pub message: String,
    /// What is wrong in the config, each with its place.
    pub faults: Vec<BuildError>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for fault in &self.faults {
            match fault.path.to_string() {
                path if path.is_empty() => write!(f, "\n{}", fault.message)?,
                path => write!(f, "\n{path}: {}", fault.message)?,
            }
            if let Some(help) = &fault.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// The config that is served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Current {
    /// Its JSON; null if there is none.
    pub json: Value,
    /// The file that it was read from, if it was.
    pub source: Option<Source>,
}

/// Asks the running server. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    instance: Arc<Mutex<Instance>>,
    current: Arc<ArcSwap<Current>>,
    stop: Arc<Notify>,
}

/// The right to change the config, which one has at a time.
pub struct Turn {
    instance: OwnedMutexGuard<Instance>,
    control: Control,
}

impl Control {
    pub(crate) fn new(instance: Instance, current: Current) -> Self {
        Self(Arc::new(Inner {
            instance: Arc::new(Mutex::new(instance)),
            current: Arc::new(ArcSwap::from_pointee(current)),
            stop: Arc::default(),
        }))
    }

    /// Serves another config from now on, or goes on with the one before it.
    pub async fn load(&self, load: Load) -> Result<Loaded, LoadError> {
        self.turn().await.load(load).await
    }

    /// Waits until nobody else changes the config.
    pub async fn turn(&self) -> Turn {
        Turn {
            instance: Arc::clone(&self.0.instance).lock_owned().await,
            control: self.clone(),
        }
    }

    /// The config that is served.
    pub fn current(&self) -> Arc<Current> {
        self.0.current.load_full()
    }

    /// Ends the server after the requests that are under way.
    pub fn stop(&self) {
        self.0.stop.notify_one();
    }

    /// Waits until somebody asks for the end.
    pub(crate) async fn stopped(&self) {
        self.0.stop.notified().await;
    }
}

impl Turn {
    /// The config that is served.
    pub fn current(&self) -> Arc<Current> {
        self.control.current()
    }

    /// Serves another config from now on, or goes on with the one before it. Goes on even if nobody waits for it.
    pub async fn load(self, load: Load) -> Result<Loaded, LoadError> {
        let Self {
            mut instance,
            control,
        } = self;
        let loading = tokio::spawn(async move {
            let current = control.current();
            if !load.forced && current.json == load.json {
                instance.serves_it_already();
                return Ok(Loaded::Unchanged);
            }
            let next = Current {
                json: load.json.clone(),
                source: load.source.clone(),
            };
            instance.load(load, &control).await?;
            control.0.current.store(Arc::new(next));
            Ok(Loaded::Changed)
        });
        loading.await.unwrap_or_else(|error| {
            Err(LoadError {
                message: format!("loading the config: {error}"),
                faults: Vec::new(),
            })
        })
    }

    pub(crate) fn instance(&mut self) -> &mut Instance {
        &mut self.instance
    }
}
