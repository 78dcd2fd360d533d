//! Serves a config that a command made of its flags: no file is read, no other config can be loaded.

use caddis_server::ServeOptions;
use serde_json::Value;
use tracing::info;

use crate::commands::validate;
use crate::descriptors;
use crate::input::Input;
use crate::report::{Failure, Outcome};
use crate::text::{Language, Text};
use crate::variables::Variables;

/// Serves a config until told to stop; logs a line when it listens.
pub(crate) fn serve(config: &Value, line: String) -> Result<Outcome, Failure> {
    descriptors::raise_limit();
    let variables = Variables::read(&[])?;
    let text = Text::of("the flags", config.to_string(), Language::Json);
    let input = Input::read(text, &variables)?;
    let app = validate::check(&input, variables)?;
    let ready = move || {
        info!("{line}");
        Ok(())
    };
    let options = ServeOptions {
        ready: Some(Box::new(ready)),
        ..ServeOptions::default()
    };
    let exit = caddis_server::serve(app, input.load(None), options);
    let exit = exit.map_err(|error| Failure::message(error.to_string()))?;
    Ok(Outcome(exit.code()))
}
