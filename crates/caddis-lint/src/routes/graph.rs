//! All ways into a config, tried: what answers, and what is open although there is a gate.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use caddis_ir::{Handler, Route};
use caddis_source::Span;

use super::candidates;
use super::entry::{self, Entry};
use super::gates::{self, Gate};
use super::matching::Secrets;
use super::reasons::{self, Reason, Seen};
use super::regexes::Regexes;
use super::request::Request;
use super::spot::Spot;
use super::walk::{self, Run, Who, World, upstreams};
use crate::context::Context;
use crate::finding::Witness;
use crate::settings::{self, Settings};

/// How many open requests of one upstream are looked at to find out why it is open.
const MAX_OPEN: usize = 40;

/// The routes of a config, tried with many requests.
pub(crate) struct Graph<'c> {
    cx: &'c Context,
    pub(crate) entries: Vec<Entry<'c>>,
    trials: Vec<OnceCell<Vec<Trial<'c>>>>,
    gates: BTreeMap<&'c str, Vec<Gate<'c>>>,
    exposures: OnceCell<Vec<Exposure<'c>>>,
    regexes: Regexes,
    ports: Vec<i64>,
    hosts: Vec<String>,
}

/// A request, and every way that it can take.
#[derive(Debug)]
pub(crate) struct Trial<'c> {
    pub(crate) request: Request,
    pub(crate) runs: Vec<Run<'c>>,
}

/// Something that anybody reaches.
#[derive(Clone, Debug)]
pub(crate) struct Exposure<'c> {
    pub(crate) entry: usize,
    pub(crate) handler: &'c Handler,
    pub(crate) spot: Spot,
    /// Requests that reach it, the plainest first, with the path that it sees.
    pub(crate) requests: Vec<(Request, Option<String>)>,
    /// The path at each level of the spot, for each of the requests.
    pub(crate) levels: Vec<Vec<Option<String>>>,
    /// False if they depend on what nobody can know.
    pub(crate) is_proven: bool,
    /// The gates that do not help, why, and the request that shows it; the plainest mistake first.
    pub(crate) reasons: Vec<(Reason, usize, Request)>,
}

impl<'c> Graph<'c> {
    pub(crate) fn new(cx: &'c Context, settings: &Settings) -> Self {
        let entries = entry::all(cx);
        let mut gates = BTreeMap::new();
        for entry in &entries {
            gates
                .entry(entry.name)
                .or_insert_with(|| gates::all(entry.server));
        }
        let (ports, hosts) = model_servers(settings);
        Self {
            trials: entries.iter().map(|_| OnceCell::new()).collect(),
            entries,
            gates,
            cx,
            exposures: OnceCell::new(),
            regexes: Regexes::default(),
            ports,
            hosts,
        }
    }

    /// What became of every request to an entry.
    pub(crate) fn trials(&self, entry: usize) -> &[Trial<'c>] {
        let Some(cell) = self.trials.get(entry) else {
            return &[];
        };
        cell.get_or_init(|| {
            let Some(entry) = self.entries.get(entry) else {
                return Vec::new();
            };
            let is_model = |(_, route): &(usize, &Route)| self.has_model_server(route);
            let requests =
                candidates::requests(entry, entry.routes.iter().any(is_model)).into_iter();
            let trials = requests.map(|request| Trial {
                runs: self.run_as(entry, &request, Secrets::Set, Who::Anybody),
                request,
            });
            trials.collect()
        })
    }

