//! Calls to an ACME server: which are made again, and what its refusals mean.

use instant_acme::{Error, Problem};
use time::OffsetDateTime;
use time::macros::format_description;

use super::client::No;
use crate::tls::issuer::{Cause, Refusal};
use crate::tls::web::Silence;

/// How often a server may refuse the nonce that it gave us a moment ago; each time stands for the three that
/// instant-acme has tried already.
const BAD_NONCES: u32 = 4;
/// What stands before the names of problems.
const PROBLEMS: &str = "urn:ietf:params:acme:error:";

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The type of the problem, without what stands before all of them.
    pub(super) problem: Option<String>,
    pub(super) refusal: Refusal,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self {
            problem: None,
            refusal,
        }
    }
}

/// The tries of one call.
pub(super) struct Tries {
    what: &'static str,
    bad_nonces: u32,
}

impl Tries {
    pub(super) fn of(what: &'static str) -> Self {
        Self {
            what,
            bad_nonces: 0,
        }
    }

    /// Says whether a call that has failed is made again, as long as an answer can be hoped for.
    pub(super) fn again(&mut self, error: &Error) -> Result<(), Failure> {
        let failure = failure(self.what, error);
        if failure.problem.as_deref() != Some("badNonce") || self.bad_nonces >= BAD_NONCES {
            return Err(failure);
        }
        self.bad_nonces += 1;
        Ok(())
    }
}

/// What a server has said, in words.
pub(super) fn said(problem: &Problem) -> (Option<String>, String) {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let kind = kind.strip_prefix(PROBLEMS).unwrap_or(kind);
    let mut words = problem.detail.clone();
    if words.is_none() {
        let mut below = problem.subproblems.iter();
        words = below.find_map(|below| below.detail.clone());
    }
    let words = words.unwrap_or_else(|| "no details".into());
    match kind {
        "" => (None, words),
        kind => (Some(kind.to_owned()), format!("{kind}: {words}")),
    }
}

/// What became of a call that failed.
fn failure(what: &str, error: &Error) -> Failure {
    if let Error::Other(other) = error {
        if let Some(no) = other.downcast_ref::<No>() {
            return refused(what, no);
        }
        if let Some(silence) = other.downcast_ref::<Silence>() {
            return silent(what, silence).into();
        }
    }
    if let Error::Api(problem) = error {
        let (kind, words) = said(problem);
        return Failure {
            problem: kind,
            refusal: Refusal::new(Cause::Refused, format!("{what}: {words}")),
        };
    }
    let cause = match error {
        Error::Crypto | Error::KeyRejected | Error::Unsupported(_) => Cause::Refused,
        // It does not speak as an ACME server does.
        _ => Cause::Down,
    };
    Refusal::new(cause, format!("{what}: {error}")).into()
}

fn refused(what: &str, no: &No) -> Failure {
    let (problem, words) = match &no.problem {
        Some(problem) => said(problem),
        None => (None, no.to_string()),
    };
    let cause = match (problem.as_deref(), no.status.as_u16()) {
        (Some("rateLimited"), _) | (_, 429) => {
            Cause::TooOften(no.again_at.or_else(|| retry_after(&words)))
        }
        (Some("serverInternal"), _) | (_, 500..) => match no.again_at {
            Some(at) => Cause::TooOften(Some(at)),
            None => Cause::Down,
        },
        _ => Cause::Refused,
    };
    Failure {
        problem,
        refusal: Refusal::new(cause, format!("{what}: {words}")),
    }
}

fn silent(what: &str, silence: &Silence) -> Refusal {
    let message = format!("{what}: {silence}");
    match silence {
        Silence::Address(_) => Refusal::new(Cause::Refused, message),
        Silence::Lost(_) | Silence::Unreadable(_) | Silence::Late(_) => {
            Refusal::new(Cause::Down, message)
        }
        Silence::Distrusted(why) => Refusal::new(Cause::Down, message).with_help(trust(why)),
    }
}

/// What to look at if we do not believe that it is the server.
fn trust(why: &str) -> &'static str {
    match why {
        "Expired" | "NotValidYet" => {
            "is the clock of this machine right? else wait until the server has another certificate"
        }
        "NotValidForName" => {
            "the host in the URL of the ACME server must be one of those in its certificate"
        }
        _ => {
            "name the file with the root of that certificate: `acme_ca_root FILE` in the global options, or \
             `trusted_roots FILE` in the `issuer`"
        }
    }
}

