//! Sets of matchers: a request matches a set if it matches all that is in it, and a route if it matches one set.

use caddis_ir::{MatcherSet, Path, Pattern};
use http::{HeaderName, Method};

use super::host::HostMatcher;
use super::ip::Ranges;
use super::path::PathMatcher;
use super::protocol::Protocol;
use super::query::QueryMatcher;
use super::regexp::Expression;
use super::{HeaderMatcher, Look};
use crate::build::Builder;

/// Any of these sets; every request if there is none.
#[derive(Default)]
pub(crate) struct Sets(Vec<Set>);

/// All of these, the cheap ones first.
struct Set(Vec<Matcher>);

enum Matcher {
    Method(Vec<Method>),
    Protocol(Protocol),
    Host(HostMatcher),
    Path(PathMatcher),
    RemoteIp(Ranges),
    ClientIp(Ranges),
    Header(HeaderMatcher),
    Query(QueryMatcher),
    Not(Sets),
    PathRegexp(Expression),
    HeaderRegexp(Vec<(Option<HeaderName>, Expression)>),
}

impl Sets {
    pub(crate) fn build(sets: &[MatcherSet], at: &Path, builder: &mut Builder<'_>) -> Self {
        let build = |(index, set)| Set::build(set, &at.index(index), builder);
        Self(sets.iter().enumerate().map(build).collect())
    }

    pub(crate) fn matches(&self, look: &Look<'_>) -> bool {
        self.0.is_empty() || self.any(look)
    }

    fn any(&self, look: &Look<'_>) -> bool {
        self.0
            .iter()
            .any(|set| set.0.iter().all(|matcher| matcher.matches(look)))
    }
}

impl Set {
    fn build(set: &MatcherSet, at: &Path, builder: &mut Builder<'_>) -> Self {
        let MatcherSet {
            client_ip,
            header,
            header_regexp,
            host,
            method,
            not,
            path,
            path_regexp,
            protocol,
            query,
            remote_ip,
        } = set;
        let mut all = Vec::new();
        all.extend(method.as_ref().map(|methods| {
            // A name that is no method matches no request.
            Matcher::Method(
                methods
                    .iter()
                    .filter_map(|name| name.parse().ok())
                    .collect(),
            )
        }));
        all.extend(
            protocol
                .as_ref()
                .map(|name| Matcher::Protocol(Protocol::read(name))),
        );
        all.extend(
            host.as_ref()
                .map(|hosts| Matcher::Host(HostMatcher::build(hosts, &at.key("host"), builder))),
        );
        all.extend(
            path.as_ref().map(|patterns| {
                Matcher::Path(PathMatcher::build(patterns, &at.key("path"), builder))
            }),
        );
        for (ranges, name, wrap) in [
            (
                remote_ip,
                "remote_ip",
                Matcher::RemoteIp as fn(Ranges) -> Matcher,
            ),
            (client_ip, "client_ip", Matcher::ClientIp),
        ] {
            all.extend(ranges.as_ref().map(|ranges| {
                let at = at.key(name).key("ranges");
                wrap(Ranges::build(&ranges.ranges, &at, builder))
            }));
        }
        all.extend(header.as_ref().map(|fields| {
            Matcher::Header(HeaderMatcher::build(fields, &at.key("header"), builder))
        }));
        all.extend(query.as_ref().map(|parameters| {
            Matcher::Query(QueryMatcher::build(parameters, &at.key("query"), builder))
        }));
        all.extend(
            not.as_ref()
                .map(|sets| Matcher::Not(Sets::build(sets, &at.key("not"), builder))),
        );
        all.extend(path_regexp.as_ref().and_then(|pattern| {
            let at = at.key("path_regexp");
            Expression::build(pattern, &at, builder).map(Matcher::PathRegexp)
        }));
        all.extend(header_regexp.as_ref().map(|fields| {
            let field = |(name, pattern): (&String, &Pattern)| {
                let at = at.key("header_regexp").key(name);
                let expression = Expression::build(pattern, &at, builder)?;
                Some((name.parse().ok(), expression))
            };
            Matcher::HeaderRegexp(fields.iter().filter_map(field).collect())
        }));
        Self(all)
    }
}

impl Matcher {
    fn matches(&self, look: &Look<'_>) -> bool {
        let context = look.values.context;
        let headers = look.request.headers();
        match self {
            Self::Method(methods) => methods.contains(look.request.method()),
            Self::Protocol(protocol) => protocol.matches(look),
            Self::Host(hosts) => hosts.matches(look),
            Self::Path(patterns) => patterns.matches(look),
            Self::RemoteIp(ranges) => ranges.contains(context.connection().peer.ip()),
            Self::ClientIp(ranges) => ranges.contains(context.client_ip()),
            Self::Header(fields) => fields.matches(headers, &look.values),
            Self::Query(parameters) => parameters.matches(look),
            Self::Not(sets) => !sets.any(look),
            Self::PathRegexp(expression) => expression.matches(&look.clean_path(), context),
            Self::HeaderRegexp(fields) => fields.iter().all(|(name, expression)| {
                name.as_ref().is_some_and(|name| {
                    let mut values = headers.get_all(name).iter();
                    values.any(|value| expression.matches(value.as_bytes(), context))
                })
            }),
        }
    }
}
