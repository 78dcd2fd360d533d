//! IR → service trees, collecting every error with its place in the config.

use caddis_ir::{Config, Path};

use crate::Environment;

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
pub struct App {}

/// Builds a config; opens no listener and writes no file.
pub fn build(_config: &Config, _environment: &Environment) -> Result<App, Vec<BuildError>> {
    Ok(App {})
}
