//! Where parts of the served config stand in the config as it was written: automatic HTTPS puts routes between others.

use std::collections::HashMap;
use std::sync::Arc;

use caddis_ir::{Config, Route, Server, Step};

use crate::environment::Places;

/// How many steps lead to the routes of a server: `apps.http.servers.<name>.routes`.
const ROUTES: usize = 5;

/// Looks up places of the config that is served, in the text of the one that was written.
pub(crate) fn of_served(places: Places, written: &Config, served: &Config) -> Places {
    let mut moved: HashMap<String, Vec<Option<usize>>> = HashMap::new();
    for (name, server) in servers(served) {
        let before = servers(written).find(|(other, _)| *other == name);
        let before = before.map_or(&[][..], |(_, server)| server.routes.as_slice());
        if before != server.routes {
            moved.insert(name.clone(), indexes(&server.routes, before));
        }
    }
    Arc::new(move |path| {
        let mut path = path.clone();
        let (Some(Step::Key(server)), Some(Step::Index(index))) =
            (path.0.get(ROUTES - 2), path.0.get(ROUTES))
        else {
            return places(&path);
        };
        if let Some(indexes) = moved.get(server.as_str()) {
            let before = indexes.get(*index).copied().flatten()?;
            path.0[ROUTES] = Step::Index(before);
        }
        places(&path)
    })
}

fn servers(config: &Config) -> impl Iterator<Item = (&String, &Server)> {
    config.apps.http.iter().flat_map(|http| &http.servers)
}

/// For each route where it was before, if it was there; the order has not changed.
fn indexes(routes: &[Route], before: &[Route]) -> Vec<Option<usize>> {
    let mut left = before.iter().enumerate().peekable();
    let found = routes.iter().map(|route| {
        let (index, _) = left.next_if(|(_, before)| *before == route)?;
        Some(index)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use caddis_ir::{Config, Path, Server, StaticResponse};

    use super::of_served;
    use crate::testing::route;

    /// A config of one server, whose routes answer with these texts.
    fn config(bodies: &[&str]) -> Config {
        let routes = bodies
            .iter()
            .map(|body| route(None, vec![StaticResponse::default().body(*body).into()]));
        let server = Server {
            routes: routes.collect(),
            ..Server::default()
        };
        let mut config = Config::default();
        let http = config.apps.http.get_or_insert_default();
        http.servers.insert("s".into(), server);
        config
    }

    #[test]
    fn a_route_that_was_moved_is_found_where_it_was_written() {
        let places = of_served(
            Arc::new(|path| Some(path.to_string())),
            &config(&["a", "b"]),
            &config(&["a", "new", "b"]),
        );
        let place = |index| {
            let at = Path::root().key("apps").key("http").key("servers");
            places(&at.key("s").key("routes").index(index).key("handle"))
        };
        let written = |index: usize| Some(format!("apps/http/servers/s/routes/{index}/handle"));
        assert_eq!(
            [place(0), place(1), place(2)],
            [written(0), None, written(1)]
        );
    }
}
