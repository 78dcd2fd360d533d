//! The command itself: finds the files, runs them, reports.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use caddis_source::Sources;
use caddis_spec::report::{self, Counts, Report};
use caddis_spec::suite::{self, Options, Suite};
use caddis_spec::{Start, Wire};

use super::config;
use super::in_process::InProcess;
use crate::cli::{AbsentTestArgs, TestArgs, TestFormat};
use crate::report::{Failure, Io, Outcome};

/// A test file, or the config that it tests, cannot be read.
const UNREADABLE: Outcome = Outcome(2);
/// Where scripts are looked for if no path is given.
const DEFAULT_FOLDER: &str = "tests";

/// Runs what is asked for; 0 if all of it passed, 1 if a test failed, 2 if a file or a config cannot be read.
pub(crate) fn run(args: &TestArgs, io: &Io) -> Result<Outcome, Failure> {
    if let Some(absent) = absent(&args.absent) {
        let text = format!("`caddis test {absent}` is not there yet");
        return Err(Failure::Usage(text, UNREADABLE));
    }
    if args.server.is_some() && !args.wire {
        let text = "`--server` says what to ask over sockets: write `--wire` too";
        return Err(Failure::Usage(text.into(), UNREADABLE));
    }
    let paths = paths(&args.paths)?;
    let mut sources = Sources::new();
    let suite = match Suite::read(&paths, &mut sources) {
        Ok(suite) => suite,
        Err(findings) => {
            io.findings(&findings, &sources);
            return Ok(UNREADABLE);
        }
    };
    let options = options(args);
    if args.list {
        let mut list = suite.list(&sources, &options).join("\n");
        list.push('\n');
        return io.print(&list).map(|()| Outcome::SUCCESS);
    }
    let reports = if args.wire {
        let wire = Wire {
            program: program(args.server.clone())?,
        };
        suite.run(&sources, &options, &wire as &dyn Start, None)
    } else {
        suite.run(&sources, &options, &InProcess, Some(&config::to_json))
    };
    finish(&reports, args.format, io)
}

fn finish(reports: &[Report], format: TestFormat, io: &Io) -> Result<Outcome, Failure> {
    if reports.is_empty() {
        let text = "no case has such a name".to_owned();
        return Err(Failure::Usage(text, UNREADABLE));
    }
    io.print(&report::render(reports, format.into()))?;
    let counts = Counts::of(reports);
    Ok(if counts.broken > 0 {
        UNREADABLE
    } else if counts.failed > 0 {
        Outcome::FAILURE
    } else {
        Outcome::SUCCESS
    })
}

/// The flag of the design that was given and is not there yet.
fn absent(args: &AbsentTestArgs) -> Option<&'static str> {
    let given = [
        (args.bless.is_some(), "--bless"),
        (args.bless_security, "--bless-security"),
        (args.check_unreferenced, "--check-unreferenced"),
        (args.shuffle.is_some(), "--shuffle"),
        (args.report_junit.is_some(), "--report-junit"),
        (args.report_tap.is_some(), "--report-tap"),
        (args.trace, "--trace"),
        (args.coverage, "--coverage"),
    ];
    let first = given.into_iter().find(|(given, _)| *given);
    first.map(|(_, flag)| flag)
}

/// The files that were asked for, or those of the default folder.
fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let default = [PathBuf::from(DEFAULT_FOLDER)];
    let asked = if given.is_empty() { &default } else { given };
    let mut found = Vec::new();
    for path in asked {
        let files = suite::find(path).map_err(|error| {
            let text = format!("`{}` cannot be read: {error}", path.display());
            Failure::Usage(text, UNREADABLE)
        })?;
        found.extend(files);
    }
    if found.is_empty() {
        let text = "there is no .ctest or .caddyfiletest file here".to_owned();
        return Err(Failure::Usage(text, UNREADABLE));
    }
    Ok(found)
}

fn options(args: &TestArgs) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Options {
        filter: args.filter.clone(),
        jobs: args.jobs.map_or(cores, NonZero::get),
        fail_fast: args.fail_fast,
    }
}

/// The server to ask over sockets: this program if none is named. Relative paths are made absolute, because
/// every server is started in a folder of its own.
fn program(given: Option<OsString>) -> Result<OsString, Failure> {
    let Some(given) = given else {
        let ours = std::env::current_exe();
        return ours
            .map(Into::into)
            .map_err(|error| Failure::message(format!("this program cannot be found: {error}")));
    };
    if Path::new(&given).components().count() < 2 {
        return Ok(given);
    }
    Ok(std::path::absolute(&given).map_or(given, Into::into))
}
