//! `rewrite`: change the URL for what comes after.

use caddis_ir::{Handler, Rewrite, Route};

use crate::{Args, Directive, Item, Lower, Result, Scope};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "rewrite",
    old_names: &[],
    summary: "Change the URL for what comes after; the client does not see it.",
    syntax: "rewrite [<matcher>] <to>",
    subdirectives: &[],
    examples: &["rewrite * /prefix{uri}", "rewrite /old /new"],
    lower: Lower::Items(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let too_many = args.left() > 2;
    // One argument is the URL, even if it looks like a matcher.
    let matchers = match args.left() {
        0 | 1 => None,
        _ => scope.matcher(args)?,
    };
    let to = args.required("a URL")?.text();
    if too_many {
        args.no_more()?;
    }
    let rewrite = Rewrite {
        uri: to.into(),
        ..Rewrite::default()
    };
    Ok(vec![Item::Route(Route {
        matchers: matchers.into_iter().collect(),
        handle: vec![Handler::Rewrite(rewrite)],
        ..Route::default()
    })])
}
