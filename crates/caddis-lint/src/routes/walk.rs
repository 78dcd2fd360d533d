//! One request through the routes: which handler answers, and what came before it.

use caddis_ir::{Handler, MatcherSet, ReverseProxy, Route, Server, StaticResponse, StatusCode};

use super::gates::is_forward_auth;
use super::matching::{self, Secrets, State, Truth};
use super::regexes::Regexes;
use super::request::Request;
use super::rewriting;
use super::spot::Spot;
use crate::environment::Environment;

/// How many things that nobody can know are tried both ways.
const MAX_GUESSES: usize = 4;
/// How deep `invoke` may lead.
const MAX_INVOKED: usize = 8;

/// How a request ends.
#[derive(Clone, Debug)]
pub(crate) enum End<'c> {
    /// An upstream, files or the like answer.
    Reached { handler: &'c Handler, spot: Spot },
    /// An answer of the config itself.
    Answered { status: u16 },
    /// It asks for credentials, or says that there is no way.
    Refused { spot: Spot },
    /// Nothing answers: Caddy sends an empty 200.
    Nothing,
}

/// One way through the routes.
#[derive(Clone, Debug)]
pub(crate) struct Run<'c> {
    pub(crate) end: End<'c>,
    /// The path as it is when the request ends.
    pub(crate) path: Option<String>,
    /// The path at each level, when the route was taken that led on.
    pub(crate) levels: Vec<Option<String>>,
    /// What it came through.
    pub(crate) passed: Vec<&'c Handler>,
    /// True if it depends on what nobody can know.
    pub(crate) is_guess: bool,
}

impl Run<'_> {
    /// The upstream or files that were reached.
    pub(crate) fn reached(&self) -> Option<(&Handler, &Spot)> {
        match &self.end {
            End::Reached { handler, spot } => Some((handler, spot)),
            End::Answered { .. } | End::Refused { .. } | End::Nothing => None,
        }
    }

    /// True if the answer is that there is no way in.
    pub(crate) fn is_refused(&self) -> bool {
        match &self.end {
            End::Refused { .. } => true,
            End::Answered { status, .. } => (300..500).contains(status),
            End::Reached { .. } | End::Nothing => false,
        }
    }
}

/// Who sends the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody without credentials.
    Anybody,
    /// Somebody whose name and password are right.
    Known,
}

/// What all runs have in common.
pub(super) struct World<'c, 'w> {
    pub(super) server: &'c Server,
    pub(super) environment: &'w Environment,
    pub(super) regexes: &'w Regexes,
}

/// Every way that a request can take, one for each guess.
pub(super) fn runs<'c>(
    world: &World<'c, '_>,
    routes: &[(usize, &'c Route)],
    request: &Request,
    secrets: Secrets,
    who: Who,
) -> Vec<Run<'c>> {
    let mut guesses: Vec<bool> = Vec::new();
    let mut runs = Vec::new();
    loop {
        let mut walk = Walk {
            world,
            state: State::new(request, world.environment, world.regexes, secrets),
            who,
            guesses: &guesses,
            made: Vec::new(),
            known: Vec::new(),
            passed: Vec::new(),
            levels: Vec::new(),
            invoked: 0,
        };
        let end = walk
            .routes(routes, &Spot::default())
            .unwrap_or(End::Nothing);
        let mut made = std::mem::take(&mut walk.made);
        runs.push(Run {
            end,
            path: walk.state.path.clone(),
            passed: std::mem::take(&mut walk.passed),
            levels: std::mem::take(&mut walk.levels),
            is_guess: !made.is_empty(),
        });
        // Like an odometer: the last guess that was "no" becomes "yes".
        while made.last() == Some(&true) {
            made.pop();
        }
        match made.last_mut() {
            Some(last) => *last = true,
            None => return runs,
        }
        guesses = made;
    }
}

