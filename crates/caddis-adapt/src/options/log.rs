//! `log`: a logger, the `default` one if it has no name.

use caddis_source::{Code, Diagnostic};

use super::{GlobalOption, Options};
use crate::directives::{LogOf, read_log};
use crate::scope::State;
use crate::{Args, Result};

const NO_NAME: Code = Code("log/no-name");
const TWICE: Code = Code("log/twice");

/// The logger that takes what no other one does.
const DEFAULT: &str = "default";

pub(super) const LOG: GlobalOption = GlobalOption {
    name: "log",
    summary: "What is logged, where and in which form; for the logger `default` if it has no name.",
    syntax: "log [<name>] { output, format, level, sampling, core, include, exclude }",
    subdirectives: &[
        "output", "format", "level", "sampling", "core", "include", "exclude",
    ],
    examples: &[
        "log {\n\tlevel WARN\n}",
        "log access {\n\toutput stdout\n\tinclude http.log.access\n}",
    ],
    read: log,
};

fn log(args: &mut Args<'_>, options: &mut Options, state: &mut State) -> Result<()> {
    let mut log = read_log(args, LogOf::Everything, &mut state.diagnostics)?;
    if args
        .line()
        .words
        .get(1)
        .is_some_and(|name| name.text().is_empty())
    {
        state.diagnostics.push(without_name(args));
        return Ok(());
    }
    let name = log.name.get_or_insert_with(|| DEFAULT.into());
    let first = options
        .logs
        .iter()
        .find(|first| first.name.as_ref() == Some(name));
    if let Some(first) = first {
        let message = format!("the log `{name}` is described twice");
        let error = args.name().error(TWICE, message).label("again here");
        return Err(error
            .also(first.span, "first here")
            .help("put both into one"));
    }
    options.logs.push(log);
    Ok(())
}

fn without_name(args: &Args<'_>) -> Diagnostic {
    args.name()
        .warning(NO_NAME, "the name of this log is empty")
        .label("has no effect, as in Caddy")
        .help("write a name, or none at all for the log `default`")
}
