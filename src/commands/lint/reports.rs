//! Findings in the forms that were asked for, where they were asked for.

use std::path::Path;

use caddis_lint::{Level, Linted, formats};

use super::run::{usage, write as write_file};
use crate::cli::Form;
use crate::cli_lint::{Format, LintArgs};
use crate::report::{Failure, Io};

const STDOUT: &str = "-";

/// Every report.
pub(super) fn write(args: &LintArgs, linted: &[Linted], io: &Io) -> Result<(), Failure> {
    let wanted = &args.output.format;
    let usual = [match io.form {
        Form::Full => Format::Full,
        Form::Concise => Format::Concise,
        Form::Json => Format::Json,
        Form::Github => Format::Github,
    }];
    let formats = if wanted.is_empty() {
        &usual[..]
    } else {
        wanted
    };
    if args.output.output.len() > formats.len() {
        return Err(usage("there are more --output than --format".into()));
    }
    let changes_text = args.fixes.diff
        || (args.fixes.fix || args.fixes.unsafe_fixes) && args.paths.iter().any(|path| path == "-");
    for (at, format) in formats.iter().enumerate() {
        let text = report(*format, linted, io);
        match args.output.output.get(at).map_or(STDOUT, String::as_str) {
            // Standard output is the changed text.
            STDOUT if changes_text => io.say(&text),
            STDOUT => io.print(&text)?,
            file => write_file(Path::new(file), &text)?,
        }
    }
    Ok(())
}

fn report(format: Format, linted: &[Linted], io: &Io) -> String {
    match format {
        Format::Full => {
            let drawn = formats::full(linted, io.style_of_results());
            drawn + &count(linted)
        }
        Format::Concise => formats::concise(linted),
        Format::Json => formats::json(linted),
        Format::Sarif => formats::sarif(linted, env!("CARGO_PKG_VERSION")),
        Format::Github => formats::github(linted),
        Format::Gitlab => formats::gitlab(linted),
        Format::Checkstyle => formats::checkstyle(linted),
        Format::Junit => formats::junit(linted),
        Format::Tap => formats::tap(linted),
    }
}

/// How many there are of which level, for people.
fn count(linted: &[Linted]) -> String {
    let of = |level: Level| {
        let count = linted
            .iter()
            .flat_map(Linted::active)
            .filter(|finding| finding.level == level)
            .count();
        let name = match level {
            Level::Style => "of style",
            other => other.name(),
        };
        (count > 0).then(|| format!("{count} {name}"))
    };
    let parts: Vec<String> = Level::ALL.into_iter().rev().filter_map(of).collect();
    let files = linted.len();
    let files = if files == 1 {
        "1 file".to_owned()
    } else {
        format!("{files} files")
    };
    if linted.is_empty() {
        String::new()
    } else if parts.is_empty() {
        format!("nothing found in {files}\n")
    } else {
        format!("found in {files}: {}\n", parts.join(", "))
    }
}
