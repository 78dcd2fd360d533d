//! A text as a run of pieces, as the grammar has them; the only file that names pest.

use std::ops::Range;

use pest::Parser as _;

use grammar::{Caddyfile, Rule};

use crate::plain;

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The byte order mark.
    Bom,
    /// White space and line ends, the escaped ones too.
    Gap,
    /// From `#` to the end of the line.
    Comment,
    /// A word as it stands.
    Bare,
    /// A word that begins with `<<` and is no heredoc.
    Angle,
    /// In double quotes; perhaps not closed.
    Double,
    /// In backquotes; perhaps not closed.
    Back,
    /// A heredoc with both its markers.
    Heredoc,
    /// A heredoc whose marker does not come again: the rest of the text.
    UnclosedHeredoc,
    /// The first line of a heredoc whose marker is none.
    WrongHeredoc,
}

/// A range of the text, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

/// The pieces of a text; together they are the whole text.
pub(crate) fn lex(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let is_bom = start == 0 && rest.starts_with(BYTE_ORDER_MARK);
        let (kind, length) = if is_bom {
            (Kind::Bom, BYTE_ORDER_MARK.len_utf8())
        } else {
            plain::first(rest.as_bytes()).unwrap_or_else(|| by_grammar(rest))
        };
        let range = start..start + length;
        start = range.end;
        Some(Piece { kind, range })
    })
}

/// What a text begins with, and how long that is.
fn by_grammar(text: &str) -> (Kind, usize) {
    let first = Caddyfile::parse(Rule::piece, text).ok();
    let first = first.and_then(|mut pairs| pairs.next());
    let first = first.and_then(|pair| Some((kind(pair.as_rule())?, pair.as_span().end())));
    // The grammar takes every text; should it not, nothing is lost.
    first.unwrap_or((Kind::Bare, text.len()))
}

fn kind(rule: Rule) -> Option<Kind> {
    Some(match rule {
        Rule::bom => Kind::Bom,
        Rule::gap => Kind::Gap,
        Rule::comment => Kind::Comment,
        Rule::heredoc => Kind::Heredoc,
        Rule::unclosed_heredoc => Kind::UnclosedHeredoc,
        Rule::wrong_heredoc => Kind::WrongHeredoc,
        Rule::angle => Kind::Angle,
        Rule::quoted => Kind::Double,
        Rule::backquoted => Kind::Back,
        Rule::bare | Rule::stray => Kind::Bare,
        Rule::EOI
        | Rule::file
        | Rule::piece
        | Rule::marker
        | Rule::letter
        | Rule::dropped
        | Rule::plain
        | Rule::word_start
        | Rule::lead
        | Rule::blank
        | Rule::space => return None,
    })
}

/// All pieces of a text as the grammar alone reads them.
#[cfg(test)]
pub(crate) fn all_by_grammar(text: &str) -> Vec<Piece> {
    let mut pairs = Caddyfile::parse(Rule::file, text).expect("the grammar takes every text");
    let file = pairs.next().into_iter();
    file.flat_map(pest::iterators::Pair::into_inner)
        .filter_map(|pair| {
            let span = pair.as_span();
            Some(Piece {
                kind: kind(pair.as_rule())?,
                range: span.start()..span.end(),
            })
        })
        .collect()
}

mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "../../../grammar/caddyfile.pest"]
    pub(super) struct Caddyfile;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_without_the_grammar_is_what_the_grammar_says() {
        let texts = [
            "a.test {\r\n\trespond \"a b\" `c` # d\r\n}\r\n",
            "\"a\\\"b\" \"open",
            "`a\\` `open",
            "a\\ b\\\n c\r d\r",
            "<a <<a <<E\nx\nE\n<<E\n",
            "é é\u{85}a\u{A0} \u{A0}a",
            "\u{FEFF}a \u{FEFF}",
            "{a}[b]^_'\u{0}\u{1f} \u{b}\u{c}#\n#",
        ];
        for text in texts {
            let pieces: Vec<_> = lex(text).collect();
            assert_eq!(pieces, all_by_grammar(text), "{text:?}");
        }
    }
}
