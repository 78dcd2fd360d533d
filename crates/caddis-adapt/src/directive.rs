//! A directive as data: its name, what it is for, how it is written, and how it becomes IR.

use caddis_ir::{Handler, MatcherSet};

use crate::{Args, Item, Result, Scope};

/// A directive. A `const` value in a file of its own.
pub struct Directive {
    /// The word that starts a line.
    pub name: &'static str,
    /// Names it had before; still read, with a warning.
    pub old_names: &'static [&'static str],
    /// What it is for, in a sentence.
    pub summary: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// The names of its subdirectives, for the tables, the docs and "did you mean".
    pub subdirectives: &'static [&'static str],
    /// Each is adapted by the tests and shown in the docs.
    pub examples: &'static [&'static str],
    /// How it becomes IR.
    pub(crate) lower: Lower,
}

/// How a directive becomes IR.
pub(crate) enum Lower {
    /// One handler behind an optional matcher, which the driver has already read.
    Handler(fn(&mut Args<'_>, &mut Scope<'_>) -> Result<Handler>),
    /// Site settings, several routes, nested routes. It reads its own matcher, if it has one.
    Items(fn(&mut Args<'_>, &mut Scope<'_>) -> Result<Vec<Item>>),
}

/// A matcher. A `const` value in a file of its own.
pub struct Matcher {
    /// The word that starts a line of a matcher's definition.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub summary: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// The names of its options, for the tables, the docs and "did you mean".
    pub subdirectives: &'static [&'static str],
    /// Each is a line of a definition; adapted by the tests and shown in the docs.
    pub examples: &'static [&'static str],
    /// Adds what one line says to the set. Lines of one name in one definition come one after
    /// the other with the same set, so that the matcher can merge them as Caddy does.
    pub(crate) lower: fn(&mut Args<'_>, &mut MatcherSet, &mut Scope<'_>) -> Result<()>,
}
