//! What a directive may know of the world around it: named matchers, global options, nested routes, warnings.

use caddis_ir::Subroute;
use caddis_source::Diagnostic;
use caddis_syntax::Line;

use crate::{Args, Result};

/// What a directive may know of the world around it. Nothing else, so that one line of text can test it.
pub(crate) struct Scope<'a> {
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Scope<'_> {
    /// Reports a finding and goes on.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The matcher that the next argument is (`*`, `/path`, `@name`), taken from the arguments; `None` for no matcher.
    pub(crate) fn matcher(
        &mut self,
        _args: &mut Args<'_>,
    ) -> Result<Option<caddis_ir::MatcherSet>> {
        Ok(None)
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
