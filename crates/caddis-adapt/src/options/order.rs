//! `order`: another place for a directive in the order of directives.

use caddis_source::{Code, Diagnostic, suggest};

use super::{GlobalOption, Options};
use crate::order::Place;
use crate::scope::State;
use crate::{Args, Result, Token, surface, unknown};

const PLACE: Code = Code("order/not-a-place");
const BESIDE: Code = Code("order/not-ordered");

const PLACES: [&str; 4] = ["first", "last", "before", "after"];

pub(super) const ORDER: GlobalOption = GlobalOption {
    name: "order",
    summary: "Another place for a directive in the order of directives.",
    syntax: "order <directive> first | last | before <directive> | after <directive>",
    subdirectives: &[],
    examples: &["order redir first", "order respond before redir"],
    read: order,
};

fn order(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    let directive = known(args.required("a directive")?)?;
    let word = args.required("a place")?;
    let place = match word.text() {
        "first" => Place::First,
        "last" => Place::Last,
        "before" => Place::Before(known(args.required("another directive")?)?),
        "after" => Place::After(known(args.required("another directive")?)?),
        _ => return Err(not_a_place(word)),
    };
    let last = args.line().words.last().unwrap_or(word);
    args.no_more()?;
    if options.order.put(directive, place) {
        return Ok(());
    }
    Err(not_beside(directive, last))
}

fn not_beside(directive: &str, beside: &Token) -> Diagnostic {
    let text = beside.text();
    let message = if text == directive {
        format!("`{text}` cannot stand before or after itself")
    } else {
        format!("`{text}` is a setting of a site, which has no place in the order of directives")
    };
    beside
        .error(BESIDE, message)
        .help("name another directive that answers or changes requests")
}

fn known(name: &Token) -> Result<&'static str> {
    surface::directives()
        .find(|known| *known == name.text())
        .ok_or_else(|| {
            unknown::directive(name)
                .caddys(format!("{} is not a registered directive", name.text()))
                .caddys_at(name.span())
        })
}

fn not_a_place(word: &Token) -> Diagnostic {
    let error = word.error(PLACE, format!("`{}` is not a place", word.text()));
    match suggest(word.text(), PLACES) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write `first`, `last`, `before` or `after`"),
    }
}
