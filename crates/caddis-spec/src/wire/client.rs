//! Sends one request over a connection of its own, plain or TLS, HTTP/1.1 or HTTP/2.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{Request, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use crate::spec::Protocol;
use crate::{Answer, Heard, Sent};

type Body = UnsyncBoxBody<Bytes, std::convert::Infallible>;

/// How a request could not be sent, or its answer not be read.
#[derive(Debug)]
pub(super) enum Error {
    /// Nobody takes the connection.
    Connect(String),
    /// The TLS handshake failed.
    Handshake(String),
    /// The request cannot be written.
    Request(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(why) => write!(f, "cannot connect: {why}"),
            Self::Handshake(why) => write!(f, "TLS handshake failed: {why}"),
            Self::Request(why) => write!(f, "the request cannot be sent: {why}"),
        }
    }
}

/// Sends a request to a port of this machine.
pub(super) async fn send(
    sent: &Sent,
    port: u16,
    roots: &Path,
    heard: &Heard,
) -> Result<Answer, Error> {
    let stream = connect(sent.peer, port).await?;
    if sent.url.scheme_str() == Some("https") {
        let stream = handshake(stream, &sent.url, sent.protocol, roots).await?;
        ask(stream, sent, heard).await
    } else {
        ask(stream, sent, heard).await
    }
}

/// Connects, from an address of this machine if one is given.
pub(super) async fn connect(from: Option<IpAddr>, port: u16) -> Result<TcpStream, Error> {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let connect = async {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        socket.connect(to).await
    };
    connect
        .await
        .map_err(|error: std::io::Error| Error::Connect(error.to_string()))
}

/// Shakes hands as the host of a URL, trusting the certificates of a file.
pub(super) async fn handshake(
    stream: TcpStream,
    url: &Uri,
    protocol: Protocol,
    roots: &Path,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Handshake(error.to_string());
    let mut trusted = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(roots).map_err(|error| failed(&error))?;
    for certificate in certificates.flatten() {
        trusted.add(certificate).map_err(|error| failed(&error))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = match protocol {
        Protocol::H1 => vec![b"http/1.1".to_vec()],
        Protocol::H2 => vec![b"h2".to_vec()],
    };
    let host = url.host().unwrap_or("").trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|error| failed(&error))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector
        .connect(name, stream)
        .await
        .map_err(|error| failed(&error))
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    sent: &Sent,
    heard: &Heard,
) -> Result<Answer, Error> {
    let request = request(sent)?;
    let failed = |error: hyper::Error| Error::Request(error.to_string());
    let stream = TokioIo::new(stream);
    match sent.protocol {
        Protocol::H1 => {
            let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
                .title_case_headers(true)
                .handshake(stream)
                .await
                .map_err(failed)?;
            let _connection = Connection(tokio::spawn(async move {
                // How the connection ends is seen by who reads the answer.
                let _ = connection.await;
            }));
            answer(sender.send_request(request).await, heard).await
        }
        Protocol::H2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                    .await
                    .map_err(failed)?;
            let _connection = Connection(tokio::spawn(async move {
                // How the connection ends is seen by who reads the answer.
                let _ = connection.await;
            }));
            answer(sender.send_request(request).await, heard).await
        }
    }
}

/// A connection that is closed when its answer has been read.
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer(
    response: Result<hyper::Response<Incoming>, hyper::Error>,
    heard: &Heard,
) -> Result<Answer, Error> {
    let response = match response {
        Ok(response) => response,
        Err(error) if error.is_user() || error.is_parse() => {
            return Err(Error::Request(error.to_string()));
        }
        Err(_) => return Ok(Answer::Aborted),
    };
    let (head, mut body) = response.into_parts();
    let mut broken = None;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(data) = frame.data_ref() {
                    heard.add(data);
                }
            }
            Err(error) => {
                broken = Some(error.to_string());
                break;
            }
        }
    }
    Ok(Answer::Response {
        head: Box::new(head),
        broken,
    })
}

fn request(sent: &Sent) -> Result<Request<Body>, Error> {
    let failed = |error: http::Error| Error::Request(error.to_string());
    let chunked = sent.headers.contains_key(TRANSFER_ENCODING);
    let mut headers = sent.headers.clone();
    let uri = match sent.protocol {
        Protocol::H1 => sent
            .url
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        Protocol::H2 => {
            headers.remove(TRANSFER_ENCODING);
            authority(sent)
        }
    };
    if sent.protocol == Protocol::H2 {
        headers.remove(HOST);
    }
    let body = match &sent.body {
        None => Empty::new().boxed_unsync(),
        Some(bytes) if chunked => {
            headers.remove(CONTENT_LENGTH);
            let frame = Ok(Frame::data(bytes.clone()));
            StreamBody::new(stream::iter([frame])).boxed_unsync()
        }
        Some(bytes) => Full::new(bytes.clone()).boxed_unsync(),
    };
    let mut request = Request::builder()
        .method(sent.method.clone())
        .uri(uri)
        .body(body)
        .map_err(failed)?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The URL with the `Host` field as its authority, where HTTP/2 has it.
fn authority(sent: &Sent) -> String {
    let host = sent.headers.get(HOST).and_then(|host| host.to_str().ok());
    let scheme = sent.url.scheme_str().unwrap_or("http");
    let path = sent.url.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{}{path}", host.unwrap_or(""))
}
