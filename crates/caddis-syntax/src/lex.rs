//! A text as a run of pieces, read by the grammar; the only file that names pest.

use std::ops::Range;

use pest::Parser as _;

use grammar::{Caddyfile, Rule};

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
pub(crate) fn lex(text: &str) -> Vec<Piece> {
    let Ok(mut pairs) = Caddyfile::parse(Rule::file, text) else {
        // The grammar takes every text; should it not, nothing is lost.
        return vec![Piece {
            kind: Kind::Bare,
            range: 0..text.len(),
        }];
    };
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

mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "../../../grammar/caddyfile.pest"]
    pub(super) struct Caddyfile;
}
