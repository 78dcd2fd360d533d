//! `get_certificate http`: a web server is asked for a certificate in every handshake that has none.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{CaPoolTls, CertificateManager, Config, Path, TlsApp};
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use rustls::sign::CertifiedKey;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::fetch::Client;
use super::files;
use super::handshake_match::matches;
use super::issue::Fault;
use super::supply::{Asked, Supply, Supplying};
use crate::builder::Builder;

/// How long a web server may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many bytes it may send.
const MAX_BYTES: usize = 1 << 20;
/// How many handshakes may wait for web servers at a time; strangers decide how many there are.
const MOST: usize = 256;
/// How many may wait for a place among them.
const QUEUE: usize = 1024;

/// Asks web servers for certificates.
#[derive(Debug)]
struct Managers {
    /// The first that has a name is the name's.
    policies: Vec<Policy>,
    places: Semaphore,
    queue: Semaphore,
}

/// Who is asked for some names.
#[derive(Debug)]
struct Policy {
    /// All names if empty.
    subjects: Vec<String>,
    managers: Vec<Manager>,
}

/// A web server that is asked.
struct Manager {
    url: Uri,
    client: Client,
}

/// Who is asked for certificates in handshakes, if there is anybody.
pub(crate) fn managers(config: &Config, builder: &mut Builder<'_>) -> Option<Arc<dyn Supply>> {
    let app = config.apps.tls.as_ref()?;
    let policies = &app.automation.as_ref()?.policies;
    let at = (Path::root().key("apps").key("tls")).key("automation");
    let mut ready = Vec::with_capacity(policies.len());
    for (index, policy) in policies.iter().enumerate() {
        let at = at.key("policies").index(index).key("get_certificate");
        let mut managers = Vec::new();
        for (index, manager) in policy.get_certificate.iter().enumerate() {
            let CertificateManager::Http { url } = manager else {
                continue;
            };
            managers.extend(Manager::build(url, &at.index(index), builder));
        }
        ready.push(Policy {
            subjects: policy.subjects.clone(),
            managers,
        });
    }
    let asks = ready.iter().any(|policy| !policy.managers.is_empty());
    asks.then(|| {
        Arc::new(Managers {
            policies: ready,
            places: Semaphore::new(MOST),
            queue: Semaphore::new(QUEUE),
        }) as Arc<dyn Supply>
    })
}

/// Whether the certificate of a name comes from somebody who is asked in handshakes.
pub(crate) fn is_supplied(name: &str, app: Option<&TlsApp>) -> bool {
    let policies = app.and_then(|app| app.automation.as_ref());
    let policies = policies.map_or(&[][..], |automation| &automation.policies);
    let own = policies.iter().find(|policy| has(&policy.subjects, name));
    own.is_some_and(|policy| !policy.get_certificate.is_empty())
}

fn has(subjects: &[String], name: &str) -> bool {
    subjects.is_empty() || subjects.iter().any(|subject| matches(subject, name))
}

impl Manager {
    fn build(url: &str, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let at = &at.key("url");
        let url = builder.fixed(url, at)?;
        let uri = url.parse::<Uri>().ok();
        let Some(uri) = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https"))) else {
            let message = format!("`{url}` is not the address of a web server");
            builder.error_with_help(at, message, "write `http://…` or `https://…`");
            return None;
        };
        match Client::new(&CaPoolTls::default(), at, builder.around()) {
            Ok(client) => Some(Self { url: uri, client }),
            Err(error) => {
                builder.found(error);
                None
            }
        }
    }

    /// The certificate that the web server has for a client, if it has one.
    async fn ask(&self, asked: &Asked) -> Result<Option<Arc<CertifiedKey>>, Fault> {
        let response = self.client.response(question(&self.url, asked)?).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => return Ok(None),
            status => return Err(format!("it answered {status}")),
        }
        let body = Limited::new(response.into_body(), MAX_BYTES);
        let body = body.collect().await.map_err(|error| error.to_string())?;
        let body = body.to_bytes();
        let text = std::str::from_utf8(&body).map_err(|_| "it sent something else than PEM")?;
        let certificate = files::from_pem(text, text).map_err(|error| error.message)?;
        Ok(Some(certificate.key()))
    }
}

