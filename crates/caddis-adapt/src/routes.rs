//! Lines → routes: lowered, sorted, grouped and merged as Caddy does.

use caddis_ir::{Handler, MatcherSet, Route};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::definitions::{self, Definitions};
use crate::directives;
use crate::order::Order;
use crate::origins::RouteTrail;
use crate::scope::State;
use crate::{
    Args, Directive, Item, Lower, Options, Result, Scope, Token, caddys_words, surface, unknown,
};

const NOT_HERE: Code = Code("directive/not-here");
const OLD_NAME: Code = Code("directive/old-name");
const IGNORED: Code = Code("args/ignored");

/// Directives of which only the first that matches is taken.
const EXCLUSIVE: [&str; 3] = ["handle", "rewrite", "root"];

/// What one directive made.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    /// The directive's name as it is sorted.
    pub(crate) directive: &'static str,
    pub(crate) item: Item,
    pub(crate) trail: RouteTrail,
}

/// A route that has not found its place yet.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) directive: &'static str,
    pub(crate) route: Route,
    /// Routes that stay right before it, if it came with others; Caddy does not sort it among its like then.
    pub(crate) before: Option<Vec<Route>>,
    pub(crate) trail: RouteTrail,
}

impl Piece {
    pub(crate) fn new(directive: &'static str, route: Route, trail: RouteTrail) -> Self {
        Self {
            directive,
            route,
            before: None,
            trail,
        }
    }

    /// With routes that stay right before it.
    pub(crate) fn behind(self, before: Vec<Route>) -> Self {
        Self {
            before: Some(before),
            ..self
        }
    }
}

/// How nested routes are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorting {
    ByDirective,
    AsWritten,
}

/// Lowers every line that is not the definition of a matcher; what cannot be read is reported and left out.
pub(crate) fn lower(
    lines: &[Line],
    definitions: &Definitions<'_>,
    options: &Options,
    state: &mut State,
) -> Vec<Lowered> {
    let mut lowered = Vec::with_capacity(lines.len());
    for line in lines
        .iter()
        .filter(|line| !definitions::is_definition(line))
    {
        let known = state.diagnostics.len();
        let mut scope = Scope::new(options, definitions, state);
        match lower_line(line, &mut scope) {
            Ok(items) => lowered.extend(items),
            Err(error) => scope.report(error),
        }
        for found in state.diagnostics.iter_mut().skip(known) {
            found.change_caddys(|caddys| caddys_words::of_directive(caddys, line));
        }
    }
    lowered
}

fn lower_line(line: &Line, scope: &mut Scope<'_>) -> Result<Vec<Lowered>> {
    let (directive, name) = find(line, scope)?;
    let mut args = Args::new(line, directive.syntax);
    let items = match directive.lower {
        Lower::Handler(lower) => {
            let matcher = scope.matcher(&mut args)?;
            let handler = lower(&mut args, scope)?;
            vec![Item::Route(route(matcher, handler))]
        }
        Lower::Items(lower) => lower(&mut args, scope)?,
    };
    if let Some(warning) = warn_of_ignored(&args) {
        scope.report(warning);
    }
    let name = sorted_as(name);
    let matcher = scope.take_matcher_trail();
    // Of several routes the last has the handler that the line is about, and so what was noted of it.
    let lowered = items.into_iter().rev().map(|item| {
        let trail = trail(&item, line, matcher.clone(), scope);
        Lowered {
            directive: name,
            item,
            trail,
        }
    });
    let mut lowered: Vec<_> = lowered.collect();
    lowered.reverse();
    Ok(lowered)
}

/// A route with one handler, behind a matcher if there is one.
pub(crate) fn route(matcher: Option<MatcherSet>, handler: Handler) -> Route {
    Route {
        matchers: matcher.into_iter().collect(),
        handle: vec![handler],
        ..Route::default()
    }
}

