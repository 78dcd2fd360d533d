//! The lines of a config with what stands around them, and named matchers with their terms.

use caddis_source::Span;
use caddis_syntax::{Line, Quote, Site, Token, Tree};

/// Directives whose blocks hold directives.
const CONTAINERS: [&str; 7] = [
    "handle",
    "handle_path",
    "route",
    "handle_errors",
    "handle_response",
    "intercept",
    "replace_status",
];

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In the global options, or below one of them.
    Options,
    /// In this site, where directives stand.
    Site(usize),
    /// In a named route, where directives stand.
    NamedRoute(usize),
    /// Below a directive that takes options.
    Below(usize),
}

/// A line with the lines around it, the outermost first.
#[derive(Clone, Debug)]
pub(crate) struct Placed<'t> {
    pub(crate) line: &'t Line,
    pub(crate) around: Vec<&'t Line>,
    pub(crate) home: Home,
}

impl<'t> Placed<'t> {
    /// The site that it stands in, at any depth.
    pub(crate) fn site(&self) -> Option<usize> {
        match self.home {
            Home::Site(site) | Home::Below(site) => Some(site),
            Home::Options | Home::NamedRoute(_) => None,
        }
    }

    /// True for a directive, false for an option of one and for the definition of a matcher.
    pub(crate) fn is_directive(&self) -> bool {
        matches!(self.home, Home::Site(_) | Home::NamedRoute(_)) && !self.name().starts_with('@')
    }

    /// The first word.
    pub(crate) fn name(&self) -> &'t str {
        self.line.name().text()
    }

    /// The name of the line around it; nothing at the top.
    pub(crate) fn parent(&self) -> &'t str {
        self.around.last().map_or("", |line| line.name().text())
    }

    /// Its arguments without the matcher.
    pub(crate) fn arguments(&self) -> &'t [Token] {
        let arguments = self.line.arguments();
        match arguments.first() {
            Some(first) if is_matcher(first) => &arguments[1..],
            Some(_) | None => arguments,
        }
    }

    /// Its matcher, if it has one.
    pub(crate) fn matcher(&self) -> Option<&'t Token> {
        self.line
            .arguments()
            .first()
            .filter(|first| is_matcher(first))
    }
}

fn is_matcher(word: &Token) -> bool {
    word.quote() == Quote::Bare && (word.text() == "*" || word.text().starts_with(['/', '@']))
}

/// Every line of a config, in the order of the text.
pub(crate) fn all(tree: &Tree) -> Vec<Placed<'_>> {
    let mut placed = Vec::new();
    if let Some(options) = &tree.options {
        add(&options.lines, Home::Options, &mut placed);
    }
    for (at, route) in tree.named_routes.iter().enumerate() {
        add(&route.block.lines, Home::NamedRoute(at), &mut placed);
    }
    for (at, site) in tree.sites.iter().enumerate() {
        add(&site.block.lines, Home::Site(at), &mut placed);
    }
    placed
}

fn add<'t>(lines: &'t [Line], home: Home, placed: &mut Vec<Placed<'t>>) {
    // A work list and not recursion: the depth of a config is not the depth of our stack.
    let mut work: Vec<Placed<'t>> = Vec::new();
    let top = lines.iter().rev().map(|line| Placed {
        line,
        around: Vec::new(),
        home,
    });
    work.extend(top);
    while let Some(next) = work.pop() {
        if let Some(block) = &next.line.block {
            let home = below(&next);
            let mut around = next.around.clone();
            around.push(next.line);
            work.extend(block.lines.iter().rev().map(|line| Placed {
                line,
                around: around.clone(),
                home,
            }));
        }
        placed.push(next);
    }
}

fn below(placed: &Placed<'_>) -> Home {
    let holds_directives = CONTAINERS.contains(&placed.name());
    match placed.home {
        Home::Site(site) | Home::Below(site) if holds_directives => Home::Site(site),
        Home::Site(site) | Home::Below(site) => Home::Below(site),
        Home::NamedRoute(at) => Home::NamedRoute(at),
        Home::Options => Home::Options,
    }
}

/// A named matcher of a site.
#[derive(Clone, Debug)]
pub(crate) struct Definition<'t> {
    pub(crate) name: &'t Token,
    pub(crate) line: &'t Line,
    pub(crate) site: usize,
    pub(crate) terms: Vec<Term<'t>>,
    /// Whether a line of the site names it.
    pub(crate) is_used: bool,
}

/// One condition of a named matcher.
#[derive(Clone, Debug)]
pub(crate) struct Term<'t> {
    /// `header`, `path`, …
    pub(crate) kind: &'t str,
    /// What stands behind that.
    pub(crate) words: &'t [Token],
    /// Whether it stands in a `not`.
    pub(crate) is_negated: bool,
    /// The whole condition.
    pub(crate) span: Span,
}

/// The named matchers of all sites, in the order of the text.
pub(crate) fn definitions<'t>(placed: &[Placed<'t>]) -> Vec<Definition<'t>> {
    let mut uses = std::collections::HashSet::new();
    for one in placed {
        let Some(site) = one.site() else { continue };
        let skipped = usize::from(one.name().starts_with('@'));
        for word in one.line.words.iter().skip(skipped) {
            if word.text().starts_with('@') {
                uses.insert((site, word.text()));
            }
        }
    }
    let of_sites = placed.iter().filter_map(|one| match one.home {
        Home::Site(site) if one.name().starts_with('@') => Some((site, one.line)),
        _ => None,
    });
    let definitions = of_sites.map(|(site, line)| Definition {
        name: line.name(),
        line,
        site,
        terms: terms(line),
        is_used: uses.contains(&(site, line.name().text())),
    });
    definitions.collect()
}

fn terms(line: &Line) -> Vec<Term<'_>> {
    let mut terms = Vec::new();
    if line.arguments().is_empty() {
        let lines = line.block.iter().flat_map(|block| &block.lines);
        lines.for_each(|line| add_term(&line.words, line, false, &mut terms));
    } else {
        add_term(line.arguments(), line, false, &mut terms);
    }
    terms
}

fn add_term<'t>(words: &'t [Token], line: &'t Line, negated: bool, terms: &mut Vec<Term<'t>>) {
    let Some((first, rest)) = words.split_first() else {
        return;
    };
    let span = words
        .last()
        .map_or(first.span(), |last| first.span().to(last.span()));
    if first.quote() != Quote::Bare {
        terms.push(Term {
            kind: "expression",
            words,
            is_negated: negated,
            span,
        });
    } else if first.text() == "not" {
        if rest.is_empty() {
            let lines = line.block.iter().flat_map(|block| &block.lines);
            lines.for_each(|line| add_term(&line.words, line, !negated, terms));
        } else {
            add_term(rest, line, !negated, terms);
        }
    } else {
        terms.push(Term {
            kind: first.text(),
            words: rest,
            is_negated: negated,
            span,
        });
    }
}

/// A site's first address, for its place.
pub(crate) fn head(site: &Site) -> Option<Span> {
    site.addresses.first().map(Token::span)
}
