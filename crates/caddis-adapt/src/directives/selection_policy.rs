//! `lb_policy`: how one of several upstreams is chosen.

use caddis_ir::{Duration, SelectionPolicy};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use super::line_values::integer;
use crate::{Args, Result, Scope, Token, read as values};

/// The options in the blocks of policies.
pub(super) const OPTIONS: &[&str] = &["fallback", "max_age"];

const POLICIES: &[&str] = &[
    "client_ip_hash",
    "cookie",
    "first",
    "header",
    "ip_hash",
    "least_conn",
    "query",
    "random",
    "random_choose",
    "round_robin",
    "uri_hash",
    "weighted_round_robin",
];

const UNKNOWN: Code = Code("reverse_proxy/unknown-policy");
const NEGATIVE_WEIGHT: Code = Code("reverse_proxy/negative-weight");
const MAX_AGE: Code = Code("reverse_proxy/max-age");

/// Reads `<policy> … { … }`: the arguments that are left, and the block.
pub(super) fn read(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<SelectionPolicy> {
    let name = args.required("a policy")?;
    let policy = match name.text() {
        "client_ip_hash" => alone(args, SelectionPolicy::ClientIpHash {}),
        "cookie" => cookie(args, scope),
        "first" => alone(args, SelectionPolicy::First {}),
        "header" => {
            let field = args.required("a header field")?.text().into();
            let fallback = fallback(args, scope)?;
            Ok(SelectionPolicy::Header { field, fallback })
        }
        "ip_hash" => alone(args, SelectionPolicy::IpHash {}),
        "least_conn" => alone(args, SelectionPolicy::LeastConn {}),
        "query" => {
            let key = args.required("a query parameter")?.text().into();
            let fallback = fallback(args, scope)?;
            Ok(SelectionPolicy::Query { key, fallback })
        }
        "random" => alone(args, SelectionPolicy::Random {}),
        "random_choose" => {
            let choose = integer(args.required("how many upstreams to choose from")?)?;
            Ok(SelectionPolicy::RandomChoose { choose })
        }
        "round_robin" => alone(args, SelectionPolicy::RoundRobin {}),
        "uri_hash" => alone(args, SelectionPolicy::UriHash {}),
        "weighted_round_robin" => weights(args),
        _ => Err(unknown(name)),
    }?;
    scope.ignored(args);
    Ok(policy)
}

fn unknown(name: &Token) -> Diagnostic {
    let message = format!("there is no policy `{}`", name.text());
    let error = name.error(UNKNOWN, message);
    match suggest(name.text(), POLICIES.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("the policies are {}", POLICIES.join(", "))),
    }
}

fn alone(args: &Args<'_>, policy: SelectionPolicy) -> Result<SelectionPolicy> {
    args.no_more()?;
    Ok(policy)
}

fn weights(args: &mut Args<'_>) -> Result<SelectionPolicy> {
    let tokens = args.at_least_one("a weight for each upstream")?;
    let weights = tokens.iter().map(weight).collect::<Result<_>>()?;
    Ok(SelectionPolicy::WeightedRoundRobin { weights })
}

fn weight(token: &Token) -> Result<i64> {
    let weight = integer(token)?;
    if weight < 0 {
        let error = token.error(NEGATIVE_WEIGHT, "a weight cannot be negative");
        return Err(error.help("write `0` for an upstream that gets no requests"));
    }
    Ok(weight)
}

/// The block of a policy that may find nothing in a request. Caddy does not see it behind an argument too many.
fn fallback(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Option<Box<SelectionPolicy>>> {
    let mut fallback = None;
    if args.left() > 0 {
        return Ok(None);
    }
    for line in args.options() {
        if line.name().text() != "fallback" {
            return Err(args.unknown(line.name(), &["fallback"]));
        }
        set_fallback(line, args, &mut fallback, scope)?;
    }
    Ok(fallback)
}

fn set_fallback(
    line: &Line,
    of: &Args<'_>,
    fallback: &mut Option<Box<SelectionPolicy>>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    if fallback.is_some() {
        return Err(of.twice(line.name()));
    }
    let mut args = Args::new(line, "fallback <policy> …");
    *fallback = Some(Box::new(read(&mut args, scope)?));
    Ok(())
}

fn cookie(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<SelectionPolicy> {
    let mut word = || {
        args.optional()
            .map_or(String::new(), |word| word.text().into())
    };
    let (name, secret) = (word(), word());
    args.no_more()?;
    let (mut max_age, mut fallback) = (None, None);
    for line in args.options() {
        match line.name().text() {
            "fallback" => set_fallback(line, args, &mut fallback, scope)?,
            "max_age" if max_age.is_some() => return Err(args.twice(line.name())),
            "max_age" => max_age = Some(self::max_age(line)?),
            _ => return Err(args.unknown(line.name(), OPTIONS)),
        }
    }
    Ok(SelectionPolicy::Cookie {
        name,
        secret,
        max_age,
        fallback,
    })
}

fn max_age(line: &Line) -> Result<Duration> {
    let token = Args::new(line, "max_age <duration>").only("a duration")?;
    let time = values::duration(token)?;
    if time.0 <= 0 {
        let message = "a cookie is kept for more than no time";
        let error = token.error(MAX_AGE, message);
        return Err(error.help("leave `max_age` out for a cookie until the browser is closed"));
    }
    Ok(time)
}