fn trail(
    item: &Item,
    line: &Line,
    matcher: Option<crate::origins::Trail>,
    scope: &mut Scope<'_>,
) -> RouteTrail {
    let span = line.span();
    let (Item::Route(route) | Item::Bunch { route, .. } | Item::ErrorRoute(route)) = item else {
        return RouteTrail {
            span: Some(span),
            ..RouteTrail::default()
        };
    };
    let handlers = route.handle.iter().map(|handler| {
        let nested = match handler {
            Handler::Subroute(subroute) => Some(subroute.routes.len()),
            _ => None,
        };
        scope.take_handler_trail(span, nested)
    });
    RouteTrail {
        span: Some(span),
        handlers: handlers.collect(),
        matchers: matcher.into_iter().collect(),
    }
}

/// The directive of a line, and the name by which the line calls it.
fn find(line: &Line, scope: &mut Scope<'_>) -> Result<(&'static Directive, &'static str)> {
    let name = line.name();
    let table = directives::DIRECTIVES;
    if let Some(directive) = table.iter().find(|known| known.name == name.text()) {
        return Ok((directive, directive.name));
    }
    for directive in table {
        let old = directive.old_names.iter().find(|old| **old == name.text());
        if let Some(old) = old {
            let message = format!("`{old}` is the old name of `{}`", directive.name);
            scope.report(
                name.warning(OLD_NAME, message)
                    .help(format!("write `{}`", directive.name)),
            );
            return Ok((directive, old));
        }
    }
    Err(unknown::directive(name))
}

/// Caddy drops arguments that a directive does not look at; whoever wrote them should know.
pub(crate) fn warn_of_ignored(args: &Args<'_>) -> Option<Diagnostic> {
    let unread = args.unread();
    let span = match (unread.first(), unread.last(), args.unread_block()) {
        (Some(first), Some(last), _) => first.span().to(last.span()),
        (_, _, Some(block)) => block.open,
        (_, _, None) => return None,
    };
    let words: Vec<&str> = unread.iter().map(Token::text).collect();
    let what = match (words.as_slice(), args.unread_block()) {
        ([], _) => "this block".to_owned(),
        (words, None) => format!("`{}`", words.join(" ")),
        (words, Some(_)) => format!("`{}`, and so the block", words.join(" ")),
    };
    let message = format!("`{}` ignores {what}", args.name().text());
    let warning = Diagnostic::warning(IGNORED, span, message)
        .label("has no effect, as in Caddy")
        .help("take it away");
    Some(args.with_usage(warning))
}

/// Caddy passes over options that some directives do not have; whoever wrote them should know.
pub(crate) fn warn_of_skipped(args: &Args<'_>, word: &Token, known: &[&str]) -> Diagnostic {
    let message = format!("`{}` ignores `{}`", args.name().text(), word.text());
    let warning = word.warning(IGNORED, message);
    let warning = warning.label("has no effect, as in Caddy");
    match suggest(word.text(), known.iter().copied()) {
        Some(near) => warning.help(format!("did you mean `{near}`?")),
        None => warning.help("take it away"),
    }
}

