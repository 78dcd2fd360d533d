//! `log`: write down the requests of a site.

use caddis_ir::{Log, LogCore};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::{log_encoder, log_sampling, log_writer};
use crate::origins::{At, Trail};
use crate::{Args, Directive, Item, Lower, Result, Scope, SiteLog, Token, modules, run_on};

const OPTIONS: &[&str] = &[
    "output",
    "format",
    "level",
    "sampling",
    "core",
    "hostnames",
    "no_hostname",
];

const GLOBAL_OPTIONS: &[&str] = &[
    "output", "format", "level", "sampling", "core", "include", "exclude",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("output discard", 1),
    ("output stderr", 1),
    ("output stdout", 1),
];

const LEVELS: [&str; 6] = ["debug", "info", "warn", "error", "panic", "fatal"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log",
    old_names: &[],
    summary: "Write down the requests of a site.",
    syntax: "log [<name>] { output, format, level, sampling, core, hostnames, no_hostname }",
    subdirectives: &[
        "output",
        "mode",
        "dir_mode",
        "roll_disabled",
        "roll_size",
        "roll_interval",
        "roll_minutes",
        "roll_at",
        "roll_uncompressed",
        "roll_compression",
        "roll_local_time",
        "roll_keep",
        "roll_keep_for",
        "backup_time_format",
        "dial_timeout",
        "soft_start",
        "format",
        "message_key",
        "level_key",
        "time_key",
        "name_key",
        "caller_key",
        "stacktrace_key",
        "line_ending",
        "time_format",
        "time_local",
        "duration_format",
        "level_format",
        "wrap",
        "fields",
        "level",
        "sampling",
        "interval",
        "first",
        "thereafter",
        "core",
        "hostnames",
        "no_hostname",
    ],
    examples: &[
        "log",
        "log {\n\toutput file /var/log/access.log\n\tformat console\n}",
        "log {\n\tformat filter {\n\t\trequest>headers>Cookie delete\n\t}\n}",
    ],
    lower: Lower::Items(lower),
};

const NOT_A_LEVEL: Code = Code("log/not-a-level");
const NOT_HERE: Code = Code("log/not-here");
const UNKNOWN_CORE: Code = Code("log/unknown-core");

/// Whether a log is one of a site, or one of the global options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogOf {
    Site,
    Everything,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let mut found = Vec::new();
    let log = read(args, LogOf::Site, &mut found);
    for warning in found {
        scope.report(warning);
    }
    Ok(vec![Item::Log(Box::new(log?))])
}

/// Reads the name and the block of a log; warnings go to `found`.
pub(crate) fn read(args: &mut Args<'_>, of: LogOf, found: &mut Vec<Diagnostic>) -> Result<SiteLog> {
    let name = args.optional().map(Token::text);
    args.no_more()?;
    let mut read = SiteLog {
        name: name.filter(|name| !name.is_empty()).map(String::from),
        log: None,
        hosts: Vec::new(),
        no_hostname: false,
        span: args.span(),
        trail: Trail::at(args.span()),
    };
    let mut log = Log::default();
    let known = match of {
        LogOf::Site => OPTIONS,
        LogOf::Everything => GLOBAL_OPTIONS,
    };
    for line in run_on::lines(args.options(), TAKES, known).iter() {
        match of {
            LogOf::Site => site_option(line, args, &mut read, &mut log, found)?,
            LogOf::Everything => global_option(line, args, &mut read, &mut log, found)?,
        }
    }
    read.log = Some(log).filter(|log| *log != Log::default());
    Ok(read)
}

fn site_option(
    line: &Line,
    of: &Args<'_>,
    read: &mut SiteLog,
    log: &mut Log,
    found: &mut Vec<Diagnostic>,
) -> Result<()> {
    let name = line.name();
    match name.text() {
        "hostnames" => {
            let mut args = Args::new(line, "hostnames <host...>");
            let hosts = args.at_least_one("a host")?;
            read.hosts
                .extend(hosts.iter().map(|host| host.text().into()));
            args.finish()
        }
        "no_hostname" => {
            read.no_hostname = true;
            Args::new(line, "no_hostname").finish()
        }
        "include" | "exclude" => {
            let message = format!("`{}` is for `log` in the global options", name.text());
            Err(name
                .error(NOT_HERE, message)
                .label("this is the access log of a site")
                .help("put `log` with it into the block of global options"))
        }
        _ => option(line, of, OPTIONS, &mut read.trail, log, found),
    }
}

fn global_option(
    line: &Line,
    of: &Args<'_>,
    read: &mut SiteLog,
    log: &mut Log,
    found: &mut Vec<Diagnostic>,
) -> Result<()> {
    let name = line.name();
    let mut args = Args::new(line, "include | exclude <logger...>");
    match name.text() {
        "include" | "exclude" => {
            let names = args.rest().iter().map(|name| name.text().into());
            let list = if name.text() == "include" {
                &mut log.include
            } else {
                &mut log.exclude
            };
            list.extend(names);
            args.finish()
        }
        "hostnames" => Err(for_sites(name)),
        // Caddy takes it, and does nothing with it.
        "no_hostname" => {
            found.push(for_sites(name).as_warning());
            Args::new(line, "no_hostname").finish()
        }
        _ => option(line, of, GLOBAL_OPTIONS, &mut read.trail, log, found),
    }
}

fn for_sites(name: &Token) -> Diagnostic {
    let message = format!("`{}` is for `log` in a site", name.text());
    name.error(NOT_HERE, message)
        .label("this log is for everything")
        .help("put `log` with it into the block of a site")
}

fn option(
    line: &Line,
    of: &Args<'_>,
    known: &[&str],
    trail: &mut Trail,
    log: &mut Log,
    found: &mut Vec<Diagnostic>,
) -> Result<()> {
    let name = line.name();
    let (key, place) = match name.text() {
        "output" => {
            let (writer, trail) = log_writer::read(line)?;
            log.writer = Some(writer);
            ("writer", trail)
        }
        "format" => {
            let (encoder, trail) = log_encoder::read(line, found)?;
            log.encoder = Some(encoder);
            ("encoder", trail)
        }
        "level" => {
            let level = Args::new(line, "level <level>").only("a level")?;
            log.level = self::level(level)?;
            ("level", Trail::at(line.span()))
        }
        "sampling" => {
            log.sampling = Some(log_sampling::read(line, found)?);
            ("sampling", Trail::at(line.span()))
        }
        "core" => {
            log.core = Some(core(line, found)?);
            ("core", Trail::at(line.span()))
        }
        _ => return Err(of.unknown(name, known)),
    };
    trail.children.retain(|(at, _)| !at.is_key(key));
    trail.children.push((At::Key(key), place));
    Ok(())
}

fn level(token: &Token) -> Result<String> {
    let text = token.text();
    let is_known = LEVELS.contains(&text.to_lowercase().as_str());
    if text.is_empty() || text.contains('{') || is_known {
        return Ok(text.into());
    }
    Err(token
        .error(NOT_A_LEVEL, format!("`{text}` is not a level"))
        .label("expected one of DEBUG, INFO, WARN, ERROR, PANIC, FATAL"))
}

fn core(line: &Line, found: &mut Vec<Diagnostic>) -> Result<LogCore> {
    let mut args = Args::new(line, "core <core>");
    let name = args.required("a core")?;
    if name.text() != "mock" {
        return Err(modules::unknown(name, UNKNOWN_CORE, "core", &["mock"]));
    }
    found.extend(crate::routes::warn_of_ignored(&args));
    Ok(LogCore::Mock {})
}
