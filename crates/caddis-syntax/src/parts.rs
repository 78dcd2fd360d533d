//! A text as it stands, comments and white space included: what tells tools where a comment belongs.

use std::ops::Range;

use crate::lex::{Kind, lex};

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// White space and line ends.
    Gap,
    /// From `#` to the end of the line.
    Comment,
    /// A word, with its quotes if it has some.
    Word,
}

/// The pieces of a text in order; together they are the whole text. Variables and imports stand as they were written.
pub fn parts(text: &str) -> impl Iterator<Item = (Part, Range<usize>)> + '_ {
    lex(text).map(|piece| {
        let part = match piece.kind {
            Kind::Bom | Kind::Gap => Part::Gap,
            Kind::Comment => Part::Comment,
            Kind::Bare
            | Kind::Angle
            | Kind::Double
            | Kind::Back
            | Kind::Heredoc
            | Kind::UnclosedHeredoc
            | Kind::WrongHeredoc => Part::Word,
        };
        (part, piece.range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_a_text_is_lost() {
        let text = "a.test { # one\n\trespond \"a # b\" `c` {$X} # two\n}\n";
        let all: Vec<_> = parts(text).collect();
        let joined: String = all
            .iter()
            .filter_map(|(_, range)| text.get(range.clone()))
            .collect();
        assert_eq!(joined, text);
        let comments = all.iter().filter(|(part, _)| *part == Part::Comment);
        let comments: Vec<_> = comments
            .filter_map(|(_, range)| text.get(range.clone()))
            .collect();
        assert_eq!(comments, ["# one", "# two"]);
    }
}
