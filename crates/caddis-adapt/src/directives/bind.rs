//! `bind`: the addresses that a site listens on.

use crate::{Args, Directive, Item, Lower, Result, Scope};

const OPTIONS: &[&str] = &["protocols"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "bind",
    old_names: &[],
    summary: "The addresses that a site listens on.",
    syntax: "bind <host...>",
    subdirectives: &[],
    examples: &["bind 127.0.0.1 ::1"],
    lower: Lower::Items(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Vec<Item>> {
    let span = args.span();
    let hosts = args.at_least_one("an address")?;
    if let Some(line) = args.options().first() {
        return Err(match line.name().text() {
            "protocols" => args.not_yet(line.name()),
            _ => args.unknown(line.name(), OPTIONS),
        });
    }
    let addresses = hosts.iter().map(|host| host.text().into()).collect();
    Ok(vec![Item::Bind { addresses, span }])
}
