//! Routes: which requests go where, in order.

use std::sync::Arc;

use caddis_ir::{Path, Route};

use crate::build;
use crate::builder::Builder;
use crate::handlers::body_reader;
use crate::matchers::host::{Host, Hosts};
use crate::matchers::{Look, Sets};
use crate::metrics::counted;
use crate::node::{Answer, Erased};
use crate::{Context, Node, Request, Result};

/// Links routes in their order; after the last one comes `next`.
pub(crate) fn chain(routes: &[Route], at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    // Only the routes of the server itself are counted, not those below them.
    let counting = builder.take_counting();
    let counting = counting.as_deref();
    let mut after = Step::Node(next);
    let matchers: Vec<_> = routes.iter().map(|route| &route.matchers).collect();
    let mut rest = routes;
    while let Some((route, before)) = rest.split_last() {
        let run = routes_by_host(rest);
        if run >= MIN_ROUTES_BY_HOST {
            let (before, run) = rest.split_at(rest.len() - run);
            after = Step::ByHost(Arc::new(ByHost::build(
                (run, before.len()),
                at,
                builder,
                after,
                counting,
            )));
            rest = before;
        } else {
            after = one(route, &at.index(before.len()), builder, after, counting);
            rest = before;
        }
    }
    body_reader::before(after.into_node(), &matchers, builder)
}

/// Links a named route.
pub(crate) fn named(route: &Route, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let node = one(route, at, builder, Step::Node(next), None).into_node();
    body_reader::before(node, &route.matchers, builder)
}

fn one(
    route: &Route,
    at: &Path,
    builder: &mut Builder<'_>,
    otherwise: Step,
    counting: Option<&str>,
) -> Step {
    let then = taken(route, at, builder, &otherwise, counting);
    let group = (!route.group.is_empty()).then(|| builder.group(&route.group));
    if route.matchers.is_empty() && group.is_none() {
        return Step::Node(then);
    }
    let choice = Choice {
        sets: Sets::build(&route.matchers, &at.key("match"), builder),
        group,
        then,
        otherwise,
    };
    if choice.sets.ask_disk() {
        return Step::Node(Node::erased(AskingDisk(choice)));
    }
    Step::Choice(Arc::new(choice))
}

/// The handlers of a route, and what comes after them.
fn taken(
    route: &Route,
    at: &Path,
    builder: &mut Builder<'_>,
    otherwise: &Step,
    counting: Option<&str>,
) -> Node {
    let mut then = if route.terminal {
        Node::end()
    } else {
        otherwise.clone().into_node()
    };
    for (index, handler) in route.handle.iter().enumerate().rev() {
        then = build::handler(handler, &at.key("handle").index(index), builder, then);
    }
    match (counting, route.handle.first()) {
        (Some(server), Some(first)) => counted(&builder.metrics(), server, first.name(), then),
        (None, _) | (_, None) => then,
    }
}

/// What comes next, known well enough to go through many routes without a call for each.
#[derive(Clone)]
enum Step {
    Choice(Arc<Choice>),
    ByHost(Arc<ByHost>),
    Node(Node),
}

/// A route: `then` for the requests that it takes, `otherwise` for the others.
struct Choice {
    sets: Sets,
    group: Option<u32>,
    then: Node,
    otherwise: Step,
}

/// A route whose matchers ask a disk.
struct AskingDisk(Choice);

/// Routes that end here and ask for nothing but a host, found without going through them.
struct ByHost {
    hosts: Hosts,
    then: Vec<Node>,
    otherwise: Step,
}

impl Step {
    fn into_node(self) -> Node {
        match self {
            Self::Node(node) => node,
            Self::Choice(_) | Self::ByHost(_) => Node::erased(self),
        }
    }

