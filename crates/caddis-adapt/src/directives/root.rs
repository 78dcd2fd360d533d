//! `root`: the folder with the files of a site.

use caddis_ir::{Handler, Path, Route, Vars};

use crate::{Args, Directive, Item, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "root",
    old_names: &[],
    summary: "The folder with the files, for `file_server`, `try_files` and others.",
    syntax: "root [<matcher>] <folder>",
    subdirectives: &[],
    examples: &["root /srv", "root /blog/* /srv/blog"],
    lower: Lower::Items(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let too_many = args.left() > 2;
    // One argument is the folder, even if it looks like a matcher.
    let matchers = match args.left() {
        0 | 1 => None,
        _ => scope.matcher(args)?,
    };
    let folder = args.required("a folder")?;
    if too_many {
        args.no_more()?;
    }
    scope.origin(&Path::root().key("root"), args.span());
    let vars = [("root".to_owned(), folder.text().into())];
    Ok(vec![Item::Route(Route {
        matchers: matchers.into_iter().collect(),
        handle: vec![Handler::Vars(Vars(vars.into()))],
        ..Route::default()
    })])
}
