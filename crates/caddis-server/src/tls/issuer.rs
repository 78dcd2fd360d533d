//! Whoever signs certificates, and what it answers.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;
use time::OffsetDateTime;

use super::Certificate;

/// A certificate that is being got.
pub(super) type Issuing<'a> = Pin<Box<dyn Future<Output = Result<Issued, Refusal>> + Send + 'a>>;

/// Signs certificates.
pub(super) trait Issue: Send + Sync {
    /// Its folder below `certificates` in storage, which is its name in logs too.
    fn folder(&self) -> &str;

    /// True if it would stand by a certificate that is kept in its folder.
    fn stands_by(&self, kept: &Certificate) -> bool;

    /// Makes a certificate at once, if it needs to ask nobody.
    fn issue_at_once(&self, wish: &Wish) -> Option<Result<Issued, Refusal>>;

    /// Makes a certificate. What it has begun is undone if the future is dropped.
    fn issue<'a>(&'a self, wish: &'a Wish) -> Issuing<'a>;
}

/// The certificate that is wanted.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// A host name, a wildcard, or an address.
    pub(super) name: String,
    /// The type of its key.
    pub(super) key_type: String,
    /// The key that it is to have, in PEM; a new one if `None`.
    pub(super) key: Option<String>,
    /// It is worth nothing without an OCSP answer.
    pub(super) must_staple: bool,
    /// How often this issuer has said no since the last certificate.
    pub(super) failures: u32,
    /// The time by which it is to be valid.
    pub(super) now: OffsetDateTime,
}

/// A certificate with its chain, and its key, in PEM.
pub(super) struct Issued {
    pub(super) chain: String,
    pub(super) key: String,
    /// What is kept about where it came from.
    pub(super) about: Value,
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) cause: Cause,
    /// What is wrong.
    pub(super) message: String,
    /// What to look at.
    pub(super) help: Option<String>,
}

/// What kind of refusal it is, which says when to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It does not answer, or has a fault of its own.
    Down,
    /// It, or our own restraint, wants to be left alone; until then if that is known.
    TooOften(Option<OffsetDateTime>),
    /// It looked, and did not find that the name is ours.
    Validation,
    /// It does not want to, or we could not go on.
    Refused,
}

impl Wish {
    /// The first wish for a name, as of now.
    pub(super) fn new(name: String, key_type: String) -> Self {
        Self {
            name,
            key_type,
            key: None,
            must_staple: false,
            failures: 0,
            now: OffsetDateTime::now_utc(),
        }
    }
}

impl Refusal {
    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            help: None,
        }
    }

    #[must_use]
    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}
