//! A small HTTP client for what certificates need: TLS with given roots, each request with a time-out, each answer
//! with a limit, no redirects, and a connection for each request.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The most bytes of an answer's body.
const LONGEST: usize = 256 * 1024;
/// How many header fields an answer may have.
const FIELDS: usize = 64;
/// The most bytes of an answer's header.
const HEADER: usize = 32 * 1024;

/// Asks web servers.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    tls: Arc<ClientConfig>,
    patience: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The address cannot be asked.
    Address(String),
    /// No connection, or one that was lost.
    Lost(String),
    /// It is not the server that it should be; the name of the reason.
    Distrusted(String),
    /// The answer is longer than the limit, or is none.
    Unreadable(String),
    /// It took too long.
    Late(Duration),
}

impl Web {
    pub(crate) fn new(tls: Arc<ClientConfig>, patience: Duration) -> Self {
        Self { tls, patience }
    }

    /// Asks once.
    pub(crate) async fn ask(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Silence> {
        let answer = tokio::time::timeout(self.patience, self.begin(request)).await;
        answer.unwrap_or(Err(Silence::Late(self.patience)))
    }

    async fn begin(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Silence> {
        let uri = request.uri().clone();
        let target = Target::of(&uri)?;
        let stream = TcpStream::connect((target.host.as_str(), target.port)).await;
        let stream = stream.map_err(|error| Silence::Lost(error.to_string()))?;
        stream.set_nodelay(true).ok();
        let request = target.request(request)?;
        let Some(name) = target.server_name else {
            return exchange(stream, request).await;
        };
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector.connect(name, stream).await;
        exchange(stream.map_err(|error| distrust(&error))?, request).await
    }
}

/// Where a request goes.
struct Target {
    host: String,
    port: u16,
    /// Whose certificate is wanted, if the connection is encrypted.
    server_name: Option<ServerName<'static>>,
    authority: HeaderValue,
}

impl Target {
    fn of(uri: &Uri) -> Result<Self, Silence> {
        let wrong = || Silence::Address(format!("`{uri}` is not a URL of a web server"));
        let authority = uri.authority().ok_or_else(wrong)?;
        let host = authority.host();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (usual, encrypted) = match uri.scheme_str() {
            Some("https") => (443, true),
            Some("http") => (80, false),
            Some(_) | None => return Err(wrong()),
        };
        let server_name = encrypted.then(|| ServerName::try_from(host.to_owned()));
        // What stands before an `@` is no business of a server's log.
        let shown = authority.as_str();
        let shown = shown.rsplit_once('@').map_or(shown, |(_, shown)| shown);
        Ok(Self {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            server_name: server_name.transpose().map_err(|_| wrong())?,
            authority: HeaderValue::from_str(shown).map_err(|_| wrong())?,
        })
    }

    /// The request as it goes over the wire.
    fn request(&self, request: Request<Bytes>) -> Result<Request<Full<Bytes>>, Silence> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = (path.parse()).map_err(|_| Silence::Address(format!("`{path}` is no path")))?;
        parts.headers.insert(HOST, self.authority.clone());
        Ok(Request::from_parts(parts, Full::new(body)))
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Silence> {
    let lost = |error: hyper::Error| Silence::Lost(words(&error));
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(FIELDS)
        .max_buf_size(HEADER)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(lost)?;
    let answer = async move {
        let (parts, body) = sender
            .send_request(request)
            .await
            .map_err(lost)?
            .into_parts();
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| Silence::Unreadable(error.to_string()))?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    };
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // Its end is told to the one who waits for the answer.
        _ = connection => answer.await,
    }
}

/// What is at the bottom of an error.
fn words(error: &hyper::Error) -> String {
    let mut at: &dyn std::error::Error = error;
    while let Some(below) = at.source() {
        at = below;
    }
    at.to_string()
}

fn distrust(error: &std::io::Error) -> Silence {
    let inner = error.get_ref();
    let tls = inner.and_then(|error| error.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(why)) = tls else {
        return Silence::Lost(error.to_string());
    };
    Silence::Distrusted(match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "Expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "NotValidYet".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "NotValidForName".into()
        }
        why => format!("{why:?}"),
    })
}

/// True if a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(why) | Self::Lost(why) | Self::Unreadable(why) => f.write_str(why),
            Self::Distrusted(why) => {
                write!(f, "the server's certificate is not accepted: {why}")
            }
            Self::Late(patience) => write!(f, "no answer in {} s", patience.as_secs()),
        }
    }
}

impl std::error::Error for Silence {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use rustls::crypto::aws_lc_rs::default_provider;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{LONGEST, Silence, Web, is_loopback};

    fn web() -> Web {
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        Web::new(Arc::new(tls), Duration::from_secs(1))
    }

    /// What becomes of a request that is answered so; with nothing the server stays silent.
    async fn answered(answer: Vec<u8>) -> Result<http::Response<Bytes>, Silence> {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/dir?a=b", socket.local_addr().unwrap());
        let serve = async {
            let (mut stream, _) = socket.accept().await.unwrap();
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).await.unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            assert!(asked.starts_with("GET /dir?a=b HTTP/1.1\r\n"), "{asked}");
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            stream.write_all(&answer).await.ok();
            drop(stream);
            std::future::pending::<()>().await;
        };
        let request = Request::get(&url).body(Bytes::new()).unwrap();
        let web = web();
        tokio::select! {
            () = serve => unreachable!("it serves for ever"),
            answer = web.ask(request) => answer,
        }
    }

    #[tokio::test]
    async fn answers_are_read_up_to_a_limit() {
        let answer = |length: usize| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            [head.into_bytes(), vec![b'x'; length]].concat()
        };
        let read = answered(answer(LONGEST)).await.unwrap();
        assert_eq!(read.body().len(), LONGEST);
        let refused = answered(answer(LONGEST + 1)).await.unwrap_err();
        assert!(matches!(refused, Silence::Unreadable(_)), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_not_waited_for() {
        let silent = answered(Vec::new()).await.unwrap_err();
        assert_eq!(silent, Silence::Late(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_like_any_other() {
        let answer =
            "HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n";
        let read = answered(answer.into()).await.unwrap();
        assert_eq!(read.status(), 302);
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        assert!(
            ["localhost", "127.0.0.1", "[::1]"]
                .map(is_loopback)
                .iter()
                .all(|is| *is)
        );
        assert!(
            !["localhost.test", "10.0.0.1", ""]
                .map(is_loopback)
                .iter()
                .any(|is| *is)
        );
    }
}
