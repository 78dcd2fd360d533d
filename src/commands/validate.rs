//! `caddis validate`: whether a config can be served, without a listener opened or a file written.

use caddis_ir::{Admin, Config, Path};
use caddis_server::{App, BuildError, Environment};

use crate::cli::ValidateArgs;
use crate::environment;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text;
use crate::variables::Variables;

/// Says that the config is valid, or why it is not.
pub(crate) fn run(args: &ValidateArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&args.config.envfiles.files)?;
    let input = Input::read(text::to_validate(&args.config, io)?, &variables)?;
    io.findings(&input.warnings, &input.sources);
    check(&input, variables)?;
    io.print("Valid configuration\n")?;
    Ok(Outcome::SUCCESS)
}

/// Builds the config as it would be served.
pub(crate) fn check(input: &Input, variables: Variables) -> Result<App, Failure> {
    let mut errors: Vec<_> = admin(&input.config).into_iter().collect();
    let environment = Environment {
        place: input.places(),
        ..environment::of(variables)
    };
    match caddis_server::build(&input.config, &environment) {
        Ok(app) if errors.is_empty() => return Ok(app),
        Ok(_) => {}
        Err(more) => errors.extend(more),
    }
    Err(input.explain(errors))
}

/// An admin endpoint that is asked for is refused; the one that Caddy has by default is only missing.
fn admin(config: &Config) -> Option<BuildError> {
    match &config.admin {
        Some(Admin {
            disabled: false,
            listen,
            ..
        }) if !listen.is_empty() => Some(BuildError {
            path: Path::root().key("admin").key("listen"),
            message: "the admin endpoint is not there yet".into(),
            help: Some("write `admin off`, or nothing".into()),
        }),
        Some(_) | None => None,
    }
}
