//! Load balancing: which of several upstreams is asked.

use std::borrow::Cow;
use std::hash::Hasher as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use http::{HeaderName, header};
use twox_hash::XxHash64;

use super::cookie::Cookie;
use super::member::Member;
use crate::placeholders::Values;
use crate::uri;

/// How one of several upstreams is chosen, as Caddy chooses it.
pub(super) enum Policy {
    /// At random.
    Random,
    /// Of so many at random, the one that is least busy.
    RandomChoose(usize),
    /// The first.
    First,
    /// One after the other.
    RoundRobin(AtomicU32),
    /// One after the other, some more often.
    Weighted(Weights),
    /// The one that is least busy.
    LeastBusy,
    /// By a hash of something that the request has, so that it is the same one every time.
    Hash(Key),
    /// By a hash of what a request may have; by another policy if it has not.
    HashOr(OptionalKey, Box<Policy>),
    /// The one that a cookie names; else by another policy, and the cookie is given.
    Cookie(Cookie, Box<Policy>),
}

/// What every request has.
#[derive(Clone, Copy)]
pub(super) enum Key {
    /// The address of the peer.
    Peer,
    /// The address of the client, as far as trusted proxies say.
    Client,
    /// The target.
    Target,
}

/// What a request may have.
pub(super) enum OptionalKey {
    /// The values of a parameter of the query.
    Query(Box<str>),
    /// The first value of a header field.
    Field(HeaderName),
}

/// How often each upstream is asked.
pub(super) struct Weights {
    of: Box<[u32]>,
    sum: u32,
    turn: AtomicU32,
}

type Pool = [Arc<Member>];

impl Policy {
    /// The upstream to ask, if one may be asked.
    pub(super) fn choose<'a>(
        &self,
        pool: &'a Pool,
        values: &Values<'_>,
    ) -> Option<&'a Arc<Member>> {
        match self {
            Self::Random => one_of(available(pool)),
            Self::RandomChoose(count) => least_busy(some_of(available(pool), *count).into_iter()),
            Self::First => available(pool).next(),
            Self::RoundRobin(turn) => round_robin(pool, turn),
            Self::Weighted(weights) => weights.choose(pool),
            Self::LeastBusy => least_busy(available(pool)),
            Self::Hash(key) => by_hash(pool, key.of(values).as_bytes()),
            Self::HashOr(key, otherwise) => match key.of(values) {
                Some(key) => by_hash(pool, &key),
                None => otherwise.choose(pool, values),
            },
            Self::Cookie(cookie, otherwise) => {
                let named = available(pool).find(|member| cookie.names(member, values.headers));
                named.or_else(|| {
                    let chosen = otherwise.choose(pool, values)?;
                    cookie.give(chosen, values);
                    Some(chosen)
                })
            }
        }
    }
}

fn available(pool: &Pool) -> impl Iterator<Item = &Arc<Member>> {
    pool.iter().filter(|member| member.is_available())
}

/// One at random, each with the same chance.
fn one_of<'a>(members: impl Iterator<Item = &'a Arc<Member>>) -> Option<&'a Arc<Member>> {
    let mut seen = 0_usize;
    members.fold(None, |chosen, member| {
        seen += 1;
        if rand::random_range(0..seen) == 0 {
            Some(member)
        } else {
            chosen
        }
    })
}

/// Some at random, each with the same chance.
fn some_of<'a>(
    members: impl Iterator<Item = &'a Arc<Member>>,
    count: usize,
) -> Vec<&'a Arc<Member>> {
    let mut chosen = Vec::new();
    for (seen, member) in members.enumerate() {
        if chosen.len() < count {
            chosen.push(member);
        } else if let Some(place) = chosen.get_mut(rand::random_range(0..=seen)) {
            *place = member;
        }
    }
    chosen
}

