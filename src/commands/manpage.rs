//! `caddis manpage`: a manual page for each command, in section 8.

use std::fs;
use std::io;
use std::path::Path;

use clap_mangen::Man;

use crate::cli::ManpageArgs;
use crate::report::{Failure, Io, Outcome};
use crate::usage;

const SECTION: &str = "8";
/// What Caddy ends with where the pages cannot be written.
const NOT_WRITTEN: Outcome = Outcome(3);

/// Writes `caddis.8`, `caddis-run.8` and so on.
pub(crate) fn run(args: &ManpageArgs, io: &Io) -> Result<Outcome, Failure> {
    let named = (args.directory.as_deref()).filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = named else {
        let text = "there is no folder to write to\n  help: name one with `--directory`";
        return Err(Failure::Usage(text.into(), NOT_WRITTEN));
    };
    write_all(folder, usage::command(io.name)).map_err(|error| {
        let text = format!("writing to `{}`: {error}", folder.display());
        Failure::Usage(text, NOT_WRITTEN)
    })?;
    Ok(Outcome::SUCCESS)
}

fn write_all(folder: &Path, mut command: clap::Command) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    command.build();
    let shown = |command: &&clap::Command| !command.is_hide_set();
    for command in command.get_subcommands().filter(shown) {
        write(folder, command)?;
    }
    write(folder, &command)
}

fn write(folder: &Path, command: &clap::Command) -> io::Result<()> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name());
    let file = folder.join(format!("{name}.{SECTION}"));
    let mut page = Vec::new();
    Man::new(command.clone())
        .section(SECTION)
        .render(&mut page)?;
    fs::write(file, page)
}
