//! Sets of matchers: a request matches a set if it matches all that is in it, and a route if it matches one set.

use std::collections::BTreeMap;

use caddis_ir::{IpRanges, MatcherSet, Path, Pattern, TlsMatch};
use http::{HeaderName, Method};

use super::expression::ExpressionMatcher;
use super::file::FileMatcher;
use super::host::HostMatcher;
use super::ip::Ranges;
use super::path::PathMatcher;
use super::protocol::Protocol;
use super::query::QueryMatcher;
use super::regexp::Expression;
use super::vars::{VarsMatcher, VarsRegexpMatcher};
use super::{HeaderMatcher, Look};
use crate::Request;
use crate::Result;
use crate::builder::Builder;

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
    Tls(TlsMatch),
    Vars(VarsMatcher),
    Not(Sets),
    PathRegexp(Expression),
    VarsRegexp(VarsRegexpMatcher),
    Condition(ExpressionMatcher),
    HeaderRegexp(Vec<(Option<HeaderName>, Expression)>),
    File(Box<FileMatcher>),
}

impl Sets {
    pub(crate) fn build(sets: &[MatcherSet], at: &Path, builder: &mut Builder<'_>) -> Self {
        let build = |(index, set)| Set::build(set, &at.index(index), builder);
        Self(sets.iter().enumerate().map(build).collect())
    }

    pub(crate) fn matches(&self, look: &Look<'_>) -> bool {
        self.0.is_empty() || self.any(look)
    }

    /// Whether a disk has to be asked, for which nobody waits in `matches`.
    pub(crate) fn ask_disk(&self) -> bool {
        let mut matchers = self.0.iter().flat_map(|set| &set.0);
        matchers.any(|matcher| {
            matches!(matcher, Matcher::File(_))
                || matches!(matcher, Matcher::Not(sets) if sets.ask_disk())
                || matches!(matcher, Matcher::Condition(condition) if condition.asks_disk())
        })
    }

    /// Whether a request matches; waits for the disk where one has to be asked.
    pub(crate) async fn matches_after_asking(&self, request: &mut Request) -> Result<bool> {
        Ok(self.0.is_empty() || self.any_after_asking(request).await?)
    }

    async fn any_after_asking(&self, request: &mut Request) -> Result<bool> {
        for set in &self.0 {
            if set.matches_after_asking(request).await? {
                return Ok(true);
            }
        }
        Ok(false)
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
            expression,
            tls,
            vars,
            vars_regexp,
            file,
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
        if let Some(names) = method {
            all.push(methods(names));
        }
        if let Some(name) = protocol {
            all.push(Matcher::Protocol(Protocol::read(name)));
        }
        if let Some(hosts) = host {
            let hosts = HostMatcher::build(hosts, &at.key("host"), builder);
            all.push(Matcher::Host(hosts));
        }
        if let Some(patterns) = path {
            let patterns = PathMatcher::build(patterns, &at.key("path"), builder);
            all.push(Matcher::Path(patterns));
        }
        if let Some(ip) = remote_ip {
            all.push(Matcher::RemoteIp(ranges(ip, &at.key("remote_ip"), builder)));
        }
        if let Some(ip) = client_ip {
            all.push(Matcher::ClientIp(ranges(ip, &at.key("client_ip"), builder)));
        }
        if let Some(fields) = header {
            let fields = HeaderMatcher::build(fields, &at.key("header"), builder);
            all.push(Matcher::Header(fields));
        }
        if let Some(parameters) = query {
            let parameters = QueryMatcher::build(parameters, &at.key("query"), builder);
            all.push(Matcher::Query(parameters));
        }
        all.extend(tls.clone().map(Matcher::Tls));
        if let Some(values) = vars {
            let values = VarsMatcher::build(values, &at.key("vars"), builder);
            all.push(Matcher::Vars(values));
        }
        if let Some(sets) = not {
            all.push(Matcher::Not(Sets::build(sets, &at.key("not"), builder)));
        }
        let compiled = |pattern| Expression::build(pattern, &at.key("path_regexp"), builder);
        all.extend(
            path_regexp
                .as_ref()
                .and_then(compiled)
                .map(Matcher::PathRegexp),
        );
        if let Some(fields) = header_regexp {
            all.push(expressions(fields, &at.key("header_regexp"), builder));
        }
        if let Some(values) = vars_regexp {
            let values = VarsRegexpMatcher::build(values, &at.key("vars_regexp"), builder);
            all.push(Matcher::VarsRegexp(values));
        }
        if let Some(condition) = expression {
            let condition = ExpressionMatcher::build(condition, &at.key("expression"), builder);
            all.extend(condition.map(Matcher::Condition));
        }
        if let Some(files) = file {
            let files = FileMatcher::build(files, &at.key("file"), builder);
            all.push(Matcher::File(Box::new(files)));
        }
        Self(all)
    }

    async fn matches_after_asking(&self, request: &mut Request) -> Result<bool> {
        for matcher in &self.0 {
            let is_match = match matcher {
                Matcher::File(files) => files.matches(request).await?,
                Matcher::Not(sets) if sets.ask_disk() => {
                    !Box::pin(sets.any_after_asking(request)).await?
                }
                Matcher::Condition(condition) if condition.asks_disk() => {
                    condition.matches_after_asking(request).await?
                }
                other => {
                    let look = Look::new(request);
                    let is_match = other.matches(&look);
                    look.failure()?;
                    is_match
                }
            };
            if !is_match {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A name that is no method matches no request.
fn methods(names: &[String]) -> Matcher {
    let methods = names.iter().filter_map(|name| name.parse().ok());
    Matcher::Method(methods.collect())
}

/// A request comes here only after the handshake: there is no early data.
fn is_tls(wanted: &TlsMatch, look: &Look<'_>) -> bool {
    look.values.context.connection().tls.is_some() && wanted.handshake_complete != Some(false)
}

fn ranges(ip: &IpRanges, at: &Path, builder: &mut Builder<'_>) -> Ranges {
    Ranges::build(&ip.ranges, &at.key("ranges"), builder)
}

fn expressions(
    fields: &BTreeMap<String, Pattern>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Matcher {
    let field = |(name, pattern): (&String, &Pattern)| {
        let expression = Expression::build(pattern, &at.key(name), builder)?;
        Some((name.parse().ok(), expression))
    };
    Matcher::HeaderRegexp(fields.iter().filter_map(field).collect())
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
            Self::File(files) => files.matches_at_once(look),
            Self::Header(fields) => fields.matches(headers, &look.values),
            Self::Query(parameters) => parameters.matches(look),
            Self::Tls(wanted) => is_tls(wanted, look),
            Self::Vars(values) => values.matches(look),
            Self::Condition(condition) => condition.matches(look),
            Self::VarsRegexp(values) => values.matches(look),
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
