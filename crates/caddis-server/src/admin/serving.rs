//! What the admin endpoint asks of the running server.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::answer::Refusal;
use crate::{Control, Current, Load, LoadError, Loaded};

/// Makes another config from the one that is served.
pub(super) type Change = Box<dyn FnOnce(&Current) -> Result<Load, Refusal> + Send>;
/// What became of it.
pub(super) type Changing<'a> =
    Pin<Box<dyn Future<Output = Result<Loaded, NotChanged>> + Send + 'a>>;

/// The right to be alone.
pub(super) type Waiting<'a> = Pin<Box<dyn Future<Output = Box<dyn Send>> + Send + 'a>>;

/// The running server, or a stub.
pub(super) trait Serving: Send + Sync {
    /// The config that is served.
    fn current(&self) -> Arc<Current>;
    /// Changes the config; nobody else does so meanwhile.
    fn change(&self, change: Change) -> Changing<'_>;
    /// Waits until nobody else changes the config; nobody does until what is given is dropped.
    fn turn(&self) -> Waiting<'_>;
    /// Ends the server after the requests that are under way.
    fn stop(&self);
}

/// Why a config was not changed.
#[derive(Debug)]
pub(super) enum NotChanged {
    /// There is no other config.
    Refused(Refusal),
    /// The other config cannot be served.
    Failed(LoadError),
}

impl Serving for Control {
    fn current(&self) -> Arc<Current> {
        Self::current(self)
    }

    fn change(&self, change: Change) -> Changing<'_> {
        Box::pin(async move {
            let turn = self.turn().await;
            let load = change(&turn.current()).map_err(NotChanged::Refused)?;
            turn.load(load).await.map_err(NotChanged::Failed)
        })
    }

    fn turn(&self) -> Waiting<'_> {
        Box::pin(async move { Box::new(Self::turn(self).await) as Box<dyn Send> })
    }

    fn stop(&self) {
        Self::stop(self);
    }
}
