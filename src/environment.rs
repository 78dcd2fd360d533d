//! The world around the server: this machine's network, variables and folders.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use caddis_server::{Environment, Network};

use crate::variables::Variables;

/// What the server gets to know of this machine.
pub(crate) fn of(variables: Variables) -> Environment {
    Environment {
        place: None,
        dial: Arc::new(Network::default()),
        passwords: None,
        shutdown: std::sync::Arc::default(),
        data_dir: variables.data_dir(),
        mapped: std::sync::Arc::default(),
        workers: available_parallelism().map_or(1, NonZero::get),
        variable: variables.shared(),
    }
}
