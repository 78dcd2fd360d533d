//! Named routes, `&(name) { … }`, and the servers that have them because a site invokes them.

use std::collections::BTreeMap;

use caddis_ir::{Handler, Route, Subroute};
use caddis_source::{Code, Diagnostic, Span, suggest};
use caddis_syntax::Site as Block;

use crate::definitions::Definitions;
use crate::listeners::Pairing;
use crate::origins::{At, RouteTrail, Trail};
use crate::routes::{self, Sorting};
use crate::scope::State;
use crate::servers::Draft;
use crate::sites::Site;
use crate::{Options, Token, placeholders, surface};

const UNDEFINED: Code = Code("route/undefined");
const DUPLICATE: Code = Code("route/duplicate");
const DIRECTIVE: Code = Code("route/directive-as-name");
const LOST: Code = Code("route/one-handler");

/// The named routes of a Caddyfile, by name.
#[derive(Debug, Default)]
pub(crate) struct NamedRoutes {
    routes: BTreeMap<String, NamedRoute>,
}

#[derive(Debug)]
struct NamedRoute {
    route: Route,
    trail: RouteTrail,
    name: Span,
    /// The named routes that it invokes itself.
    invoked: Vec<Token>,
}

impl NamedRoutes {
    /// Lowers every named route; of two with one name the second is refused.
    pub(crate) fn lower(blocks: Vec<Block>, options: &Options, state: &mut State) -> Self {
        let mut named = Self::default();
        for mut block in blocks {
            let Some(name) = block.addresses.pop() else {
                continue;
            };
            if let Some(first) = named.routes.get(name.text()) {
                let error = duplicate(&name, first.name);
                state.diagnostics.push(error);
                continue;
            }
            if let Some(error) = named_as_a_directive(&name) {
                state.diagnostics.push(error);
            }
            let route = lower(block, &name, options, state);
            named.routes.insert(name.text().into(), route);
        }
        // Caddy counts the groups of sites from zero again.
        state.restart_groups();
        named
    }

    /// Gives a server the routes that its sites invoke, and those that these invoke in turn.
    pub(crate) fn add(
        &self,
        draft: &mut Draft,
        pairing: &Pairing,
        sites: &[Site],
        state: &mut State,
    ) {
        let shares = pairing.shares.iter();
        let sites = shares.filter_map(|share| sites.get(share.site));
        let mut wanted: Vec<&Token> = sites.flat_map(|site| &site.invoked).collect();
        let mut trail = Trail::default();
        while let Some(name) = wanted.pop() {
            let Some(named) = self.routes.get(name.text()) else {
                self.report_undefined(name, state);
                continue;
            };
            let routes = &mut draft.server.named_routes;
            if routes.contains_key(name.text()) {
                continue;
            }
            routes.insert(name.text().into(), named.route.clone());
            let at = At::Name(name.text().into());
            trail = trail.with(at, named.trail.clone().into());
            wanted.extend(&named.invoked);
        }
        if !trail.children.is_empty() {
            draft.trail.children.push((At::Key("named_routes"), trail));
        }
    }

    /// Says once per place that a route is not defined: a site can be on several servers.
    fn report_undefined(&self, name: &Token, state: &mut State) {
        let said =
            |found: &Diagnostic| found.code() == UNDEFINED && found.span() == Some(name.span());
        if state.diagnostics.iter().any(said) {
            return;
        }
        let message = format!("there is no named route `{}`", name.text());
        let error = name.error(UNDEFINED, message).label("not defined");
        let known = self.routes.keys().map(String::as_str);
        state.diagnostics.push(match suggest(name.text(), known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!(
                "define it beside the sites: `&({}) {{ … }}`",
                name.text()
            )),
        });
    }
}

fn duplicate(name: &Token, first: Span) -> Diagnostic {
    name.error(
        DUPLICATE,
        format!("the named route `{}` is defined twice", name.text()),
    )
    .label("defined again")
    .also(first, "defined here")
    .help("give one of them another name")
}

/// Caddy looks for directives among the addresses, and this is where it has the names as well.
fn named_as_a_directive(name: &Token) -> Option<Diagnostic> {
    let is_directive = surface::directives().any(|known| known == name.text());
    is_directive.then(|| {
        let message = format!("a named route cannot be called `{}`", name.text());
        name.error(DIRECTIVE, message)
            .label("the name of a directive")
            .help(format!("write `&(my_{}) {{ … }}`", name.text()))
    })
}

fn lower(mut block: Block, name: &Token, options: &Options, state: &mut State) -> NamedRoute {
    placeholders::fill(&mut block.block);
    let lines = &block.block.lines;
    let definitions = Definitions::read(lines, None, options, state);
    let sorting = Sorting::ByDirective;
    let pieces = routes::nested(lines, sorting, &definitions, options, state);
    let built = routes::build(pieces, sorting, &options.order, state);
    let (route, trail) = one_route(built, name, state);
    NamedRoute {
        route,
        trail,
        name: name.span(),
        invoked: std::mem::take(&mut state.invoked),
    }
}

/// All routes as one: a subroute, or the handler of the only route if that has no matcher.
fn one_route(
    mut built: Vec<(Route, RouteTrail)>,
    name: &Token,
    state: &mut State,
) -> (Route, RouteTrail) {
    if let [(route, trail)] = built.as_mut_slice()
        && route.matchers.is_empty()
    {
        // Caddy takes the first handler and forgets the others.
        if let Some(second) = trail.handlers.get(1) {
            state
                .diagnostics
                .push(lost(second.span.unwrap_or(name.span()), name));
        }
        route.handle.truncate(1);
        trail.handlers.truncate(1);
        let route = Route {
            handle: std::mem::take(&mut route.handle),
            ..Route::default()
        };
        return (route, std::mem::take(trail));
    }
    let (routes, trails): (Vec<_>, Vec<_>) = built.into_iter().unzip();
    let nested = Trail::list(trails.into_iter().map(Trail::from));
    let subroute = Handler::Subroute(Subroute {
        routes,
        errors: None,
    });
    let trail = RouteTrail {
        span: Some(name.span()),
        matchers: Vec::new(),
        handlers: vec![Trail::at(name.span()).with(At::Key("routes"), nested)],
    };
    (routes::route(None, subroute), trail)
}

fn lost(second: Span, name: &Token) -> Diagnostic {
    Diagnostic::warning(
        LOST,
        second,
        format!(
            "this handler of the named route `{}` is left out",
            name.text()
        ),
    )
    .label("only the first one is taken, as in Caddy")
    .help("put the lines into `route { … }`")
}