/// The time that a server names in words: `… retry after 2026-11-26 07:30:00 UTC: see …`.
fn retry_after(words: &str) -> Option<OffsetDateTime> {
    const DAY: &[time::format_description::BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    /// The length of a time like that.
    const LENGTH: usize = 19;
    let (_, time) = words.split_once("retry after ")?;
    let time = time.get(..LENGTH)?.replace('T', " ");
    let time = time::PrimitiveDateTime::parse(&time, DAY).ok()?;
    Some(time.assume_utc())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use instant_acme::{Error, Problem};
    use serde_json::json;
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::{Failure, Tries, failure, retry_after};
    use crate::tls::acme::client::No;
    use crate::tls::issuer::{Cause, Refusal};
    use crate::tls::web::Silence;

    #[test]
    fn a_time_to_come_back_is_found_in_words_of_both_forms() {
        let until = Some(datetime!(2026-11-26 07:30 UTC));
        for words in [
            "too many, retry after 2026-11-26 07:30:00 UTC: see x",
            "too many, retry after 2026-11-26T07:30:00Z",
        ] {
            assert_eq!(retry_after(words), until);
        }
        assert_eq!(retry_after("retry after a while"), None);
    }

    fn problem(kind: &str, detail: &str) -> Problem {
        let kind = format!("urn:ietf:params:acme:error:{kind}");
        serde_json::from_value(json!({"type": kind, "detail": detail})).unwrap()
    }

    fn no(status: u16, problem: Option<Problem>, again_at: Option<OffsetDateTime>) -> Failure {
        let no = No {
            status: StatusCode::from_u16(status).unwrap(),
            problem,
            again_at,
        };
        failure("new order", &Error::Other(Box::new(no)))
    }

    #[test]
    fn what_a_server_says_no_with_is_quoted() {
        let failure = no(403, Some(problem("caa", "not \"you\"")), None);
        assert_eq!(failure.problem.as_deref(), Some("caa"));
        let said = Refusal::new(Cause::Refused, "new order: caa: not \"you\"");
        assert_eq!(failure.refusal, said);
    }

    #[test]
    fn the_header_field_for_the_time_to_come_back_comes_first() {
        let (field, words) = (
            datetime!(2026-11-27 00:00 UTC),
            "retry after 2026-11-26 07:30:00",
        );
        let limited = || Some(problem("rateLimited", words));
        let cause = |failure: Failure| failure.refusal.cause;
        assert_eq!(
            cause(no(429, limited(), Some(field))),
            Cause::TooOften(Some(field))
        );
        let in_words = Some(datetime!(2026-11-26 07:30 UTC));
        assert_eq!(cause(no(429, limited(), None)), Cause::TooOften(in_words));
        assert_eq!(
            cause(no(503, None, Some(field))),
            Cause::TooOften(Some(field))
        );
        assert_eq!(cause(no(503, None, None)), Cause::Down);
    }

    #[test]
    fn a_server_that_is_not_trusted_is_told_from_one_that_is_down() {
        let silence = |silence: Silence| failure("directory", &Error::Other(Box::new(silence)));
        let refusal = silence(Silence::Distrusted("UnknownIssuer".into())).refusal;
        assert_eq!(
            refusal.message,
            "directory: the server's certificate is not accepted: UnknownIssuer"
        );
        assert!(refusal.help.unwrap().contains("acme_ca_root"));
        let refusal = silence(Silence::Lost("Connection refused".into())).refusal;
        assert_eq!(
            refusal,
            Refusal::new(Cause::Down, "directory: Connection refused")
        );
    }

    #[test]
    fn only_nonces_are_tried_again() {
        let nonce = Error::Api(problem("badNonce", ""));
        let mut tries = Tries::of("new order");
        let again = (0..10).filter(|_| tries.again(&nonce).is_ok()).count();
        assert_eq!(again, 4);
        let failure = Tries::of("new order").again(&Error::Str("order URL"));
        assert_eq!(failure.unwrap_err().refusal.cause, Cause::Down);
    }
}
