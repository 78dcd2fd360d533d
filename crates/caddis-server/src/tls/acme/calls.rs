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
        if let Some((why, help)) = distrust(&text) {
            let message = format!("{what}: the server's certificate is not accepted: {why}");
            return Refusal::new(Cause::Down, message).with_help(help).into();
        }
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

/// Why we do not believe that it is the server, and what to look at.
fn distrust(message: &str) -> Option<(&str, &'static str)> {
    let (_, why) = message.split_once("InvalidCertificate(")?;
    let why = why.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let why = why.strip_suffix("Context").unwrap_or(why);
    let help = match why {
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
    };
    Some((why, help))
}

/// The words of the system in a message that shows how they are held.
fn plain(message: &str) -> String {
    let held = ["message: \"", "error: \""];
    let held = (held.iter()).find_map(|before| message.rsplit_once(before));
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
    use std::sync::Arc;

    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls_acme::acme::{AcmeError, Directory};
    use time::macros::datetime;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::{Failure, call, distrust, plain, retry_after, unescape};
    use crate::tls::acme::roots::client;
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
        let shown = format!("Connect({:?})", io::Error::other("no such name"));
        assert_eq!(plain(&shown), "no such name");
        assert_eq!(plain("other"), "other");
    }

    /// What the layer below makes of a server at that address that gives an answer.
    async fn discover(scheme: &str, answer: &'static str) -> Failure {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}/dir", socket.local_addr().unwrap());
        let root = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(root.signing_key.serialize_der());
        let tls = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.cert.der().clone()], key.unwrap())
            .unwrap();
        let tls = (scheme == "https").then(|| TlsAcceptor::from(Arc::new(tls)));
        let serve = async {
            loop {
                let (mut stream, _) = socket.accept().await.unwrap();
                if let Some(tls) = &tls {
                    drop(tls.accept(stream).await);
                    continue;
                }
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        };
        let mut other = rcgen::CertificateParams::default();
        (other.distinguished_name).push(rcgen::DnType::CommonName, "another one");
        let other = other.self_signed(&root.signing_key).unwrap();
        let client = client(&[other.pem()]).unwrap();
        tokio::select! {
            () = serve => unreachable!("it serves for ever"),
            ended = call("directory", || Directory::discover(&client, &url)) => ended.map(drop).unwrap_err(),
        }
    }

    #[tokio::test]
    async fn what_a_server_says_no_with_is_read_as_the_layer_below_words_it() {
        let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 71\r\nConnection: close\r\n\r\n\
                      {\"type\": \"urn:ietf:params:acme:error:caa\", \"detail\": \"not \\\"you\\\" ü\"}\n";
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 71);
        let failure = discover("http", answer).await;
        assert_eq!(failure.problem.as_deref(), Some("caa"));
        let said = Refusal::new(Cause::Refused, "directory: caa: not \"you\" ü");
        assert_eq!(failure.refusal, said);
    }

    #[tokio::test]
    async fn a_server_that_is_not_trusted_is_told_from_one_that_is_down() {
        let refusal = discover("https", "").await.refusal;
        assert_eq!(
            refusal.message,
            "directory: the server's certificate is not accepted: UnknownIssuer"
        );
        assert!(refusal.help.unwrap().contains("acme_ca_root"));
        let expired = "TlsConnect(InvalidCertificate(ExpiredContext { time: 1 }))";
        assert_eq!(distrust(expired).map(|(why, _)| why), Some("Expired"));
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
