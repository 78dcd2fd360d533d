//! Load balancing as the config says it.

use std::sync::atomic::AtomicU32;

use caddis_ir::{Path, SelectionPolicy};
use http::HeaderName;

use super::cookie::Cookie;
use super::policy::{Key, OptionalKey, Policy, Weights};
use crate::builder::Builder;

/// What Caddy calls the cookie if the config does not say.
const COOKIE: &str = "lb";
/// How many are looked at by `random_choose` if the config does not say.
const CHOOSE: i64 = 2;

/// Prepares a policy.
pub(super) fn policy(
    config: Option<&SelectionPolicy>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Policy {
    match config {
        None | Some(SelectionPolicy::Random {}) => Policy::Random,
        Some(SelectionPolicy::RandomChoose { choose }) => random_choose(*choose, at, builder),
        Some(SelectionPolicy::First {}) => Policy::First,
        Some(SelectionPolicy::RoundRobin {}) => Policy::RoundRobin(AtomicU32::new(0)),
        Some(SelectionPolicy::WeightedRoundRobin { weights }) => weighted(weights, at, builder),
        Some(SelectionPolicy::LeastConn {}) => Policy::LeastBusy,
        Some(SelectionPolicy::IpHash {}) => Policy::Hash(Key::Peer),
        Some(SelectionPolicy::ClientIpHash {}) => Policy::Hash(Key::Client),
        Some(SelectionPolicy::UriHash {}) => Policy::Hash(Key::Target),
        Some(SelectionPolicy::Query { key, fallback }) => {
            if key.is_empty() {
                builder.error(&at.key("key"), "a parameter of the query is missing");
            }
            let key = OptionalKey::Query(key.as_str().into());
            Policy::HashOr(key, fallback_of(fallback.as_deref(), at, builder))
        }
        Some(SelectionPolicy::Header { field, fallback }) => {
            let fallback = fallback_of(fallback.as_deref(), at, builder);
            header(field, fallback, at, builder)
        }
        Some(cookie @ SelectionPolicy::Cookie { .. }) => self::cookie(cookie, at, builder),
    }
}

fn fallback_of(
    fallback: Option<&SelectionPolicy>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Box<Policy> {
    Box::new(policy(fallback, &at.key("fallback"), builder))
}

fn random_choose(choose: i64, at: &Path, builder: &mut Builder<'_>) -> Policy {
    let choose = if choose == 0 { CHOOSE } else { choose };
    let count = usize::try_from(choose).ok().filter(|count| *count >= 2);
    if count.is_none() {
        let what = format!("`{choose}` is not how many upstreams are compared");
        builder.error_with_help(&at.key("choose"), what, "write 2 or more");
    }
    Policy::RandomChoose(count.unwrap_or(2))
}

fn weighted(weights: &[i64], at: &Path, builder: &mut Builder<'_>) -> Policy {
    let read: Option<Vec<_>> = (weights.iter())
        .map(|weight| u32::try_from(*weight).ok())
        .collect();
    let Some(weights) = read.and_then(Weights::new) else {
        let what = "the weights are not whole numbers from 0, with one above 0 among them";
        builder.error_with_help(&at.key("weights"), what, "write one for each upstream");
        return Policy::Random;
    };
    Policy::Weighted(weights)
}

fn header(field: &str, fallback: Box<Policy>, at: &Path, builder: &mut Builder<'_>) -> Policy {
    let Ok(name) = field.parse::<HeaderName>() else {
        let what = format!("`{field}` is not the name of a header field");
        builder.error(&at.key("field"), what);
        return Policy::Random;
    };
    Policy::HashOr(OptionalKey::Field(name), fallback)
}

fn cookie(config: &SelectionPolicy, at: &Path, builder: &mut Builder<'_>) -> Policy {
    let SelectionPolicy::Cookie {
        name,
        secret,
        max_age,
        fallback,
    } = config
    else {
        return Policy::Random;
    };
    let name = if name.is_empty() { COOKIE } else { name };
    // A cookie's name is written with the same letters as that of a header field.
    if name.parse::<HeaderName>().is_err() {
        let what = format!("`{name}` is not the name of a cookie");
        builder.error(&at.key("name"), what);
    }
    let cookie = Cookie {
        name: name.into(),
        key: Cookie::key(secret),
        max_age: max_age
            .map(caddis_ir::Duration::to_std)
            .filter(|age| age.as_secs() > 0),
    };
    Policy::Cookie(cookie, fallback_of(fallback.as_deref(), at, builder))
}
