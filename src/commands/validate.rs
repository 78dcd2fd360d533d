//! `caddis validate`: whether a config can be served, without a listener opened or a file written.

use caddis_server::{App, Environment};

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
    let environment = Environment {
        place: input.places(),
        ..environment::of(variables)
    };
    caddis_server::build(&input.config, &environment).map_err(|errors| input.explain(errors))
}
