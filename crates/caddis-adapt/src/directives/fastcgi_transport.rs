//! `transport fastcgi` in the block of `reverse_proxy`: asking a `FastCGI` responder, such as PHP's.

use caddis_ir::{FastcgiTransport, Path};
use caddis_syntax::Line;

use super::line_values::{text, texts, time, word};
use crate::{Args, Result, Scope, run_on};

/// The options, and the field that each becomes.
pub(super) const OPTIONS: &[(&str, &str)] = &[
    ("root", "root"),
    ("split", "split_path"),
    ("env", "env"),
    ("resolve_root_symlink", "resolve_root_symlink"),
    ("dial_timeout", "dial_timeout"),
    ("read_timeout", "read_timeout"),
    ("write_timeout", "write_timeout"),
    ("capture_stderr", "capture_stderr"),
];

/// How many words an option takes, where another one may follow.
pub(super) const TAKES: &[(&str, usize)] = &[
    ("root", 1),
    ("dial_timeout", 1),
    ("read_timeout", 1),
    ("write_timeout", 1),
];

/// Reads the lines of the block.
pub(super) fn read(
    of: &Args<'_>,
    lines: &[Line],
    scope: &mut Scope<'_>,
) -> Result<FastcgiTransport> {
    let mut transport = FastcgiTransport::default();
    for line in run_on::lines(lines, TAKES, &names()).iter() {
        option(line, of, &mut transport, scope)?;
    }
    Ok(transport)
}

/// Reads a line of the block; `of` is the line around it.
pub(super) fn option(
    line: &Line,
    of: &Args<'_>,
    transport: &mut FastcgiTransport,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name().text();
    if let Some((_, field)) = OPTIONS.iter().find(|(known, _)| *known == name) {
        let at = Path::root().key("transport").key(*field);
        scope.origin(&at, line.span());
    }
    match name {
        "root" => transport.root = text(line, "root <folder>", "a folder")?,
        "split" => transport.split_path = texts(line, "split <text...>", "the end of a path")?,
        "env" => {
            let mut args = Args::new(line, "env <name> <value>");
            let name = args.required("the name of a variable")?.text();
            let value = args.only("a value")?.text();
            transport.env.insert(name.into(), value.into());
        }
        "resolve_root_symlink" => {
            word(line, "resolve_root_symlink")?;
            transport.resolve_root_symlink = true;
        }
        "dial_timeout" => transport.dial_timeout = time(line, "dial_timeout <duration>")?,
        "read_timeout" => transport.read_timeout = time(line, "read_timeout <duration>")?,
        "write_timeout" => transport.write_timeout = time(line, "write_timeout <duration>")?,
        "capture_stderr" => {
            word(line, "capture_stderr")?;
            transport.capture_stderr = true;
        }
        _ => return Err(of.unknown(line.name(), &names())),
    }
    Ok(())
}

fn names() -> Vec<&'static str> {
    OPTIONS.iter().map(|(name, _)| *name).collect()
}