/// The one with the fewest requests; one of them at random if there are several.
fn least_busy<'a>(members: impl Iterator<Item = &'a Arc<Member>>) -> Option<&'a Arc<Member>> {
    let counted = members.map(|member| (member.state.requests(), member));
    let counted: Vec<_> = counted.collect();
    let fewest = counted.iter().map(|(requests, _)| *requests).min()?;
    one_of(
        counted
            .into_iter()
            .filter(|(requests, _)| *requests == fewest)
            .map(|(_, member)| member),
    )
}

fn round_robin<'a>(pool: &'a Pool, turn: &AtomicU32) -> Option<&'a Arc<Member>> {
    let members = u32::try_from(pool.len()).ok().filter(|count| *count > 0)?;
    for _ in pool {
        // Caddy begins with the second one.
        let next = turn.fetch_add(1, Relaxed).wrapping_add(1) % members;
        let member = pool.get(usize::try_from(next).ok()?)?;
        if member.is_available() {
            return Some(member);
        }
    }
    None
}

impl Weights {
    /// Weights whose sum is more than 0 and is one.
    pub(super) fn new(of: Vec<u32>) -> Option<Self> {
        let sum = of
            .iter()
            .try_fold(0_u32, |sum, weight| sum.checked_add(*weight))?;
        (sum > 0).then(|| Self {
            of: of.into(),
            sum,
            turn: AtomicU32::new(0),
        })
    }

    fn choose<'a>(&self, pool: &'a Pool) -> Option<&'a Arc<Member>> {
        if self.of.len() < 2 {
            return pool.first();
        }
        let turn = self.turn.fetch_add(1, Relaxed).wrapping_add(1) % self.sum;
        let weights = self.of.iter().filter(|weight| **weight > 0);
        let ends = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        let index = ends.take_while(|end| *end <= turn).count();
        let weighted = pool.iter().zip(&self.of);
        let asked = weighted.filter(|(member, weight)| **weight > 0 && member.is_available());
        let asked: Vec<_> = asked.map(|(member, _)| member).collect();
        asked.get(index.checked_rem(asked.len())?).copied()
    }
}

/// The one that scores highest with a key: when another one comes or goes, few keys move.
fn by_hash<'a>(pool: &'a Pool, key: &[u8]) -> Option<&'a Arc<Member>> {
    let mut highest = 0;
    available(pool).fold(None, |chosen, member| {
        let score = score(&member.dial, key);
        if score > highest {
            highest = score;
            Some(member)
        } else {
            chosen
        }
    })
}

fn score(dial: &str, key: &[u8]) -> u64 {
    let mut hash = XxHash64::default();
    hash.write(dial.as_bytes());
    hash.write(key);
    hash.finish()
}

impl Key {
    fn of<'a>(self, values: &'a Values<'_>) -> Cow<'a, str> {
        let context = values.context;
        match self {
            Self::Peer => address(context.connection().peer.ip()),
            Self::Client => address(context.client_ip()),
            Self::Target => match values.uri.path_and_query() {
                Some(target) => target.as_str().into(),
                None => "".into(),
            },
        }
    }
}

/// An address as Go writes it: `@` for what is behind a unix socket.
fn address(address: IpAddr) -> Cow<'static, str> {
    if address.is_unspecified() {
        "@".into()
    } else {
        address.to_string().into()
    }
}

impl OptionalKey {
    fn of<'a>(&self, values: &'a Values<'_>) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Query(name) => {
                let query = values.uri.query().unwrap_or_default();
                let pairs = uri::query_pairs(query).filter(|(key, _)| **key == *name.as_bytes());
                let found: Vec<_> = pairs.map(|(_, value)| value.into_owned()).collect();
                let joined = found.join(&b","[..]);
                (!joined.is_empty()).then(|| joined.into())
            }
            Self::Field(name) if name == header::HOST => {
                let host = values.context.host().as_bytes();
                (!host.is_empty()).then_some(host.into())
            }
            Self::Field(name) => {
                let value = values.headers.get(name)?.as_bytes();
                (!value.is_empty()).then_some(value.into())
            }
        }
    }
}
