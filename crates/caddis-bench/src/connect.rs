//! Connections of clients to a server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

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
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;

use crate::Failure;
use crate::configs::{Place, host_of_site, token_line};
use crate::job::{Over, Setup};

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// Makes connections of one kind to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    port: u16,
    host: String,
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
    pub(crate) fn new(over: Over, place: &Place, roots: &RootCertStore) -> Result<Self, Failure> {
        let (port, protocol): (_, &[u8]) = match over {
            Over::Http1 => return Ok(Self::plain(place.plain, place.setup)),
            Over::Https1 => (place.tls, b"http/1.1"),
            Over::Https2 => (place.tls, b"h2"),
        };
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites = vec![cipher_suite::TLS13_AES_128_GCM_SHA256];
        provider.kx_groups = vec![kx_group::X25519];
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Self {
            tls: Some(TlsConnector::from(Arc::new(config))),
            is_http2: over == Over::Https2,
            ..Self::plain(port, place.setup)
        })
    }

    /// Straight to the backend.
    pub(crate) fn direct(port: u16) -> Self {
        Self::plain(port, Setup::Usual)
    }

    /// Over HTTP/1.1, for the site in the middle.
    pub(crate) fn plain(port: u16, setup: Setup) -> Self {
        let host = match setup {
            Setup::Usual | Setup::Routes(_) => "localhost".to_owned(),
            Setup::Sites(count) => host_of_site(count / 2),
        };
        Self {
            port,
            host: format!("{host}:{port}"),
            tls: None,
            is_http2: false,
        }
    }

    /// Connects, and shakes hands.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        self.connect_from(Ipv4Addr::LOCALHOST).await
    }

    /// The same from another address of this machine: each has a limited number of ports.
    pub(crate) async fn connect_from(&self, from: Ipv4Addr) -> Result<Box<dyn Stream>, Failure> {
        let socket = TcpSocket::new_v4()?;
        if from != Ipv4Addr::LOCALHOST {
            socket.bind(SocketAddr::from((from, 0)))?;
        }
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = socket.connect(to).await?;
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

    /// What a client of HTTP/1.1 sends, with any field for who it is and what else there is to say.
    pub(crate) fn head(&self, method: &str, path: &str, fields: &str) -> Vec<u8> {
        let host = &self.host;
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n").into_bytes()
    }

    /// A request for a path with the token, of HTTP/1.1.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        self.head("GET", path, &format!("Authorization: {}\r\n", token_line()))
    }

    /// A request with a token, or without.
    pub(crate) fn request(
        &self,
        path: &str,
        token: Option<&str>,
    ) -> Result<Request<Empty<Bytes>>, Failure> {
        let host = &self.host;
        let mut request = if self.is_http2 {
            let uri = Uri::try_from(format!("https://{host}{path}"))?;
            Request::builder().version(Version::HTTP_2).uri(uri)
        } else {
            Request::builder().uri(path).header(HOST, host)
        };
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
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
