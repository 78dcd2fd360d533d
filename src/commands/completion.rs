//! `caddis completion`: a script that completes commands and flags in a shell.

use clap::Command;

use crate::cli::CompletionArgs;
use crate::report::{Failure, Io, Outcome};
use crate::usage;

/// Prints the script for the name that the program was called.
pub(crate) fn run(args: &CompletionArgs, io: &Io) -> Result<Outcome, Failure> {
    let name = io.name.word();
    let mut command = shown(Command::new(name), &usage::command(io.name));
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    io.print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::SUCCESS)
}

/// The command without what its help does not show: the scripts would offer flags that are refused.
fn shown(bare: Command, command: &Command) -> Command {
    let arguments = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let commands = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let commands = commands.map(|sub| {
        // clap takes names that live as long as the program, which ends with this script.
        let name: &'static str = sub.get_name().to_owned().leak();
        shown(Command::new(name), sub)
    });
    let bare = bare.args(arguments.cloned()).subcommands(commands);
    match command.get_about() {
        Some(about) => bare.about(about.clone()),
        None => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;

    #[test]
    fn flags_that_are_refused_are_not_offered() {
        let command = usage::command(Name::Caddis);
        let shown = shown(Command::new("caddis"), &command);
        let flags = |command: &Command, sub| -> Vec<String> {
            let found = command.find_subcommand(sub).unwrap();
            let flags = found.get_arguments().filter_map(clap::Arg::get_long);
            flags.map(str::to_owned).collect()
        };
        let offered = flags(&shown, "run");
        assert!(offered.contains(&"watch".into()), "{offered:?}");
        assert!(!offered.contains(&"pingback".into()), "{offered:?}");
        assert!(flags(&command, "run").contains(&"pingback".into()));
    }
}