    /// The node that a request goes to. Matchers see the request as it is here: a rewrite before counts.
    fn choose(&self, request: &Request) -> Result<&Node> {
        let look = Look::new(request);
        let mut step = self;
        loop {
            step = match step {
                Self::Node(node) => return Ok(node),
                Self::Choice(choice) if choice.takes(&look)? => return Ok(&choice.then),
                Self::Choice(choice) => &choice.otherwise,
                Self::ByHost(routes) => match routes.find(request) {
                    Some(node) => return Ok(node),
                    None => &routes.otherwise,
                },
            };
        }
    }
}

impl Erased for Step {
    fn run(&self, request: Request) -> Answer<'_> {
        match self.choose(&request) {
            Ok(node) => node.answer(request),
            Err(error) => Answer::ready(Err(error)),
        }
    }
}

impl Choice {
    fn takes(&self, look: &Look<'_>) -> Result<bool> {
        let matches = self.sets.matches(look);
        look.failure()?;
        let group = self.group;
        Ok(matches && group.is_none_or(|group| is_first(group, look.values.context)))
    }
}

impl AskingDisk {
    async fn takes(&self, request: &mut Request) -> Result<bool> {
        let Choice { sets, group, .. } = &self.0;
        let is_match = sets.matches_after_asking(request).await?;
        Ok(is_match && group.is_none_or(|group| is_first(group, Context::of(request))))
    }
}

impl Erased for AskingDisk {
    fn run(&self, mut request: Request) -> Answer<'_> {
        Answer::waiting(async move {
            if self.takes(&mut request).await? {
                self.0.then.answer(request).await
            } else {
                self.0.otherwise.run(request).await
            }
        })
    }
}

impl Drop for Choice {
    /// Lets go of the routes after it one by one: a long list must not need a deep stack.
    fn drop(&mut self) {
        let mut rest = std::mem::replace(&mut self.otherwise, Step::Node(Node::end()));
        while let Step::Choice(choice) = rest {
            let Ok(mut choice) = Arc::try_unwrap(choice) else {
                return;
            };
            rest = std::mem::replace(&mut choice.otherwise, Step::Node(Node::end()));
        }
    }
}

/// Whether no other route of this group was taken; from now on one is.
fn is_first(group: u32, context: &Context) -> bool {
    let mut notes = context.notes();
    let is_first = !notes.groups.contains(&group);
    if is_first {
        notes.groups.push(group);
    }
    is_first
}

/// Below this many, asking one after the other is as fast.
const MIN_ROUTES_BY_HOST: usize = 4;

/// How many routes at the end of a list can be found by their host.
fn routes_by_host(routes: &[Route]) -> usize {
    routes
        .iter()
        .rev()
        .take_while(|route| is_by_host(route))
        .count()
}

fn is_by_host(route: &Route) -> bool {
    let [set] = route.matchers.as_slice() else {
        return false;
    };
    let Some(hosts) = &set.host else { return false };
    let only_host = caddis_ir::MatcherSet {
        host: Some(hosts.clone()),
        ..Default::default()
    };
    route.terminal
        && route.group.is_empty()
        && *set == only_host
        && hosts.iter().all(|host| !host.contains(['{', '\\']))
}

impl ByHost {
    fn build(
        (routes, first): (&[Route], usize),
        at: &Path,
        builder: &mut Builder<'_>,
        otherwise: Step,
        counting: Option<&str>,
    ) -> Self {
        let mut hosts = Hosts::default();
        let mut then = Vec::with_capacity(routes.len());
        for (place, route) in routes.iter().enumerate() {
            let at = at.index(first + place);
            // Builds nothing that is kept, and finds what is wrong with the hosts.
            Sets::build(&route.matchers, &at.key("match"), builder);
            let names = route.matchers.iter().flat_map(|set| &set.host).flatten();
            for host in names {
                hosts.add(host, place);
            }
            then.push(taken(route, &at, builder, &otherwise, counting));
        }
        Self {
            hosts,
            then,
            otherwise,
        }
    }

    fn find(&self, request: &Request) -> Option<&Node> {
        let place = self.hosts.first(&Host::of(request.headers()))?;
        self.then.get(place)
    }
}