impl Supply for Managers {
    fn supply<'a>(&'a self, asked: &'a Asked) -> Supplying<'a> {
        let own = self
            .policies
            .iter()
            .find(|policy| has(&policy.subjects, &asked.name));
        let managers = own.map_or(&[][..], |policy| &policy.managers);
        if managers.is_empty() {
            return Box::pin(std::future::ready(Ok(None)));
        }
        Box::pin(async move {
            let full = || "too many handshakes wait for certificates".to_owned();
            let _queued = self.queue.try_acquire().map_err(|_| full())?;
            let _place = self.places.acquire().await.map_err(|_| full())?;
            for manager in managers {
                let answer = timeout(PATIENCE, manager.ask(asked)).await;
                let answer = answer.unwrap_or_else(|_| Err("it took too long".into()));
                let found = answer.map_err(|fault| {
                    format!("asking `{}` for a certificate: {fault}", manager.url)
                })?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manager")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The address with what the client says in its query, in the order of names, as Go sends it.
fn question(url: &Uri, asked: &Asked) -> Result<Uri, Fault> {
    let hex = |numbers: &mut dyn Iterator<Item = u16>| {
        let mut text = String::new();
        for number in numbers {
            if !text.is_empty() {
                text.push(',');
            }
            // Writing to a string cannot fail.
            let _ = write!(text, "{number:x}");
        }
        text
    };
    let suites = hex(&mut asked.cipher_suites.iter().map(|one| u16::from(*one)));
    let schemes = hex(&mut asked.schemes.iter().map(|one| u16::from(*one)));
    let ours = [
        ("cipher_suites", suites),
        ("local_ip", asked.local.ip().to_canonical().to_string()),
        ("server_name", asked.server_name.clone()),
        ("signature_schemes", schemes),
    ];
    let theirs = url.query().unwrap_or_default().split('&');
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let mut pairs: Vec<(String, String)> = (theirs.filter(|pair| !pair.is_empty()))
        .filter(|pair| ours.iter().all(|(ours, _)| *ours != name(pair)))
        .map(|pair| (name(pair), pair.to_owned()))
        .collect();
    for (name, value) in &ours {
        let mut pair = format!("{name}=").into_bytes();
        crate::uri::query_escape(value.as_bytes(), &mut pair);
        pairs.push((
            (*name).to_owned(),
            String::from_utf8_lossy(&pair).into_owned(),
        ));
    }
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    let query: Vec<String> = pairs.into_iter().map(|(_, pair)| pair).collect();
    let path = url.path();
    let mut parts = url.clone().into_parts();
    let target = format!("{path}?{}", query.join("&"));
    parts.path_and_query = Some(target.parse().map_err(|_| "the name cannot be asked for")?);
    Uri::from_parts(parts).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use rustls::{CipherSuite, SignatureScheme};

    use super::question;
    use crate::tls::supply::Asked;

    #[test]
    fn the_question_says_what_the_client_said() {
        let asked = Asked {
            name: "a.test".into(),
            server_name: "A.test".into(),
            peer: ([127, 0, 0, 2], 1).into(),
            local: ([127, 0, 0, 1], 443).into(),
            schemes: vec![SignatureScheme::ECDSA_NISTP256_SHA256],
            cipher_suites: vec![
                CipherSuite::TLS13_AES_128_GCM_SHA256,
                CipherSuite::Unknown(10),
            ],
        };
        let url = "http://h:1/c?z=1&a=2&server_name=x".parse().unwrap();
        assert_eq!(
            question(&url, &asked).unwrap().to_string(),
            "http://h:1/c?a=2&cipher_suites=1301%2Ca&local_ip=127.0.0.1&server_name=A.test\
             &signature_schemes=403&z=1"
        );
    }
}