/// Caddy sorts `handle_path` among the `handle`s.
fn sorted_as(name: &'static str) -> &'static str {
    if name == "handle_path" {
        "handle"
    } else {
        name
    }
}

/// The routes of a nested block; settings of a site cannot stand there.
pub(crate) fn nested(
    lines: &[Line],
    sorting: Sorting,
    definitions: &Definitions<'_>,
    options: &Options,
    state: &mut State,
) -> Vec<Piece> {
    let lowered = lower(lines, definitions, options, state);
    let pieces = lowered.into_iter().filter_map(|lowered| {
        let ordered = sorting == Sorting::AsWritten || options.order.has(lowered.directive);
        let (name, trail) = (lowered.directive, lowered.trail);
        match lowered.item {
            Item::Route(route) if ordered => Some(Piece::new(name, route, trail)),
            Item::Bunch { before, route } if ordered => {
                Some(Piece::new(name, route, trail).behind(before))
            }
            Item::Authority { .. } => {
                if sorting == Sorting::AsWritten {
                    report_authority(&trail, state);
                }
                None
            }
            Item::Route(_)
            | Item::Bunch { .. }
            | Item::ErrorRoute(_)
            | Item::Bind { .. }
            | Item::CertificateFile { .. }
            | Item::CertificateFolders { .. }
            | Item::CertificateManager { .. }
            | Item::ConnectionPolicy { .. }
            | Item::Issuer { .. }
            | Item::KeyType { .. }
            | Item::OnDemand { .. }
            | Item::ReusePrivateKeys { .. }
            | Item::RenewalWindowRatio { .. }
            | Item::ForceAutomate { .. }
            | Item::Log(_) => {
                report_not_here(name, &trail, state);
                None
            }
        }
    });
    pieces.collect()
}

/// The id of an authority is a setting of the whole config; `handle` drops it, and `route` refuses it, as in Caddy.
fn report_authority(trail: &RouteTrail, state: &mut State) {
    let Some(span) = trail.span else { return };
    let message = "`acme_server` with a `ca` cannot stand within `route`";
    state.diagnostics.push(
        Diagnostic::error(NOT_HERE, span, message)
            .label("names an authority")
            .help("write `handle` in place of `route`, or put it directly into the site's block"),
    );
}

/// Says once per line that a directive is no handler.
fn report_not_here(directive: &str, trail: &RouteTrail, state: &mut State) {
    let Some(span) = trail.span else { return };
    let said = |found: &Diagnostic| found.code() == NOT_HERE && found.span() == Some(span);
    if state.diagnostics.iter().rev().take(4).any(said) {
        return;
    }
    let error = Diagnostic::error(
        NOT_HERE,
        span,
        format!("`{directive}` cannot stand within `handle` or `route`"),
    );
    state
        .diagnostics
        .push(if surface::SETTINGS.contains(&directive) {
            error
                .label("a setting of the whole site")
                .help("put it directly into the site's block")
        } else {
            error
                .label("it has no place in the order of directives")
                .help(format!(
                    "give it one in the global options: `order {directive} before respond`"
                ))
        });
}

/// Sorts, groups and merges routes.
pub(crate) fn build(
    mut pieces: Vec<Piece>,
    sorting: Sorting,
    order: &Order,
    state: &mut State,
) -> Vec<(Route, RouteTrail)> {
    if sorting == Sorting::ByDirective {
        order.sort(&mut pieces);
    }
    let groups = EXCLUSIVE.map(|directive| {
        let members = pieces.iter().filter(|piece| piece.directive == directive);
        // Caddy counts a group for `rewrite` even where there is none, so the numbers have gaps.
        let grouped = directive == "rewrite" || members.take(2).count() == 2;
        grouped.then(|| state.next_group())
    });
    let grouped = pieces.into_iter().flat_map(|mut piece| {
        let exclusive = EXCLUSIVE.iter().position(|name| *name == piece.directive);
        if let Some(group) = exclusive.and_then(|at| groups[at].clone()) {
            piece.route.group = group;
        }
        let span = piece.trail.span;
        let before = piece.before.into_iter().flatten().map(move |route| {
            let trail = RouteTrail {
                span,
                ..RouteTrail::default()
            };
            (route, trail)
        });
        before.chain([(piece.route, piece.trail)])
    });
    merge(grouped)
}

/// Puts the handlers of neighbours with the same matchers into one route.
pub(crate) fn merge(
    routes: impl IntoIterator<Item = (Route, RouteTrail)>,
) -> Vec<(Route, RouteTrail)> {
    let mut merged: Vec<(Route, RouteTrail)> = Vec::new();
    for (route, trail) in routes {
        match merged.last_mut() {
            Some((last, last_trail)) if is_mergeable(last, &route) => {
                last.handle.extend(route.handle);
                last_trail.handlers.extend(trail.handlers);
            }
            Some(_) | None => merged.push((route, trail)),
        }
    }
    merged
}

fn is_mergeable(a: &Route, b: &Route) -> bool {
    a.terminal == b.terminal && a.group == b.group && a.matchers == b.matchers
}
