//! `storage`: where certificates, keys and other state are kept.

use caddis_ir::Storage;
use caddis_source::Code;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result};

const UNKNOWN: Code = Code("storage/unknown");
const NO_ROOT: Code = Code("storage/no-root");

pub(super) const STORAGE: GlobalOption = GlobalOption {
    name: "storage",
    summary: "Where certificates, keys and other state are kept.",
    syntax: "storage file_system <folder>",
    subdirectives: &["root"],
    examples: &["storage file_system /var/lib/caddis"],
    read: storage,
};

fn storage(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    options.storage = Some(read(args)?);
    Ok(())
}

/// Reads the kind of storage and its settings.
pub(crate) fn read(args: &mut Args<'_>) -> Result<Storage> {
    let module = args.required("the kind of storage")?;
    if module.text() != "file_system" {
        let message = format!("there is no storage `{}`", module.text());
        return Err(args.with_usage(
            module
                .error(UNKNOWN, message)
                .label("expected `file_system`"),
        ));
    }
    let mut root = args.optional().map(|word| word.text().to_owned());
    let lines = args.options();
    args.finish()?;
    for line in lines {
        if line.name().text() != "root" {
            return Err(args.unknown(line.name(), &["root"]));
        }
        if root.is_some() {
            return Err(args.twice(line.name()));
        }
        let mut own = Args::new(line, "root <folder>");
        root = Some(own.required("a folder")?.text().into());
        own.finish()?;
    }
    let root = root.filter(|root| !root.is_empty()).ok_or_else(|| {
        let error = module.error(NO_ROOT, "the folder is missing");
        args.with_usage(error.help("leave the option out for the data directory"))
    })?;
    Ok(Storage::FileSystem { root })
}
