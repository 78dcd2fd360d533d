//! `caddis run`: serve a config until told to stop.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caddis_server::{Load, Reread, ServeOptions, Source};
use tracing::error;

use crate::adapter::Adapter;
use crate::background;
use crate::cli_server::RunArgs;
use crate::commands::{environ, validate};
use crate::descriptors;
use crate::input::Input;
use crate::report::{Failure, Io, Outcome};
use crate::supervisor::Supervisor;
use crate::text::{self, Text};
use crate::variables::Variables;

/// Serves, and ends as the server ended.
pub(crate) fn run(args: &RunArgs, io: &Io) -> Result<Outcome, Failure> {
    if args.detached {
        background::leave_session();
    }
    descriptors::raise_limit();
    let variables = Variables::read(&args.config.envfiles.files)?;
    if args.environ {
        io.print(&environ::text(&variables))?;
    }
    let (input, source) = config(args, &variables, io)?;
    io.findings(&input.warnings, &input.sources);
    let app = validate::check(&input, variables.clone())?;
    if args.watch && source.is_none() {
        io.warn(
            "`--watch` has nothing to watch: the config does not come from a file",
            &[],
        );
    }
    let exit = caddis_server::serve(
        app,
        input.load(source.clone()),
        options(args, source, variables),
    )
    .map_err(|error| Failure::message(error.to_string()));
    if let Some(file) = &args.pidfile {
        remove(file);
    }
    Ok(Outcome(exit?.code()))
}

/// The config that was served last, the one that is named, or none at all; and its file, if it has one.
fn config(
    args: &RunArgs,
    variables: &Variables,
    io: &Io,
) -> Result<(Input, Option<Source>), Failure> {
    if args.resume {
        let file = autosave(variables);
        let name = file.display().to_string();
        if file.exists() {
            match &args.config.config {
                Some(_) => io.warn(
                    "`--resume` counts before `--config`, which is not read: serving what was served last",
                    &[("autosave_file", &name)],
                ),
                None => io.note("serving what was served last", &[("autosave_file", &name)]),
            }
            let input = Input::read(text::json(&name)?, variables)?;
            return Ok((input, None));
        }
        io.note(
            "nothing to resume: no config was kept",
            &[("autosave_file", &name)],
        );
    }
    let Some(text) = text::to_serve(&args.config, io)? else {
        return Ok((Input::none(), None));
    };
    let source = text.source();
    Ok((Input::read(text, variables)?, source))
}

fn options(args: &RunArgs, source: Option<Source>, variables: Variables) -> ServeOptions {
    let supervisor = Supervisor::of(&variables);
    let pidfile = args.pidfile.clone();
    let pingback = args.pingback.clone();
    let detached = args.detached;
    ServeOptions {
        ready: Some(Box::new(move || is_up(pidfile, pingback, detached))),
        notify: Some(Arc::new(move |notice| supervisor.tell(&notice))),
        autosave: Some(autosave(&variables)),
        reread: source.map(|source| reread(source, variables.clone())),
        adapt: Some(Arc::new(Adapter(variables))),
        watch: args.watch,
    }
}

/// What is done when every address is listened on.
fn is_up(pidfile: Option<PathBuf>, pingback: Option<String>, detached: bool) -> Result<(), String> {
    if let Some(file) = pidfile
        && let Err(fault) = write(&file)
    {
        error!(pidfile = %file.display(), %fault, "the process's number cannot be written down");
    }
    if detached {
        background::leave_streams()
            .map_err(|error| format!("letting go of the terminal: {error}"))?;
    }
    pingback.map_or(Ok(()), |address| background::confirm(&address))
}

fn autosave(variables: &Variables) -> PathBuf {
    variables.config_dir().join("autosave.json")
}

/// Reads the config's file once more, with the environment of the start.
fn reread(source: Source, variables: Variables) -> Reread {
    Arc::new(move || {
        let read = text::again(&source).and_then(|text: Text| Input::read(text, &variables));
        let load = |input: Input| -> Load { input.load(Some(source.clone())) };
        read.map(load).map_err(|failure| failure.text())
    })
}

fn write(pidfile: &Path) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(pidfile)?;
    writeln!(file, "{}", std::process::id())
}

/// Removes the file, unless another process has written its own number to it.
fn remove(pidfile: &Path) {
    let ours = fs::read_to_string(pidfile)
        .is_ok_and(|number| number.trim() == std::process::id().to_string());
    if ours {
        fs::remove_file(pidfile).ok();
    }
}