struct Walk<'w, 'c> {
    world: &'w World<'c, 'w>,
    state: State<'w>,
    who: Who,
    guesses: &'w [bool],
    made: Vec<bool>,
    /// What was guessed of which sets, so that the same sets say the same.
    known: Vec<(&'c [MatcherSet], bool)>,
    passed: Vec<&'c Handler>,
    levels: Vec<Option<String>>,
    invoked: usize,
}

impl<'c> Walk<'_, 'c> {
    fn routes(&mut self, routes: &[(usize, &'c Route)], spot: &Spot) -> Option<End<'c>> {
        let mut groups: Vec<&str> = Vec::new();
        for (at, route) in routes {
            if !route.group.is_empty() && groups.contains(&route.group.as_str()) {
                continue;
            }
            if !self.takes(&route.matchers) {
                continue;
            }
            if !route.group.is_empty() {
                groups.push(&route.group);
            }
            if let Some(end) = self.handlers(*at, &route.handle, spot) {
                return Some(end);
            }
            if route.terminal {
                return Some(End::Nothing);
            }
        }
        None
    }

    fn takes(&mut self, sets: &'c [MatcherSet]) -> bool {
        match matching::any(sets, &self.state) {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Maybe => {
                if let Some((_, said)) = self.known.iter().find(|(known, _)| *known == sets) {
                    return *said;
                }
                let said = self.guesses.get(self.made.len()).copied().unwrap_or(false);
                if self.made.len() < MAX_GUESSES {
                    self.made.push(said);
                }
                self.known.push((sets, said));
                said
            }
        }
    }

    fn handlers(&mut self, route: usize, handlers: &'c [Handler], spot: &Spot) -> Option<End<'c>> {
        for (at, handler) in handlers.iter().enumerate() {
            let spot = spot.then(route, at);
            self.levels.truncate(spot.0.len() - 1);
            self.levels.push(self.state.path.clone());
            if let Some(end) = self.handler(handler, &spot) {
                return Some(end);
            }
            self.passed.push(handler);
        }
        None
    }

    fn handler(&mut self, handler: &'c Handler, spot: &Spot) -> Option<End<'c>> {
        let spot = spot.clone();
        match handler {
            Handler::Authentication(_) => {
                (self.who == Who::Anybody).then_some(End::Refused { spot })
            }
            Handler::ReverseProxy(proxy) if is_forward_auth(proxy) => {
                (self.who == Who::Anybody).then_some(End::Refused { spot })
            }
            Handler::ReverseProxy(_) | Handler::Metrics(_) => Some(End::Reached { handler, spot }),
            Handler::FileServer(files) => {
                (!files.pass_thru).then_some(End::Reached { handler, spot })
            }
            Handler::StaticResponse(answer) => Some(match answer_of(answer) {
                Some(status) => End::Answered { status },
                None => End::Refused { spot },
            }),
            Handler::Error(error) => Some(End::Answered {
                status: number(error.status_code.as_ref(), 500),
            }),
            Handler::Subroute(subroute) => {
                let routes: Vec<_> = subroute.routes.iter().enumerate().collect();
                self.routes(&routes, &spot)
            }
            Handler::Rewrite(rewrite) => {
                rewriting::apply(rewrite, &mut self.state);
                None
            }
            Handler::Invoke(invoke) => self.invoke(&invoke.name, &spot),
            Handler::AcmeServer(_)
            | Handler::CopyResponse(_)
            | Handler::CopyResponseHeaders(_)
            | Handler::Encode(_)
            | Handler::Headers(_)
            | Handler::Intercept(_)
            | Handler::LogAppend(_)
            | Handler::Map(_)
            | Handler::Push(_)
            | Handler::RateLimit(_)
            | Handler::RequestBody(_)
            | Handler::Templates(_)
            | Handler::Tracing(_)
            | Handler::Vars(_) => None,
        }
    }

    /// A named route stands where it is invoked.
    fn invoke(&mut self, name: &str, spot: &Spot) -> Option<End<'c>> {
        let route = self.world.server.named_routes.get(name)?;
        if self.invoked >= MAX_INVOKED || !self.takes(&route.matchers) {
            return None;
        }
        self.invoked += 1;
        for handler in &route.handle {
            let end = match handler {
                Handler::Subroute(subroute) => {
                    let routes: Vec<_> = subroute.routes.iter().enumerate().collect();
                    self.routes(&routes, spot)
                }
                other => self.handler(other, spot),
            };
            if end.is_some() {
                return end;
            }
            self.passed.push(handler);
        }
        None
    }
}

/// The status of an answer; `None` if the connection is closed without one, or asks who is there.
pub(crate) fn answer_of(answer: &StaticResponse) -> Option<u16> {
    let status = number(answer.status_code.as_ref(), 200);
    (!answer.abort && !matches!(status, 401 | 403 | 407)).then_some(status)
}

pub(super) fn number(status: Option<&StatusCode>, default: u16) -> u16 {
    match status {
        Some(StatusCode::Fixed(number)) => *number,
        Some(StatusCode::Placeholder(_)) | None => default,
    }
}

/// The addresses of a proxy, for people.
pub(crate) fn upstreams(proxy: &ReverseProxy) -> String {
    let dials: Vec<&str> = proxy
        .upstreams
        .iter()
        .map(|one| one.dial.as_str())
        .collect();
    if dials.is_empty() {
        "its upstreams".into()
    } else {
        dials.join(", ")
    }
}
