//! What a rule gets: the config from all sides, its options, and where to say what it found.

use std::cell::OnceCell;

use caddis_source::Span;
use caddis_syntax::Site;

use crate::context::Context;
use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::lines::{self, Definition, Placed};
use crate::routes::Graph;
use crate::rule::Rule;
use crate::settings::{self, Settings};

/// What is made of a config once, whichever rules ask for it.
pub(crate) struct View<'a> {
    pub(crate) cx: &'a Context,
    lines: OnceCell<Vec<Placed<'a>>>,
    definitions: OnceCell<Vec<Definition<'a>>>,
    graph: OnceCell<Graph<'a>>,
    gaps: OnceCell<Vec<Gap<'a, 'a>>>,
    settings: &'a Settings,
}

impl<'a> View<'a> {
    pub(crate) fn new(cx: &'a Context, settings: &'a Settings) -> Self {
        Self {
            cx,
            lines: OnceCell::new(),
            definitions: OnceCell::new(),
            graph: OnceCell::new(),
            gaps: OnceCell::new(),
            settings,
        }
    }

    fn lines(&self) -> &[Placed<'a>] {
        self.lines.get_or_init(|| lines::all(&self.cx.tree))
    }
}

/// A rule at work on a config.
pub struct Check<'c> {
    pub(crate) rule: &'static Rule,
    pub(crate) cx: &'c Context,
    view: &'c View<'c>,
    found: Vec<Finding>,
}

impl<'c> Check<'c> {
    pub(crate) fn run(rule: &'static Rule, view: &'c View<'c>) -> Vec<Finding> {
        let mut check = Self {
            rule,
            cx: view.cx,
            view,
            found: Vec::new(),
        };
        (rule.check)(&mut check);
        check.found
    }

    /// Every line, in the order of the text.
    pub(crate) fn lines(&self) -> &'c [Placed<'c>] {
        self.view.lines()
    }

    /// Every line that is a directive with this name.
    pub(crate) fn directives(
        &self,
        name: &'static str,
    ) -> impl Iterator<Item = &'c Placed<'c>> + use<'c> {
        let lines = self.lines().iter();
        lines.filter(move |one| one.is_directive() && one.name() == name)
    }

    /// Every line of this name that is an option of something.
    pub(crate) fn options(
        &self,
        name: &'static str,
    ) -> impl Iterator<Item = &'c Placed<'c>> + use<'c> {
        let lines = self.lines().iter();
        lines.filter(move |one| !one.is_directive() && one.name() == name)
    }

    /// Every named matcher.
    pub(crate) fn definitions(&self) -> &'c [Definition<'c>] {
        self.view
            .definitions
            .get_or_init(|| lines::definitions(self.view.lines()))
    }

    /// The ordered routes.
    pub(crate) fn graph(&self) -> &'c Graph<'c> {
        self.view
            .graph
            .get_or_init(|| Graph::new(self.cx, self.view.settings))
    }

    /// The gates that do not help.
    pub(crate) fn gaps(&self) -> &'c [Gap<'c, 'c>] {
        self.view.gaps.get_or_init(|| gaps::all(self))
    }

    /// The lines of a site, at any depth.
    pub(crate) fn lines_of(&self, site: Option<usize>) -> &'c [Placed<'c>] {
        let lines = self.lines();
        // What belongs to no site comes first, then one site after the other.
        let from = lines.partition_point(|line| line.site() < site);
        let to = lines.partition_point(|line| line.site() <= site);
        lines.get(from..to).unwrap_or_default()
    }

    /// A site by its number.
    pub(crate) fn site(&self, site: usize) -> Option<&'c Site> {
        self.cx.tree.sites.get(site)
    }

    /// What the text says at a place.
    pub(crate) fn slice(&self, span: Span) -> &'c str {
        self.cx.sources.slice(span)
    }

    pub(crate) fn number(&self, name: &str) -> i64 {
        self.view.settings.number(self.rule, name)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.view.settings.flag(self.rule, name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.view.settings.text(self.rule, name)
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.view.settings.texts(self.rule, name)
    }

    /// An option of another rule.
    pub(crate) fn texts_of(&self, rule: &Rule, name: &str) -> Vec<String> {
        self.view.settings.texts(rule, name)
    }

    /// Whether another rule runs too.
    pub(crate) fn runs(&self, code: &str) -> bool {
        settings::find(code).is_some_and(|rule| self.view.settings.runs(rule))
    }

    /// A finding of this rule.
    pub(crate) fn at(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::at(self.rule, span, message)
    }

    /// Says all that was found.
    pub(crate) fn report_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(findings);
    }

    /// Says what was found.
    pub(crate) fn report(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}
