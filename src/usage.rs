//! Reads the command line, and says what is wrong with it.

use std::ffi::OsString;

use caddis_source::suggest;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::{Cli, Command};
use crate::name::Name;
use crate::report::{Failure, Outcome};

/// Commands of Caddy that are not there yet.
const ABSENT: [&str; 5] = [
    "add-package",
    "build-info",
    "remove-package",
    "storage",
    "upgrade",
];

/// What scripts are told of commands that Caddy does not have, whose exit code 1 means that something was found.
const WRONG_USAGE: Outcome = Outcome(2);
/// Those commands.
const OWN: [&str; 2] = ["lint", "test"];

/// The command line as types; the first word is what the program was called.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>, name: Name) -> Result<Cli, Failure> {
    let words: Vec<OsString> = words.into_iter().collect();
    let cli = (command(name).try_get_matches_from(&words))
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| refused(&error, &words))?;
    match &cli.command {
        Some(Command::Other(words)) => Err(unknown(words, name)),
        None if !cli.version => Err(Failure::Help(command(name).render_help().to_string())),
        Some(_) | None => Ok(cli),
    }
}

/// The command line of a program that is called so.
pub(crate) fn command(name: Name) -> clap::Command {
    let word = name.word();
    let after = match name {
        Name::Caddis => {
            format!(
                "The commands and flags are those of `caddy`; `{word} <command> --help` explains one."
            )
        }
        Name::Caddy => format!(
            "This is caddis, called as `{word}`; `{word} <command> --help` explains a command."
        ),
    };
    Cli::command().name(word).bin_name(word).after_help(after)
}

fn refused(error: &clap::Error, words: &[OsString]) -> Failure {
    let text = error.render().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return Failure::Help(text);
    }
    let is_own = |word: &OsString| OWN.iter().any(|own| word == own);
    let outcome = if words.get(1).is_some_and(is_own) {
        WRONG_USAGE
    } else {
        Outcome::FAILURE
    };
    let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    Failure::Usage(text.into(), outcome)
}

fn unknown(words: &[OsString], name: Name) -> Failure {
    let word = words.first().map(|word| word.to_string_lossy());
    let word = word.as_deref().unwrap_or_default();
    if ABSENT.contains(&word) {
        return absent(&format!("the command `{word}`"));
    }
    let known = Cli::command();
    let names = known.get_subcommands().map(clap::Command::get_name);
    let text = match suggest(word, names.chain(ABSENT)) {
        Some(near) => format!("unknown command `{word}`\n  help: did you mean `{near}`?"),
        None => format!("unknown command `{word}`\n  help: `{name} --help` lists the commands"),
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
        let name = Name::of(line.split(' ').next().map(OsString::from));
        parse(line.split(' ').map(OsString::from), name)
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
    fn the_program_speaks_of_itself_by_the_name_it_was_called() {
        for (line, expected) in [
            ("caddis frobnicate", "`caddis --help` lists the commands"),
            (
                "/usr/bin/caddy frobnicate",
                "`caddy --help` lists the commands",
            ),
            ("caddy run --frobnicate", "Usage: caddy run"),
        ] {
            let Err(Failure::Usage(text, Outcome::FAILURE)) = check(line) else {
                panic!("`{line}` is accepted");
            };
            assert!(text.contains(expected), "{text}");
        }
        let Err(Failure::Help(text)) = check("caddy --help") else {
            panic!("there is no help");
        };
        assert!(!text.contains("`caddis"), "{text}");
    }
}
