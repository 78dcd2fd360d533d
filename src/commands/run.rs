//! `caddis run`: serve a config until told to stop.

use caddis_server::{Load, ServeOptions};

use crate::cli::{AbsentRunArgs, RunArgs};
use crate::commands::{environ, validate};
use crate::input::{self, Input};
use crate::report::{Failure, Io, Outcome};
use crate::usage::absent;
use crate::variables::Variables;

/// Serves, and ends as the server ended.
pub(crate) fn run(args: &RunArgs, io: &Io) -> Result<Outcome, Failure> {
    refuse(&args.absent)?;
    let variables = Variables::read(&args.config.envfiles.files)?;
    if args.environ {
        io.print(&environ::text(&variables))?;
    }
    let Some(text) = input::to_serve(&args.config, io)? else {
        return Err(Failure::message("there is no Caddyfile in this folder")
            .help("name a config with `--config`; the admin endpoint, with which Caddy starts alone, is not there yet"));
    };
    let input = Input::read(text, &variables)?;
    io.findings(&input.warnings, &input.sources);
    let app = validate::check(&input, variables)?;
    if !input
        .config
        .admin
        .as_ref()
        .is_some_and(|admin| admin.disabled)
    {
        io.note(
            "the admin endpoint is not there yet: nothing listens for it",
            &[],
        );
    }
    let load = Load {
        json: input.json.clone(),
        forced: false,
        source: None,
        places: None,
    };
    let exit = caddis_server::serve(app, load, ServeOptions::default())
        .map_err(|error| Failure::message(error.to_string()))?;
    Ok(Outcome(exit.code()))
}

fn refuse(absent_args: &AbsentRunArgs) -> Result<(), Failure> {
    let flags = [
        ("resume", absent_args.resume),
        ("watch", absent_args.watch),
        ("pidfile", absent_args.pidfile.is_some()),
        ("pingback", absent_args.pingback.is_some()),
    ];
    match flags.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(absent(&format!("`--{flag}`"))),
        None => Ok(()),
    }
}
