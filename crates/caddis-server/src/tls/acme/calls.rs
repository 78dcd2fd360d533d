//! One call to an ACME server: with a time-out, and with the retries that cost nothing. Its refusals are put in order.

use std::future::Future;
use std::time::Duration;

use rustls_acme::acme::{AcmeError, Problem};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::tls::issuer::{Cause, Refusal};

/// How long a server has to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a server may refuse the nonce that it gave us a moment ago.
const BAD_NONCES: u32 = 12;
/// How often a connection may be lost.
const LOST: u32 = 2;
/// The time between a connection that was lost and the next one.
const AGAIN: Duration = Duration::from_millis(250);
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

/// Calls until there is an answer, as long as that can be hoped for.
pub(super) async fn call<T, F>(what: &str, begin: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, AcmeError>>,
{
    let (mut bad_nonces, mut lost) = (0, 0);
    loop {
        let failure = match tokio::time::timeout(PATIENCE, begin()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => failure(what, &error),
            Err(_) => {
                let message = format!("{what}: no answer in {} s", PATIENCE.as_secs());
                return Err(Refusal::new(Cause::Down, message).into());
            }
        };
        let down = failure.problem.is_none() && failure.refusal.cause == Cause::Down;
        if failure.problem.as_deref() == Some("badNonce") && bad_nonces < BAD_NONCES {
            bad_nonces += 1;
        } else if down && lost < LOST {
            lost += 1;
            tokio::time::sleep(AGAIN).await;
        } else {
            return Err(failure);
        }
    }
}

/// What a server has said, in words.
pub(super) fn said(problem: &Problem) -> (Option<String>, String) {
    let kind = problem.typ.as_deref().unwrap_or_default();
    let kind = kind.strip_prefix(PROBLEMS).unwrap_or(kind);
    let detail = problem.detail.as_deref().unwrap_or("no details");
    match kind {
        "" => (None, detail.to_owned()),
        kind => (Some(kind.to_owned()), format!("{kind}: {detail}")),
    }
}

fn failure(what: &str, error: &AcmeError) -> Failure {
    let AcmeError::HttpRequest(inner) = error else {
        let cause = match error {
            AcmeError::Io(_)
            | AcmeError::HttpRequest(_)
            | AcmeError::Json(_)
            | AcmeError::MissingHeader(_)
            | AcmeError::HttpResponseNonStringHeader(_) => Cause::Down,
            AcmeError::Rcgen(_)
            | AcmeError::Jose(_)
            | AcmeError::KeyRejected(_)
            | AcmeError::Crypto(_)
            | AcmeError::NoTlsAlpn01Challenge
            | AcmeError::NoHttp01Challenge => Cause::Refused,
        };
        return Refusal::new(cause, format!("{what}: {error}")).into();
    };
    let text = inner.to_string();
    let Some((status, body)) = status_and_body(&text) else {
        let lost = std::error::Error::source(inner).map(ToString::to_string);
        let message = format!("{what}: {}", lost.unwrap_or_else(|| plain(&text)));
        return Refusal::new(Cause::Down, message).into();
    };
    let Ok(problem) = serde_json::from_str::<Problem>(&body) else {
        return Refusal::new(by_status(status), format!("{what}: status {status}")).into();
    };
    let (kind, words) = said(&problem);
    let cause = match kind.as_deref() {
        Some("rateLimited") => Cause::TooOften(retry_after(&words)),
        Some("serverInternal") => Cause::Down,
        Some(_) | None => by_status(status),
    };
    Failure {
        problem: kind,
        refusal: Refusal::new(cause, format!("{what}: {words}")),
    }
}

fn by_status(status: u16) -> Cause {
    match status {
        429 => Cause::TooOften(None),
        500.. => Cause::Down,
        _ => Cause::Refused,
    }
}

/// The layer below does not name the type of its errors, and tells status and body only in its message:
/// `non 2xx http status: 403 "{\"type\": …}"`. A test against its own error holds that message.
fn status_and_body(message: &str) -> Option<(u16, String)> {
    let rest = message.strip_prefix("non 2xx http status: ")?;
    let (status, body) = rest.split_once(' ')?;
    let body = body.strip_prefix('"')?.strip_suffix('"')?;
    Some((status.parse().ok()?, unescape(body)?))
}

/// Undoes what `{:?}` does to a string.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        plain.push(match rest.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'u' => {
                let digits = rest.as_str().strip_prefix('{')?.split('}').next()?;
                let c = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)?;
                rest = rest.as_str().get(digits.len() + 2..)?.chars();
                c
            }
            c => c,
        });
    }
    Some(plain)
}

/// The words of the system in a message that shows how they are held.
fn plain(message: &str) -> String {
    let held = message.rsplit_once("message: \"");
    let held = held.and_then(|(_, held)| held.split('"').next());
    held.unwrap_or(message).to_owned()
}

/// The time that a server names: `… retry after 2026-11-26 07:30:00 UTC: see …`. It is in a header too, which the
/// layer below does not show.
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
    use std::cell::Cell;
    use std::io;

    use rustls_acme::acme::AcmeError;
    use time::macros::datetime;

    use super::{call, plain, retry_after, unescape};
    use crate::tls::issuer::{Cause, Refusal};

    #[test]
    fn bodies_are_read_out_of_messages() {
        for text in ["", "{\"a\": \"\u{1}\0\n\\ü\u{301}\"}", "'\t\r"] {
            let shown = format!("{text:?}");
            let shown = &shown[1..shown.len() - 1];
            assert_eq!(unescape(shown).as_deref(), Some(text));
        }
        assert_eq!(unescape("\\"), None);
        assert_eq!(unescape("\\u{zz}"), None);
    }

    #[test]
    fn a_time_to_come_back_is_found_in_both_forms() {
        let until = Some(datetime!(2026-11-26 07:30 UTC));
        for words in [
            "too many, retry after 2026-11-26 07:30:00 UTC: see x",
            "too many, retry after 2026-11-26T07:30:00Z",
        ] {
            assert_eq!(retry_after(words), until);
        }
        assert_eq!(retry_after("retry after a while"), None);
    }

    #[test]
    fn the_system_is_quoted_without_how_its_words_are_held() {
        let shown = format!("{:?}", io::Error::from_raw_os_error(111));
        assert_eq!(plain(&shown), "Connection refused");
        assert_eq!(plain("other"), "other");
    }

    /// How a call ends whose answer is the same each time, and how often it was made.
    async fn ends(error: impl Fn() -> AcmeError) -> (Refusal, u32) {
        let calls = Cell::new(0);
        let ended = call::<(), _>("new order", || {
            calls.set(calls.get() + 1);
            std::future::ready(Err(error()))
        });
        (ended.await.unwrap_err().refusal, calls.get())
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_are_lost_are_made_again() {
        let lost = || AcmeError::Io(io::Error::other("reset"));
        let (refusal, calls) = ends(lost).await;
        assert_eq!((refusal.cause, calls), (Cause::Down, 3));
        let (refusal, calls) = ends(|| AcmeError::NoHttp01Challenge).await;
        assert_eq!((refusal.cause, calls), (Cause::Refused, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_is_not_waited_for() {
        let silent = call::<(), _>("directory", std::future::pending);
        let refusal = silent.await.unwrap_err().refusal;
        assert_eq!(refusal.message, "directory: no answer in 30 s");
        assert_eq!(refusal.cause, Cause::Down);
    }
}