    /// What becomes of one request of somebody without credentials.
    pub(crate) fn run(
        &self,
        entry: &Entry<'c>,
        request: &Request,
        secrets: Secrets,
    ) -> Vec<Run<'c>> {
        self.run_as(entry, request, secrets, Who::Anybody)
    }

    /// What becomes of one request of somebody who may come in.
    pub(crate) fn run_known(&self, entry: &Entry<'c>, request: &Request) -> Vec<Run<'c>> {
        self.run_as(entry, request, Secrets::Set, Who::Known)
    }

    fn run_as(
        &self,
        entry: &Entry<'c>,
        request: &Request,
        secrets: Secrets,
        who: Who,
    ) -> Vec<Run<'c>> {
        let world = World {
            server: entry.server,
            environment: &self.cx.environment,
            regexes: &self.regexes,
        };
        walk::runs(&world, &entry.routes, request, secrets, who)
    }

    /// The gates of a server.
    pub(crate) fn gates(&self, server: &str) -> &[Gate<'c>] {
        self.gates.get(server).map_or(&[], Vec::as_slice)
    }

    /// Where a handler stands in the text.
    pub(crate) fn span(&self, server: &str, spot: &Spot) -> Option<Span> {
        self.cx.origins.span(&spot.path(server))
    }

    /// Where a handler is in the routes of an entry.
    #[expect(clippy::unused_self, reason = "the handler is one of this graph's")]
    pub(crate) fn spot_of(&self, entry: &Entry<'c>, wanted: &Handler) -> Option<Spot> {
        let mut work: Vec<(Spot, &[Route])> = vec![(Spot::default(), &entry.server.routes)];
        while let Some((spot, routes)) = work.pop() {
            for (at, route) in routes.iter().enumerate() {
                for (number, handler) in route.handle.iter().enumerate() {
                    let here = spot.then(at, number);
                    if std::ptr::eq(handler, wanted) {
                        return Some(here);
                    }
                    if let Handler::Subroute(subroute) = handler {
                        work.push((here, &subroute.routes));
                    }
                }
            }
        }
        None
    }

    /// True for a proxy to a model server.
    pub(crate) fn is_model_server(&self, handler: &Handler) -> bool {
        let Handler::ReverseProxy(proxy) = handler else {
            return false;
        };
        proxy.upstreams.iter().any(|upstream| {
            let (host, port) = upstream
                .dial
                .rsplit_once(':')
                .unwrap_or((&upstream.dial, ""));
            let port: Option<i64> = port.parse().ok();
            port.is_some_and(|port| self.ports.contains(&port))
                || self.hosts.iter().any(|known| known == host)
        })
    }

    fn has_model_server(&self, route: &Route) -> bool {
        route.handle.iter().any(|handler| match handler {
            Handler::Subroute(subroute) => subroute
                .routes
                .iter()
                .any(|route| self.has_model_server(route)),
            other => self.is_model_server(other),
        })
    }

    /// Everything that anybody reaches from outside.
    pub(crate) fn exposures(&self) -> &[Exposure<'c>] {
        self.exposures.get_or_init(|| {
            let outside = self.entries.iter().enumerate();
            let outside =
                outside.filter(|(_, entry)| !entry.is_local && !entry.asks_for_certificates);
            outside
                .flat_map(|(at, entry)| self.exposures_of(at, entry))
                .collect()
        })
    }

    fn exposures_of(&self, at: usize, entry: &Entry<'c>) -> Vec<Exposure<'c>> {
        let mut found: Vec<Exposure<'c>> = Vec::new();
        for trial in self.trials(at) {
            let is_certain = |run: &Run<'c>| {
                !run.is_guess || trial.runs.iter().all(|run| run.reached().is_some())
            };
            for run in &trial.runs {
                let walk::End::Reached { handler, spot } = &run.end else {
                    continue;
                };
                let is_proven = is_certain(run);
                let known = found
                    .iter_mut()
                    .find(|one| one.spot == *spot && one.is_proven == is_proven);
                let request = (trial.request.clone(), run.path.clone());
                match known {
                    Some(known) if known.requests.len() < MAX_OPEN => {
                        known.requests.push(request);
                        known.levels.push(run.levels.clone());
                    }
                    Some(_) => {}
                    None => found.push(Exposure {
                        entry: at,
                        handler,
                        spot: spot.clone(),
                        requests: vec![request],
                        levels: vec![run.levels.clone()],
                        is_proven,
                        reasons: Vec::new(),
                    }),
                }
            }
        }
        for exposure in &mut found {
            exposure.reasons = self.reasons(entry, exposure);
        }
        found
    }

    fn reasons(&self, entry: &Entry<'c>, exposure: &Exposure<'c>) -> Vec<(Reason, usize, Request)> {
        let keeps_order = |spot: &Spot| self.keeps_order(entry.name, spot);
        let top: Vec<usize> = entry.routes.iter().map(|(at, _)| *at).collect();
        let gates = self.gates(entry.name).iter().enumerate();
        let gates =
            gates.filter(|(_, gate)| gate.spot.0.first().is_some_and(|(at, _)| top.contains(at)));
        let mut reasons: Vec<(Reason, usize, Request)> = Vec::new();
        for (number, gate) in gates {
            for ((request, _), levels) in exposure.requests.iter().zip(&exposure.levels) {
                let seen = Seen {
                    environment: &self.cx.environment,
                    regexes: &self.regexes,
                    request,
                    spot: &exposure.spot,
                    levels,
                    keeps_order: &keeps_order,
                };
                let Some(reason) = reasons::of(gate, &seen) else {
                    continue;
                };
                if !reasons
                    .iter()
                    .any(|(known, of, _)| *known == reason && *of == number)
                {
                    reasons.push((reason, number, request.clone()));
                }
            }
        }
        reasons.sort_by(|a, b| a.0.cmp(&b.0));
        reasons
    }

    /// True for a block that keeps the written order: `route`.
    fn keeps_order(&self, server: &str, spot: &Spot) -> bool {
        let span = self.span(server, spot);
        let text = span.map_or("", |span| self.cx.sources.slice(span));
        text.split_whitespace().next() == Some("route")
    }

    /// A request that shows something, with what answers it.
    #[expect(clippy::unused_self, reason = "a witness is one of this graph's")]
    pub(crate) fn witness(&self, request: &Request, handler: &Handler, is_proven: bool) -> Witness {
        Witness {
            request: request.clone(),
            outcome: reaches(handler),
            proven: is_proven,
        }
    }
}

/// What answers, in words.
pub(crate) fn reaches(handler: &Handler) -> String {
    match handler {
        Handler::ReverseProxy(proxy) => format!("reaches {}", upstreams(proxy)),
        Handler::FileServer(_) => "gets files".into(),
        Handler::Metrics(_) => "gets the metrics".into(),
        other => format!("reaches `{}`", other.name()),
    }
}

/// The ports and hosts of model servers, as the options of OLL001 have them.
fn model_servers(settings: &Settings) -> (Vec<i64>, Vec<String>) {
    let Some(rule) = settings::find("OLL001") else {
        return (Vec::new(), Vec::new());
    };
    let ports = settings.texts(rule, "upstream_ports");
    let ports = ports.iter().filter_map(|port| port.parse().ok()).collect();
    (ports, settings.texts(rule, "upstream_hosts"))
}
