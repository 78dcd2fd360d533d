//! Certificates of authorities that web servers have: asked for when a config is loaded, within limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use caddis_ir::{CaPoolTls, Path};
use http::header::{HOST, LOCATION};
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::ca_pool::{self, Around};
use super::client::{Trust, check_renegotiation, client_config};
use super::issue::Fault;
use crate::{BuildError, Dial, Stream, Target};

/// How long a web server may take, with all that it sends us on to.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many bytes it may send.
const MAX_BYTES: usize = 1 << 20;
/// How often we are sent on, as in Go.
const MAX_REDIRECTS: usize = 10;

/// Asks web servers for certificates.
pub(super) struct Client {
    dial: Arc<dyn Dial>,
    /// Why there is no TLS, if there is nobody to trust.
    tls: Result<TlsConnector, Fault>,
    server_name: String,
    handshake_timeout: Duration,
}

impl Client {
    /// Prepares a client.
    pub(super) fn new(
        config: &CaPoolTls,
        at: &Path,
        around: Around<'_>,
    ) -> Result<Self, BuildError> {
        let error = |path, message| BuildError {
            path,
            message,
            help: None,
        };
        check_renegotiation(&config.renegotiation)
            .map_err(|message| error(at.key("renegotiation"), message))?;
        let trust = match &config.ca {
            _ if config.insecure_skip_verify => Ok(Trust::Anyone),
            Some(pool) => Ok(Trust::Roots(
                ca_pool::roots(pool, &at.key("ca"), around)?.into(),
            )),
            // Whoever asks without TLS needs nobody to trust.
            None => ca_pool::system(around.environment).map(Trust::Roots),
        };
        let tls = trust.and_then(|trust| client_config(trust, &[]));
        let tls = tls.map(|tls| TlsConnector::from(Arc::new(tls.with_no_client_auth())));
        let given = config.handshake_timeout.map(caddis_ir::Duration::to_std);
        Ok(Self {
            dial: Arc::clone(&around.environment.dial),
            tls,
            server_name: config.server_name.clone(),
            handshake_timeout: given.filter(|limit| !limit.is_zero()).unwrap_or(PATIENCE),
        })
    }

    /// What is at an address. Blocks, on a thread of its own: the caller may be a runtime's.
    pub(super) fn get(&self, address: &str) -> Result<Bytes, Fault> {
        let asked = std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| error.to_string())?;
                let asking = async { timeout(PATIENCE, self.follow(address)).await };
                (runtime.block_on(asking)).unwrap_or_else(|_| Err("it took too long".into()))
            });
            asking.join().unwrap_or_else(|_| Err("asking ended".into()))
        });
        asked.map_err(|fault| format!("asking `{address}` for certificates: {fault}"))
    }

    async fn follow(&self, address: &str) -> Result<Bytes, Fault> {
        let uri: Uri = address
            .parse()
            .map_err(|_| "it is not the address of a page".to_owned())?;
        let response = self.response(uri).await?;
        if !response.status().is_success() {
            return Err(format!("it answered {}", response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES);
        let body = body.collect().await.map_err(|error| error.to_string())?;
        Ok(body.to_bytes())
    }

    /// The answer of a page, or of the one that it sends us on to. Time-outs are the caller's.
    pub(super) async fn response(&self, mut uri: Uri) -> Result<Response<Incoming>, Fault> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&uri).await?;
            match response.headers().get(LOCATION) {
                Some(next) if response.status().is_redirection() => {
                    uri = next_uri(&uri, next.as_bytes())?;
                }
                _ => return Ok(response),
            }
        }
        Err(format!("it sent us on more than {MAX_REDIRECTS} times"))
    }

    async fn ask(&self, uri: &Uri) -> Result<Response<Incoming>, Fault> {
        let host = uri.authority().ok_or("the address names no host")?;
        let stream = self.open(uri, host).await?;
        let text = |error: hyper::Error| error.to_string();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
        // Ends when the answer is read or dropped.
        tokio::spawn(connection);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path)
            .header(HOST, host.as_str())
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        sender.send_request(request).await.map_err(text)
    }

    async fn open(&self, uri: &Uri, host: &Authority) -> Result<Box<dyn Stream>, Fault> {
        let over_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let port = host.port_u16().unwrap_or(if over_tls { 443 } else { 80 });
        let name = host.host().trim_matches(['[', ']']);
        let target = Target::Tcp(name.to_owned(), port);
        let stream = self.dial.dial(&target).await;
        let stream = stream.map_err(|error| error.to_string())?;
        if !over_tls {
            return Ok(stream);
        }
        let tls = self.tls.as_ref().map_err(Clone::clone)?;
        let name = match self.server_name.as_str() {
            "" => name,
            given => given,
        };
        let name = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
        let shaken = timeout(self.handshake_timeout, tls.connect(name, stream)).await;
        let stream = shaken.map_err(|_| "the TLS handshake took too long")?;
        Ok(Box::new(stream.map_err(|error| error.to_string())?))
    }
}

/// Where an answer sends us on to.
fn next_uri(from: &Uri, next: &[u8]) -> Result<Uri, Fault> {
    let next = Uri::try_from(next).map_err(|_| "it sends us to no address".to_owned())?;
    if next.host().is_some() {
        return Ok(next);
    }
    let mut parts = from.clone().into_parts();
    parts.path_and_query = next.into_parts().path_and_query;
    Uri::from_parts(parts).map_err(|error| error.to_string())
}
