//! `log`: write down the requests of a site.

use caddis_ir::Log;
use caddis_source::Code;
use caddis_syntax::Line;

use super::{log_encoder, log_writer};
use crate::{Args, Directive, Item, Lower, Result, Scope, SiteLog, Token};

const OPTIONS: &[&str] = &["output", "format", "level", "hostnames", "no_hostname"];

const GLOBAL_OPTIONS: &[&str] = &["output", "format", "level", "include", "exclude"];

/// Options of Caddy that are not there yet.
const NOT_YET: &[&str] = &["core", "sampling"];

const LEVELS: [&str; 6] = ["debug", "info", "warn", "error", "panic", "fatal"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "log",
    old_names: &[],
    summary: "Write down the requests of a site.",
    syntax: "log [<name>] { output, format, level, hostnames }",
    subdirectives: OPTIONS,
    examples: &[
        "log",
        "log {\n\toutput file /var/log/access.log\n\tformat console\n}",
    ],
    lower: Lower::Items(lower),
};

const NOT_A_LEVEL: Code = Code("log/not-a-level");
const NOT_HERE: Code = Code("log/not-here");

/// Whether a log is one of a site, or one of the global options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogOf {
    Site,
    Everything,
}

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Vec<Item>> {
    Ok(vec![Item::Log(read(args, LogOf::Site)?)])
}

/// Reads the name and the block of a log.
pub(crate) fn read(args: &mut Args<'_>, of: LogOf) -> Result<SiteLog> {
    let name = args.optional().map(Token::text);
    args.no_more()?;
    let mut read = SiteLog {
        name: name.filter(|name| !name.is_empty()).map(String::from),
        log: None,
        hosts: Vec::new(),
        no_hostname: false,
        span: args.span(),
    };
    let mut log = Log::default();
    for line in args.options() {
        match of {
            LogOf::Site => site_option(line, args, &mut read, &mut log)?,
            LogOf::Everything => global_option(line, args, &mut log)?,
        }
    }
    read.log = Some(log).filter(|log| *log != Log::default());
    Ok(read)
}

fn site_option(line: &Line, of: &Args<'_>, read: &mut SiteLog, log: &mut Log) -> Result<()> {
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
                .label("this is the access log of a site"))
        }
        _ => option(line, of, OPTIONS, log),
    }
}

fn global_option(line: &Line, of: &Args<'_>, log: &mut Log) -> Result<()> {
    let name = line.name();
    let mut args = Args::new(line, "");
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
        "hostnames" | "no_hostname" => {
            let message = format!("`{}` is for `log` in a site", name.text());
            Err(name
                .error(NOT_HERE, message)
                .label("this log is for everything"))
        }
        _ => option(line, of, GLOBAL_OPTIONS, log),
    }
}

fn option(line: &Line, of: &Args<'_>, known: &[&str], log: &mut Log) -> Result<()> {
    let name = line.name();
    match name.text() {
        "output" => log.writer = Some(log_writer::read(line)?),
        "format" => log.encoder = Some(log_encoder::read(line)?),
        "level" => {
            let level = Args::new(line, "level <level>").only("a level")?;
            log.level = self::level(level)?;
        }
        other if NOT_YET.contains(&other) => return Err(of.not_yet(name)),
        _ => return Err(of.unknown(name, known)),
    }
    Ok(())
}

fn level(token: &Token) -> Result<String> {
    let text = token.text();
    if text.contains('{') || LEVELS.contains(&text.to_lowercase().as_str()) {
        return Ok(text.into());
    }
    Err(token
        .error(NOT_A_LEVEL, format!("`{text}` is not a level"))
        .label("expected one of DEBUG, INFO, WARN, ERROR, PANIC, FATAL"))
}
