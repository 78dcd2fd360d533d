//! Where a handler is in a server's routes.

use caddis_ir::Path;

/// From the server's routes down to a handler: a route and a handler in it, at each level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Spot(pub(crate) Vec<(usize, usize)>);

impl Spot {
    /// One level down.
    #[must_use]
    pub(crate) fn then(&self, route: usize, handler: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push((route, handler));
        Self(steps)
    }

    /// How many levels both have in common, from the top.
    pub(crate) fn shared(&self, other: &Self) -> usize {
        self.0
            .iter()
            .zip(&other.0)
            .take_while(|(a, b)| a == b)
            .count()
    }

    /// The same place in the JSON.
    pub(crate) fn path(&self, server: &str) -> Path {
        let root = ["apps", "http", "servers", server].into_iter();
        let mut path = root.fold(Path::root(), |path, key| path.key(key));
        for (route, handler) in &self.0 {
            path = path
                .key("routes")
                .index(*route)
                .key("handle")
                .index(*handler);
        }
        path
    }
}
