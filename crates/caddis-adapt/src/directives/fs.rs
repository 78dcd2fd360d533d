//! `fs`: the file system that files are taken from.

use caddis_ir::{Handler, Path, Vars};

use crate::{Args, Directive, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "fs",
    old_names: &[],
    summary: "The file system that files are taken from, of those that `filesystem` names.",
    syntax: "fs [<matcher>] <name>",
    subdirectives: &[],
    examples: &["fs assets"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let name = args.required("the name of a file system")?;
    args.no_more()?;
    scope.origin(&Path::root().key("fs"), args.span());
    let vars = [("fs".to_owned(), name.text().into())];
    Ok(Handler::Vars(Vars(vars.into())))
}
