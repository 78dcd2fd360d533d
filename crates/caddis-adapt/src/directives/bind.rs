//! `bind`: the addresses that a site listens on.

use crate::sites::Bind;
use crate::{Args, Directive, Item, Lower, Result, Scope};

const OPTIONS: &[&str] = &["protocols"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "bind",
    old_names: &[],
    summary: "The addresses that a site listens on.",
    syntax: "bind <host...> { protocols <h1 | h2 | h2c | h3...> }",
    subdirectives: OPTIONS,
    examples: &[
        "bind 127.0.0.1 ::1",
        "bind unix//run/site.sock {\n\tprotocols h1 h2c\n}",
    ],
    lower: Lower::Items(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Vec<Item>> {
    let addresses = args.at_least_one("an address")?;
    Ok(vec![Item::Bind(Bind {
        addresses: addresses.iter().map(|word| word.text().into()).collect(),
        protocols: protocols(args)?,
        span: args.span(),
    })])
}

/// The protocols in the block of `bind` and `default_bind`; of two lines the last counts.
pub(crate) fn protocols(args: &mut Args<'_>) -> Result<Vec<String>> {
    let mut protocols = Vec::new();
    for line in args.options() {
        if line.name().text() != "protocols" {
            return Err(args.unknown(line.name(), OPTIONS));
        }
        let mut own = Args::new(line, "protocols <h1 | h2 | h2c | h3...>");
        let words = own.at_least_one("a protocol")?;
        protocols = words.iter().map(|word| word.text().into()).collect();
        own.finish()?;
    }
    Ok(protocols)
}
