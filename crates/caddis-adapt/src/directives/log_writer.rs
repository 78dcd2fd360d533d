//! `output` in the block of `log`: where entries are written.

use caddis_ir::{FileWriter, NetWriter, Writer};
use caddis_source::Code;
use caddis_syntax::Line;

use super::log_file;
use crate::origins::{At, Trail};
use crate::{Args, Result, modules, read};

const WRITERS: &[&str] = &["stdout", "stderr", "discard", "file", "net"];

const NET_OPTIONS: &[&str] = &["dial_timeout", "soft_start"];

const UNKNOWN_WRITER: Code = Code("log/unknown-writer");

/// Reads `output <writer> … { … }`.
pub(super) fn read(line: &Line) -> Result<(Writer, Trail)> {
    let syntax = "output stdout | stderr | discard | file <name> | net <address>";
    let mut args = Args::new(line, syntax);
    let name = args.required("where to write")?;
    let mut trail = Trail::at(line.span());
    let writer = match name.text() {
        "stdout" => Writer::Stdout {},
        "stderr" => Writer::Stderr {},
        "discard" => Writer::Discard {},
        "file" => Writer::File(file(&mut args, &mut trail)?.into()),
        "net" => Writer::Net(net(&mut args, &mut trail)?),
        _ => {
            let error = modules::unknown(name, UNKNOWN_WRITER, "output", WRITERS);
            return Err(args.with_usage(error));
        }
    };
    args.finish()?;
    Ok((writer, trail))
}

fn file(args: &mut Args<'_>, trail: &mut Trail) -> Result<FileWriter> {
    let mut file = FileWriter {
        filename: args.required("the name of a file")?.text().into(),
        ..FileWriter::default()
    };
    args.no_more()?;
    for line in args.options() {
        let key = log_file::option(line, args, &mut file)?;
        let place = Trail::at(line.span());
        trail.children.push((At::Key(key), place));
    }
    Ok(file)
}

fn net(args: &mut Args<'_>, trail: &mut Trail) -> Result<NetWriter> {
    let mut net = NetWriter {
        address: args.required("an address")?.text().into(),
        ..NetWriter::default()
    };
    args.no_more()?;
    for line in args.options() {
        let key = match line.name().text() {
            "dial_timeout" => {
                let mut own = Args::new(line, "dial_timeout <duration>");
                let time = read::duration(own.only("a duration")?)?;
                net.dial_timeout = Some(time).filter(|time| time.0 != 0);
                "dial_timeout"
            }
            "soft_start" => {
                Args::new(line, "soft_start").finish()?;
                net.soft_start = true;
                "soft_start"
            }
            _ => return Err(args.unknown(line.name(), NET_OPTIONS)),
        };
        let place = Trail::at(line.span());
        trail.children.push((At::Key(key), place));
    }
    Ok(net)
}
