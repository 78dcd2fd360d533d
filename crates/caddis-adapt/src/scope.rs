//! What a directive may know of the world around it: named matchers, global options, nested routes, warnings.

use caddis_ir::{MatcherSet, Path, Subroute};
use caddis_source::{Diagnostic, Span};
use caddis_syntax::Line;

use crate::{Args, Options, Result};

/// What a directive may know of the world around it. Nothing else, so that one line of text can test it.
pub(crate) struct Scope<'a> {
    /// The global options.
    pub(crate) options: &'a Options,
    /// The name of the matcher that is being defined: `@name`, without the `@`.
    pub(crate) matcher_name: Option<&'a str>,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Scope<'_> {
    /// Reports a finding and goes on.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes where a part of the handler that is being made stands in the text.
    ///
    /// The path starts at the handler: `upstreams/0`. What is not noted is found at the directive's own line.
    pub(crate) fn origin(&mut self, _path: Path, _span: Span) {}

    /// The matcher that the next argument is (`*`, `/path`, `@name`), taken from the arguments; `None` for no matcher.
    pub(crate) fn matcher(&mut self, _args: &mut Args<'_>) -> Result<Option<MatcherSet>> {
        Ok(None)
    }

    /// Lines of matchers as one set: the block of `@name { … }` and of `not { … }`.
    pub(crate) fn matcher_set(&mut self, _lines: &[Line]) -> Result<MatcherSet> {
        Ok(MatcherSet::default())
    }

    /// Lines as nested routes, sorted by the order of directives, grouped and merged (`handle`).
    pub(crate) fn sorted_routes(&mut self, _lines: &[Line]) -> Subroute {
        Subroute::default()
    }

    /// Lines as nested routes in the order in which they stand (`route`).
    pub(crate) fn routes_as_written(&mut self, _lines: &[Line]) -> Subroute {
        Subroute::default()
    }
}
