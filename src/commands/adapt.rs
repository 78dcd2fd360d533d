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
    let json = input.written();
    let json = if args.pretty {
        caddis_ir::pretty_value(&json)
    } else {
        caddis_ir::compact_value(&json)
    };
    io.print(&(json + "\n"))?;
    io.findings(&input.warnings, &input.sources);
    if args.validate {
        validate::check(&input, variables)?;
    } else {
        io.findings(&input.not_served(), &input.sources);
    }
    // The program ends here: to take a large config apart piece by piece is work for nobody.
    std::mem::forget(input);
    Ok(Outcome::SUCCESS)
}
