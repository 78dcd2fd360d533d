//! `invoke`: go through a named route, and then on to the next handler.

use std::collections::{BTreeMap, BTreeSet};

use caddis_ir::{Invoke, Path, Route};

use crate::builder::Builder;
use crate::{Node, route};

/// The named routes of a server, while it is built. Each of them is built once for every place that invokes it.
#[derive(Default)]
pub(crate) struct NamedRoutes {
    routes: BTreeMap<String, Route>,
    at: Path,
    /// Those that are being built, outermost first.
    open: Vec<String>,
    built: BTreeSet<String>,
    count: usize,
}

/// Routes that invoke each other twice over would grow without bounds.
const MAX_BUILT: usize = 10_000;

impl NamedRoutes {
    pub(crate) fn of(routes: &BTreeMap<String, Route>, at: Path) -> Self {
        Self {
            routes: routes.clone(),
            at,
            ..Self::default()
        }
    }
}

/// Links a named route before the next handler.
pub(crate) fn build(config: &Invoke, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let name = &config.name;
    let at_name = at.key("name");
    let named = &mut builder.named_routes;
    let Some(route) = named.routes.get(name).cloned() else {
        builder.error(&at_name, format!("there is no named route `{name}`"));
        return next;
    };
    if named.open.contains(name) {
        let message = format!("the named route `{name}` comes back to itself");
        builder.error(&at_name, message);
        return next;
    }
    named.count += 1;
    if named.count > MAX_BUILT {
        // Once is enough: all that come after it are too many as well.
        if named.count == MAX_BUILT + 1 {
            let message = format!("named routes are invoked in more than {MAX_BUILT} places");
            builder.error(&at_name, message);
        }
        return next;
    }
    named.open.push(name.clone());
    named.built.insert(name.clone());
    let at = named.at.key(name);
    let node = route::named(&route, &at, builder, next);
    builder.named_routes.open.pop();
    node
}

/// Finds what is wrong with named routes that nobody invokes.
pub(crate) fn check_others(builder: &mut Builder<'_>) {
    let NamedRoutes { routes, built, .. } = &builder.named_routes;
    let others: Vec<_> = (routes.keys())
        .filter(|name| !built.contains(*name))
        .cloned()
        .collect();
    for name in others {
        if !builder.named_routes.built.contains(&name) {
            let at = builder.named_routes.at.key(&name);
            build(&Invoke { name }, &at, builder, Node::end());
        }
    }
}
