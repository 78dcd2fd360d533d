//! The lines of a Caddyfile with the words of the lines around them: what the tables' coverage is counted by.

use std::ops::Range;

use caddis_source::FileId;
use caddis_syntax::{Block, Line, Tree};

/// What a line is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The global options.
    Options,
    /// A site or a named route.
    Site,
    /// The definition of a matcher.
    Matcher,
}

/// A line: what it starts with, what stands around it, and where it is.
#[derive(Clone, Debug)]
pub struct Written {
    /// What it is a part of.
    pub part: Part,
    /// The word that it starts with.
    pub name: String,
    /// The lines around it, by their places in the list, the outermost first.
    pub around: Vec<usize>,
    /// The file that it stands in.
    pub file: FileId,
    /// From its first word to its last.
    pub words: Range<usize>,
    /// The same, with its block.
    pub whole: Range<usize>,
}

/// Every line of a tree: of the global options, of sites and of named routes.
pub fn lines(tree: &Tree) -> Vec<Written> {
    let mut found = Vec::new();
    if let Some(block) = &tree.options {
        of_block(block, Part::Options, &[], &mut found);
    }
    for site in tree.sites.iter().chain(&tree.named_routes) {
        of_block(&site.block, Part::Site, &[], &mut found);
    }
    found
}

fn of_block(block: &Block, part: Part, around: &[usize], found: &mut Vec<Written>) {
    for line in &block.lines {
        of_line(line, part, around, found);
    }
}

fn of_line(line: &Line, part: Part, around: &[usize], found: &mut Vec<Written>) {
    let (at, name) = (found.len(), line.name().text().to_owned());
    let words = line.span().range();
    let end = (line.block.as_ref()).map_or(words.end, |block| block.close.range().end);
    let defines = name.starts_with('@');
    let inner = if defines { Part::Matcher } else { part };
    let is_matcher_before_another = (defines || name == "not") && line.words.len() > 1;
    found.push(Written {
        part,
        name,
        around: around.to_vec(),
        file: line.span().file,
        whole: words.start..end,
        words,
    });
    // A matcher can stand behind the name of its definition, and behind `not`.
    if is_matcher_before_another {
        let behind = Line {
            words: line.arguments().to_vec(),
            block: line.block.clone(),
        };
        return of_line(&behind, inner, around, found);
    }
    if let Some(block) = &line.block {
        let around: Vec<usize> = around.iter().copied().chain([at]).collect();
        of_block(block, inner, &around, found);
    }
}
