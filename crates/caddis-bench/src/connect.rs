//! Connections of clients to a server.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{Request, Response, StatusCode, Uri, Version};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Failure;
use crate::job::Job;
use crate::server::{Server, TOKEN};

/// What all clients know.
pub(crate) struct World {
    /// The authority of the servers' certificate.
    pub(crate) roots: RootCertStore,
    /// From when the backend counts the times in its streams.
    pub(crate) began: Instant,
}

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// Makes the connections for one job to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    port: u16,
    tls: Option<TlsConnector>,
    is_http2: bool,
}

/// Sends requests on one connection.
pub(crate) enum Sender {
    /// One after the other.
    Http1(http1::SendRequest<Empty<Bytes>>),
    /// Side by side.
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Connector {
    /// One cipher suite, one key exchange and no resumption, so that all servers do the same work.
    pub(crate) fn new(job: Job, server: &Server, world: &World) -> Result<Self, Failure> {
        let is_http2 = job == Job::Https2;
        if !job.is_encrypted() {
            return Ok(Self {
                port: server.plain,
                tls: None,
                is_http2,
            });
        }
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites = vec![cipher_suite::TLS13_AES_128_GCM_SHA256];
        provider.kx_groups = vec![kx_group::X25519];
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(world.roots.clone())
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        let protocol: &[u8] = if is_http2 { b"h2" } else { b"http/1.1" };
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Self {
            port: server.tls,
            tls: Some(TlsConnector::from(Arc::new(config))),
            is_http2,
        })
    }

    /// Connects, and shakes hands.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from("localhost")?;
        Ok(Box::new(tls.connect(name, stream).await?))
    }

    /// Connects, for requests of any kind.
    pub(crate) async fn sender(&self) -> Result<Sender, Failure> {
        let io = TokioIo::new(self.connect().await?);
        if self.is_http2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
            // It ends with its sender; what goes wrong is told to the sender too.
            tokio::spawn(connection);
            return Ok(Sender::Http2(sender));
        }
        let (sender, connection) = http1::handshake(io).await?;
        tokio::spawn(connection);
        Ok(Sender::Http1(sender))
    }

    /// What a client of HTTP/1.1 sends for the plain answer.
    pub(crate) fn plain_request(&self) -> Vec<u8> {
        let port = self.port;
        format!("GET /api/version HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
            .into_bytes()
    }

    /// A request with a token, or without.
    pub(crate) fn request(
        &self,
        path: &str,
        token: Option<&str>,
    ) -> Result<Request<Empty<Bytes>>, Failure> {
        let host = format!("localhost:{}", self.port);
        let mut request = if self.is_http2 {
            let uri = Uri::try_from(format!("https://{host}{path}"))?;
            Request::builder().version(Version::HTTP_2).uri(uri)
        } else {
            Request::builder().uri(path).header(HOST, host)
        };
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        Ok(request.body(Empty::new())?)
    }
}

impl Sender {
    /// Sends one request, and waits for the head of its answer.
    pub(crate) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                Ok(sender.send_request(request).await?)
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                Ok(sender.send_request(request).await?)
            }
        }
    }
}

/// Whether the answer is the one that was wanted.
pub(crate) fn expect(found: StatusCode, wanted: StatusCode) -> Result<(), Failure> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("an answer was {found} where {wanted} was due").into())
    }
}
