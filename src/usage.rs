//! Reads the command line, and says what is wrong with it.

use std::ffi::OsString;

use caddis_source::suggest;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command};
use crate::report::{Failure, Outcome};

/// Commands of Caddy that are not there yet.
const ABSENT: [&str; 16] = [
    "add-package",
    "build-info",
    "completion",
    "file-server",
    "list-modules",
    "manpage",
    "reload",
    "remove-package",
    "respond",
    "reverse-proxy",
    "start",
    "stop",
    "storage",
    "trust",
    "untrust",
    "upgrade",
];

/// What scripts of `caddis test` are told, whose exit code 1 means failed cases.
const WRONG_USAGE_OF_TEST: Outcome = Outcome(2);

/// The command line as types; the first word is the program's own name, which does not matter.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, Failure> {
    let words: Vec<OsString> = words.into_iter().collect();
    let cli = Cli::try_parse_from(&words).map_err(|error| refused(&error, &words))?;
    match &cli.command {
        Some(Command::Other(words)) => Err(unknown(words)),
        None if !cli.version => Err(Failure::Help(Cli::command().render_help().to_string())),
        Some(_) | None => Ok(cli),
    }
}

fn refused(error: &clap::Error, words: &[OsString]) -> Failure {
    let text = error.render().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return Failure::Help(text);
    }
    let outcome = if words.get(1).is_some_and(|word| word == "test") {
        WRONG_USAGE_OF_TEST
    } else {
        Outcome::FAILURE
    };
    let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    Failure::Usage(text.into(), outcome)
}

fn unknown(words: &[OsString]) -> Failure {
    let word = words.first().map(|word| word.to_string_lossy());
    let word = word.as_deref().unwrap_or_default();
    if ABSENT.contains(&word) {
        return absent(&format!("the command `{word}`"));
    }
    let known = Cli::command();
    let names = known.get_subcommands().map(clap::Command::get_name);
    let text = match suggest(word, names.chain(ABSENT)) {
        Some(near) => format!("unknown command `{word}`\n  help: did you mean `{near}`?"),
        None => format!("unknown command `{word}`\n  help: `caddis --help` lists the commands"),
    };
    Failure::Usage(text, Outcome::FAILURE)
}

/// Refuses by name what Caddy's command line has and this one has not yet.
pub(crate) fn absent(what: &str) -> Failure {
    Failure::Usage(format!("{what} is not there yet"), Outcome::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Cli, Failure> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_types_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_that_are_not_there_yet_are_refused_by_name() {
        for name in ABSENT {
            let Err(Failure::Usage(text, Outcome::FAILURE)) = check(&format!("caddy {name} -x"))
            else {
                panic!("`{name}` is accepted");
            };
            assert_eq!(text, format!("the command `{name}` is not there yet"));
        }
    }

    #[test]
    fn a_slip_in_a_command_is_pointed_out() {
        let Err(Failure::Usage(text, _)) = check("caddis adpat") else {
            panic!("`adpat` is accepted");
        };
        assert!(text.ends_with("did you mean `adapt`?"), "{text}");
    }

    #[test]
    fn the_name_of_the_program_does_not_matter() {
        assert!(check("caddy version").is_ok());
        assert!(check("/usr/bin/caddy environ").is_ok());
    }
}
