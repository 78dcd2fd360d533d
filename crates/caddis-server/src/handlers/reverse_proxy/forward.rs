//! A proxy between us and upstreams: `network_proxy`, or the one that the environment names.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use http::uri::{Authority, Scheme, Uri};
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::no_proxy::NoProxy;
use super::socks;
use super::upstream::Address;
use crate::{Dial, Stream, Target, Variables, Ways};

/// What stands between us and upstreams.
#[derive(Debug)]
pub(super) enum Forward {
    /// The same for all.
    Through(Relay),
    /// As the environment says.
    Environment {
        plain: Option<Relay>,
        over_tls: Option<Relay>,
        except: NoProxy,
    },
}

/// A proxy.
#[derive(Debug)]
pub(super) struct Relay {
    kind: Kind,
    target: Target,
    login: Option<Login>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Http,
    Socks,
}

/// A name and a password, which are never shown.
pub(super) struct Login {
    pub(super) name: Vec<u8>,
    pub(super) password: Vec<u8>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

/// How many bytes a proxy may say before the connection is ours.
const MAX_ANSWER: usize = 16 * 1024;

impl Forward {
    /// What the environment names, as Go reads it; `None` if it names none.
    pub(super) fn of_environment(variable: &Variables) -> Result<Option<Self>, String> {
        let either = |upper: &str, lower: &str| {
            let set = |name| variable(name).filter(|value: &String| !value.is_empty());
            set(upper).or_else(|| set(lower))
        };
        let relay = |upper, lower| {
            let address = either(upper, lower);
            let relay = address.map(|address| Relay::parse(&address));
            relay.transpose().map_err(|why| format!("{upper}: {why}"))
        };
        let (plain, over_tls) = (
            relay("HTTP_PROXY", "http_proxy")?,
            relay("HTTPS_PROXY", "https_proxy")?,
        );
        if plain.is_none() && over_tls.is_none() {
            return Ok(None);
        }
        // A CGI program gets the `Proxy` field of a request as this variable.
        if plain.is_some() && variable("REQUEST_METHOD").is_some_and(|method| !method.is_empty()) {
            return Err(
                "HTTP_PROXY is not believed while REQUEST_METHOD is set: it may be a client's"
                    .into(),
            );
        }
        Ok(Some(Self::Environment {
            plain,
            over_tls,
            except: NoProxy::parse(&either("NO_PROXY", "no_proxy").unwrap_or_default()),
        }))
    }

    /// Whether an upstream is asked through a proxy.
    pub(super) fn is_for(&self, upstream: &Address, over_tls: bool) -> bool {
        self.relay(upstream, over_tls).is_some()
    }

    /// The proxy of HTTP that asks an upstream itself, as nothing is encrypted.
    pub(super) fn asks_itself(&self, upstream: &Address) -> Option<&Relay> {
        (self.relay(upstream, false)).filter(|relay| relay.kind == Kind::Http)
    }

    fn relay(&self, upstream: &Address, tls: bool) -> Option<&Relay> {
        let Target::Tcp(host, port) = &upstream.target else {
            return None;
        };
        match self {
            Self::Through(relay) => Some(relay),
            Self::Environment {
                plain,
                over_tls,
                except,
            } => {
                let relay = if tls { over_tls } else { plain };
                relay.as_ref().filter(|_| !except.has(host, *port))
            }
        }
    }

    /// Opens a connection to an upstream, or to a proxy that asks it itself.
    pub(super) async fn dial(
        &self,
        dial: &dyn Dial,
        ways: &Ways,
        upstream: &Address,
        over_tls: bool,
    ) -> io::Result<Box<dyn Stream>> {
        let Some(relay) = self.relay(upstream, over_tls) else {
            return dial.dial_by(&upstream.target, ways).await;
        };
        let mut stream = dial.dial_by(&relay.target, ways).await?;
        match relay.kind {
            Kind::Socks => {
                socks::connect(&mut stream, &upstream.target, relay.login.as_ref()).await?;
            }
            Kind::Http if over_tls => relay.connect(&mut stream, &upstream.target).await?,
            Kind::Http => {}
        }
        Ok(stream)
    }
}

impl Relay {
    /// Reads the address of a proxy; the error says what is wrong, without a password.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let not = || {
            "it is not the address of a proxy: write `http://host:port` or `socks5://host:port`"
                .to_owned()
        };
        let uri: Uri = if text.contains("://") {
            text.parse()
        } else {
            format!("http://{text}").parse()
        }
        .map_err(|_| not())?;
        let scheme = uri.scheme().map_or("", Scheme::as_str);
        let (kind, port) = match scheme {
            "http" => (Kind::Http, 80),
            "socks5" | "socks5h" => (Kind::Socks, 1080),
            "https" => return Err("caddis cannot reach proxies over TLS: write `http://`".into()),
            _ => return Err(not()),
        };
        let authority = uri.authority().ok_or_else(not)?;
        let host = authority.host().trim_matches(['[', ']']);
        let (_, place) = authority
            .as_str()
            .rsplit_once('@')
            .unwrap_or(("", authority.as_str()));
        let port = match place.strip_prefix(authority.host()) {
            Some("") => port,
            Some(given) => {
                let given = given.strip_prefix(':').unwrap_or_default();
                given.parse().map_err(|_| not())?
            }
            None => return Err(not()),
        };
        if host.is_empty() {
            return Err(not());
        }
        Ok(Self {
            kind,
            target: Target::Tcp(host.to_owned(), port),
            login: login(authority),
        })
    }

    /// What a proxy of HTTP is told of us, if anything.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let login = self.login.as_ref()?;
        let pair = [login.name.as_slice(), login.password.as_slice()].join(&b':');
        let mut value =
            HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Asks a proxy of HTTP for a connection to somewhere else.
    async fn connect(&self, stream: &mut Box<dyn Stream>, target: &Target) -> io::Result<()> {
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(authorization) = self.authorization() {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() >= MAX_ANSWER {
                return Err(io::Error::other("the proxy says too much"));
            }
            // Byte by byte: what comes behind the answer is not ours to read.
            answer.push(stream.read_u8().await?);
        }
        let status = answer.split(|byte| *byte == b' ').nth(1);
        match status {
            Some(b"200") => Ok(()),
            status => Err(io::Error::other(format!(
                "the proxy answered {}",
                String::from_utf8_lossy(status.unwrap_or_default())
            ))),
        }
    }
}

fn login(authority: &Authority) -> Option<Login> {
    let (login, _) = authority.as_str().rsplit_once('@')?;
    let (name, password) = login.split_once(':').unwrap_or((login, ""));
    let decoded = |text| percent_decode_str(text).collect();
    Some(Login {
        name: decoded(name),
        password: decoded(password),
    })
}

#[cfg(test)]
mod tests {
    use super::Relay;
    use crate::Target;

    #[test]
    fn proxies_are_read_with_their_logins() {
        let relay = Relay::parse("http://us%40er:pass@proxy.test:3128").unwrap();
        assert_eq!(relay.target, Target::Tcp("proxy.test".into(), 3128));
        assert_eq!(relay.authorization().unwrap(), "Basic dXNAZXI6cGFzcw==");
        assert!(!format!("{relay:?}").contains("pass"));
        let relay = Relay::parse("socks5://[::1]").unwrap();
        assert_eq!(relay.target, Target::Tcp("::1".into(), 1080));
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        for bad in [
            "",
            "ftp://u:secret@a",
            "https://u:secret@a",
            "http://",
            "http://u:secret@a:x",
        ] {
            let why = Relay::parse(bad).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
