//! `filesystem`: file systems of plugins, for `fs`.

use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result};

const UNKNOWN: Code = Code("filesystem/unknown");

pub(super) const FILESYSTEM: GlobalOption = GlobalOption {
    name: "filesystem",
    summary: "A file system of a plugin, under the name that `fs` has for it.",
    syntax: "filesystem <name> <module>",
    subdirectives: &[],
    examples: &[],
    read,
};

/// Every file system is a plugin: files on disk need none.
fn read(args: &mut Args<'_>, _: &mut Options, _: &mut State) -> Result<()> {
    args.required("a name and a module")?;
    let module = args.required("a module")?;
    let message = format!("there is no file system `{}`", module.text());
    Err(module
        .error(UNKNOWN, message)
        .label(format!("needs the module `caddy.fs.{}`", module.text()))
        .help("for files on disk, take this option away, and `fs` as well"))
}
