//! All files through the lint, and what comes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use caddis_lint::{Baseline, Context, Environment, Level, Linted, Settings};
use caddis_source::{Code, Diagnostic};

use super::configured::Configured;
use super::fixing::{self, Overlay};
use super::inputs::{self, Text};
use super::reports;
use crate::cli_lint::{FailOn, LintArgs, VariableArgs};
use crate::envfile;
use crate::report::{Failure, Io, Outcome};

/// The command line is wrong, or a file cannot be read as a Caddyfile.
pub(super) const UNREADABLE: Outcome = Outcome(2);
/// The lint itself failed.
const BROKEN: Outcome = Outcome(3);

const CANNOT_BE_SERVED: Code = Code("serve/not-possible");

/// Looks at every file; the exit code is 0 for nothing, 1 for findings, 2 for what cannot be read, 3 for a fault of ours.
pub(crate) fn run(args: &LintArgs, io: &Io) -> Result<Outcome, Failure> {
    if args.list {
        io.print(&caddis_lint::list(caddis_lint::RULES))?;
        return Ok(Outcome::SUCCESS);
    }
    if let Some(code) = &args.explain {
        let rule =
            caddis_lint::find(code).ok_or_else(|| usage(format!("there is no rule `{code}`")))?;
        io.print(&caddis_lint::explain(rule))?;
        return Ok(Outcome::SUCCESS);
    }
    let configured = Configured::read(args)?;
    let environment = environment(&args.environment)?;
    let (texts, unread) = inputs::texts(&args.paths, args.stdin_filename.as_deref())?;
    for why in &unread {
        io.say(&format!("Error: {why}\n"));
    }
    let linted = catch_unwind(AssertUnwindSafe(|| {
        all(args, &texts, &configured, &environment, io)
    }));
    let Ok(linted) = linted else {
        io.say("Error: the lint failed on one of these files; this is a mistake of caddis\n");
        return Ok(BROKEN);
    };
    let mut linted = linted?;
    if let Some(file) = &args.write_baseline {
        write(file, &Baseline::of(&linted).text())?;
        return Ok(Outcome::SUCCESS);
    }
    if let Some(file) = &args.baseline {
        let text = std::fs::read_to_string(file)
            .map_err(|error| usage(format!("{}: {error}", file.display())))?;
        let baseline =
            Baseline::read(&text).map_err(|error| usage(format!("{}: {error}", file.display())))?;
        baseline.apply(&mut linted);
    }
    reports::write(args, &linted, io)?;
    let is_unreadable = !unread.is_empty() || linted.iter().any(|linted| linted.is_unreadable);
    Ok(if is_unreadable {
        UNREADABLE
    } else {
        verdict(&linted, configured.fail_on(args)?)
    })
}

fn all(
    args: &LintArgs,
    texts: &[Text],
    configured: &Configured,
    environment: &Environment,
    io: &Io,
) -> Result<Vec<Linted>, Failure> {
    let mut all = Vec::new();
    for text in texts {
        let settings = configured.settings(args, &text.name)?;
        let look = |content: &str, overlay: &Overlay| {
            lint(&text.name, content, &settings, environment, overlay)
        };
        all.push(fixing::fix(args, text, &look, io)?);
    }
    Ok(all)
}

/// One text through all rules.
fn lint(
    name: &str,
    content: &str,
    settings: &Settings,
    environment: &Environment,
    files: &Overlay,
) -> Linted {
    let mut cx = Context::read(name, content, environment, files);
    let not_served = caddis_server::not_yet_in(&caddis_ir::value(&cx.config)).into_iter();
    let not_served = not_served.filter_map(|error| {
        let span = cx.origins.span(&error.path)?;
        Some(Diagnostic::warning(CANNOT_BE_SERVED, span, error.message))
    });
    let not_served: Vec<Diagnostic> = not_served.collect();
    cx.diagnostics.extend(not_served);
    let findings = caddis_lint::lint(&cx, settings);
    Linted {
        name: name.into(),
        is_unreadable: cx.is_unreadable(),
        sources: cx.sources,
        findings,
    }
}

fn verdict(linted: &[Linted], fail_on: FailOn) -> Outcome {
    let threshold = match fail_on {
        FailOn::Error => Level::Error,
        FailOn::Warning => Level::Warning,
        FailOn::Info => Level::Info,
        FailOn::Style => Level::Style,
        FailOn::Never => return Outcome::SUCCESS,
    };
    let worst = linted.iter().filter_map(Linted::worst).max();
    if worst.is_some_and(|worst| worst >= threshold) {
        Outcome::FAILURE
    } else {
        Outcome::SUCCESS
    }
}

/// Variables of the command line, then those of files that are not there yet.
fn environment(args: &VariableArgs) -> Result<Environment, Failure> {
    let mut environment = Environment {
        is_given: !args.env.is_empty() || !args.envfile.is_empty(),
        is_strict: args.strict_env,
        ..Environment::default()
    };
    for pair in &args.env {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| usage(format!("`{pair}` is not NAME=VALUE")))?;
        environment.values.insert(name.into(), value.into());
    }
    for file in &args.envfile {
        let text =
            std::fs::read(file).map_err(|error| usage(format!("{}: {error}", file.display())))?;
        let read = envfile::read(&String::from_utf8_lossy(&text));
        for (name, value) in read.map_err(|why| usage(format!("{}: {why}", file.display())))? {
            environment.values.entry(name).or_insert(value);
        }
    }
    Ok(environment)
}

pub(super) fn usage(text: String) -> Failure {
    Failure::Usage(text, UNREADABLE)
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|error| usage(format!("{}: {error}", file.display())))
}
