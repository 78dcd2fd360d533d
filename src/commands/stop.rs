//! `caddis stop`: end a server that runs.

use crate::admin_client::{Endpoint, Method};
use crate::cli_server::StopArgs;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text;
use crate::variables::Variables;

/// Asks the server to end after the requests that are under way.
pub(crate) fn run(args: &StopArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&args.config.envfiles.files)?;
    let address = args.address.as_deref();
    let config = match &args.config.config {
        // As with Caddy, the Caddyfile in this folder is not looked at.
        Some(name) if address.is_none() && !name.is_empty() => {
            match text::to_serve(&args.config, io)? {
                Some(text) => Some(Input::read(text, &variables)?.config),
                None => None,
            }
        }
        Some(_) | None => None,
    };
    let endpoint = Endpoint::of(address, config.as_ref(), &variables)?;
    let answer = endpoint.ask(Method::POST, "/stop", &[], String::new())?;
    if answer.is_success() {
        return Ok(Outcome::SUCCESS);
    }
    Err(answer.refusal(&endpoint))
}
