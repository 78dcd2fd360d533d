//! `caddis adapt`: a config as Caddy's JSON.

use crate::cli::AdaptArgs;
use crate::commands::validate;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::text;
use crate::variables::Variables;

/// Prints the JSON, and the warnings on standard error: of what is adapted and could not be served too.
///
/// As with Caddy, the JSON is printed even when `--validate` then finds that it cannot be served.
pub(crate) fn run(args: &AdaptArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&args.config.envfiles.files)?;
    let input = Input::read(text::to_adapt(&args.config, io)?, &variables)?;
    let json = if args.pretty {
        caddis_ir::pretty(&input.config)
    } else {
        caddis_ir::compact(&input.config)
    };
    io.print(&(json + "\n"))?;
    io.findings(&input.warnings, &input.sources);
    if args.validate {
        validate::check(&input, variables)?;
    } else {
        io.findings(&input.not_served(), &input.sources);
    }
    Ok(Outcome::SUCCESS)
}
