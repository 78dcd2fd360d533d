//! `preferred_chains`: which of several chains of an ACME server is taken.

use caddis_ir::PreferredChains;
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::{Args, Result, Token};

/// How it is written, in every place.
pub(crate) const SYNTAX: &str =
    "preferred_chains smallest | { root_common_name <name...> | any_common_name <name...> }";

/// The options of the block.
pub(crate) const OPTIONS: &[&str] = &["root_common_name", "any_common_name"];

const SMALLEST: &str = "smallest";

const NOT_A_CHOICE: Code = Code("preferred_chains/not-a-choice");
const NOTHING: Code = Code("preferred_chains/nothing");
const BOTH: Code = Code("preferred_chains/two-choices");

/// Reads the arguments and the block.
pub(crate) fn read(args: &mut Args<'_>) -> Result<PreferredChains> {
    let mut chains = PreferredChains::default();
    if let Some(choice) = args.optional() {
        if choice.text() != SMALLEST {
            return Err(args.with_usage(not_a_choice(choice)));
        }
        args.no_more()?;
        chains.smallest = Some(true);
    }
    for line in args.options() {
        if chains.smallest.is_some() {
            return Err(two(line.name(), "`smallest`"));
        }
        names(line, args, &mut chains)?;
    }
    if chains == PreferredChains::default() {
        let error = Diagnostic::error(NOTHING, args.span(), "`preferred_chains` names no chain");
        return Err(args.with_usage(error));
    }
    Ok(chains)
}

fn names(line: &Line, of: &Args<'_>, chains: &mut PreferredChains) -> Result<()> {
    let (own, other) = match line.name().text() {
        "root_common_name" => (&mut chains.root_common_name, &chains.any_common_name),
        "any_common_name" => (&mut chains.any_common_name, &chains.root_common_name),
        _ => return Err(of.unknown(line.name(), OPTIONS)),
    };
    if !other.is_empty() {
        return Err(two(line.name(), "the other kind of name"));
    }
    let mut args = Args::new(line, "");
    let words = args.at_least_one("the name of a certificate")?;
    own.extend(words.iter().map(|word| word.text().to_owned()));
    args.finish()
}

fn not_a_choice(word: &Token) -> Diagnostic {
    let message = format!("`{}` does not say which chain", word.text());
    word.error(NOT_A_CHOICE, message)
        .label("expected `smallest` or a block")
}

fn two(option: &Token, other: &str) -> Diagnostic {
    let message = format!("`{}` and {other} choose in two ways", option.text());
    option.error(BOTH, message).help("keep one of them")
}
