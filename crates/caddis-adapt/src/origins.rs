//! Where each part of the config stands in the text: IR path → span.

use caddis_ir::{Path, Step};
use caddis_source::Span;

/// Where each part of the config stands in the text.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    root: Trail,
}

impl Origins {
    pub(crate) fn new(root: Trail) -> Self {
        Self { root }
    }

    /// Where the value at the path stands in the text, or the nearest value around it that is known.
    pub fn span(&self, path: &Path) -> Option<Span> {
        let mut trail = &self.root;
        let mut span = trail.span;
        for step in &path.0 {
            match trail.known(step) {
                Some(child) => trail = child,
                None => break,
            }
            span = trail.span.or(span);
        }
        span.or_else(|| trail.first())
    }
}

/// One step down; keys that the program knows cost nothing.
#[derive(Clone, Debug)]
pub(crate) enum At {
    Key(&'static str),
    Name(String),
    Index(usize),
}

impl At {
    /// True for this key of the program's.
    pub(crate) fn is_key(&self, key: &str) -> bool {
        matches!(self, Self::Key(own) if *own == key)
    }

    fn is(&self, step: &Step) -> bool {
        match (self, step) {
            (Self::Key(key), Step::Key(other)) => key == other,
            (Self::Name(name), Step::Key(other)) => name == other,
            (Self::Index(index), Step::Index(other)) => index == other,
            (Self::Key(_) | Self::Name(_), Step::Index(_)) | (Self::Index(_), Step::Key(_)) => {
                false
            }
        }
    }
}

/// A value's place, and the places of the values in it. Moved into the tree above, never copied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    pub(crate) span: Option<Span>,
    pub(crate) children: Vec<(At, Trail)>,
}

impl Trail {
    /// A value that stands here, with nothing known of what is in it.
    pub(crate) fn at(span: Span) -> Self {
        Self {
            span: Some(span),
            children: Vec::new(),
        }
    }

    /// An array of values.
    pub(crate) fn list(items: impl IntoIterator<Item = Trail>) -> Self {
        let children = items.into_iter().enumerate();
        Self {
            span: None,
            children: children.map(|(at, item)| (At::Index(at), item)).collect(),
        }
    }

    /// With the place of a value below this one.
    pub(crate) fn with(mut self, at: At, child: Trail) -> Self {
        // Most have one or two, and there are several for each line of a config.
        self.children.reserve_exact(1);
        self.children.push((at, child));
        self
    }

    /// Notes the place of a value at a path below this one.
    pub(crate) fn note(&mut self, path: &Path, span: Span) {
        self.below(path).span = Some(span);
    }

    /// Puts a value with what is in it at a path below this one.
    pub(crate) fn put(&mut self, path: &Path, trail: Trail) {
        *self.below(path) = trail;
    }

    fn below(&mut self, path: &Path) -> &mut Trail {
        let mut trail = self;
        for step in &path.0 {
            trail = trail.child(step);
        }
        trail
    }

    /// The first place that is known of what is in the value: a list has none of its own.
    fn first(&self) -> Option<Span> {
        let mut below = self.children.iter();
        self.span
            .or_else(|| below.find_map(|(_, child)| child.first()))
    }

    /// The place of the value one step down; mostly an element of a list has its own index in the list of places.
    fn known(&self, step: &Step) -> Option<&Trail> {
        let likely = match step {
            Step::Index(index) => self.children.get(*index),
            Step::Key(_) => None,
        };
        let found = likely.filter(|(at, _)| at.is(step));
        let found = found.or_else(|| self.children.iter().find(|(at, _)| at.is(step)));
        found.map(|(_, child)| child)
    }

    fn child(&mut self, step: &Step) -> &mut Trail {
        let known = self.children.iter().position(|(at, _)| at.is(step));
        let at = known.unwrap_or_else(|| {
            let at = match step {
                Step::Key(key) => At::Name(key.clone()),
                Step::Index(index) => At::Index(*index),
            };
            self.children.push((at, Trail::default()));
            self.children.len() - 1
        });
        &mut self.children[at].1
    }
}

/// The places of a route's parts, kept beside the route until both have their final place.
#[derive(Clone, Debug, Default)]
pub(crate) struct RouteTrail {
    pub(crate) span: Option<Span>,
    pub(crate) matchers: Vec<Trail>,
    pub(crate) handlers: Vec<Trail>,
}

impl From<RouteTrail> for Trail {
    fn from(route: RouteTrail) -> Self {
        let mut trail = Self {
            span: route.span,
            children: Vec::new(),
        };
        if !route.matchers.is_empty() {
            trail = trail.with(At::Key("match"), Self::list(route.matchers));
        }
        trail.with(At::Key("handle"), Self::list(route.handlers))
    }
}
