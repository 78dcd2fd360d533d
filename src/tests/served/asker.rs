//! A client that knows what becomes of each connection: plain or TLS, HTTP/1.1 or HTTP/2, kept or opened anew.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::HOST;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::server::PATIENCE;

/// The name that is asked for.
pub(crate) const NAME: &str = "localhost";

/// What went wrong, in words.
pub(crate) type Trouble = String;

/// How to reach a server.
#[derive(Clone)]
pub(crate) enum Way {
    /// HTTP/1.1 without TLS.
    Plain(u16),
    /// HTTP/1.1 over TLS.
    Tls(u16, Arc<ClientConfig>),
    /// HTTP/2 over TLS.
    Tls2(u16, Arc<ClientConfig>),
}

impl Way {
    /// TLS that trusts one root; the protocol is offered alone.
    pub(crate) fn tls(root: &Path, protocol: &str) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_file(root).unwrap();
        roots.add(root).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Arc::new(config)
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "plain",
            Self::Tls(..) => "TLS",
            Self::Tls2(..) => "HTTP/2",
        }
    }

    fn port(&self) -> u16 {
        match self {
            Self::Plain(port) | Self::Tls(port, _) | Self::Tls2(port, _) => *port,
        }
    }
}

/// A connection.
#[derive(Clone)]
pub(crate) enum Asker {
    Http1(
        Arc<tokio::sync::Mutex<http1::SendRequest<Full<Bytes>>>>,
        u16,
    ),
    Http2(http2::SendRequest<Full<Bytes>>, u16),
}

impl Asker {
    /// Connects, and shakes hands.
    pub(crate) async fn connect(way: &Way) -> Result<Self, Trouble> {
        // TLS is large, and would make every future large that connects.
        Box::pin(soon("connecting", async {
            let port = way.port();
            let stream = TcpStream::connect(("127.0.0.1", port)).await;
            let stream = stream.map_err(|error| format!("connecting: {error}"))?;
            stream
                .set_nodelay(true)
                .map_err(|error| error.to_string())?;
            match way {
                Way::Plain(_) => Self::http1(stream, port).await,
                Way::Tls(_, config) => Self::http1(shake(stream, config).await?, port).await,
                Way::Tls2(_, config) => Self::http2(shake(stream, config).await?, port).await,
            }
        }))
        .await
    }

    async fn http1(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        port: u16,
    ) -> Result<Self, Trouble> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| format!("beginning HTTP/1.1: {error:?}"))?;
        tokio::spawn(connection.with_upgrades());
        Ok(Self::Http1(Arc::new(sender.into()), port))
    }

    async fn http2(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        port: u16,
    ) -> Result<Self, Trouble> {
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(|error| format!("beginning HTTP/2: {error:?}"))?;
        tokio::spawn(connection);
        Ok(Self::Http2(sender, port))
    }

    /// Sends a request, and waits for the head of the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        body: String,
    ) -> Result<Response<Incoming>, Trouble> {
        let (Self::Http1(_, port) | Self::Http2(_, port)) = self;
        let host = format!("{NAME}:{port}");
        let mut request = Request::builder().method(method);
        request = match self {
            Self::Http1(..) => request.uri(path).header(HOST, host),
            Self::Http2(..) => request.uri(format!("https://{host}{path}")),
        };
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body)).unwrap();
        soon("asking", async {
            match self {
                Self::Http1(sender, _) => {
                    let mut sender = sender.lock().await;
                    sender
                        .ready()
                        .await
                        .map_err(|error| format!("no more requests: {error:?}"))?;
                    sender.send_request(request).await
                }
                Self::Http2(sender, _) => {
                    let mut sender = sender.clone();
                    sender
                        .ready()
                        .await
                        .map_err(|error| format!("no more requests: {error:?}"))?;
                    sender.send_request(request).await
                }
            }
            .map_err(|error| format!("asking: {error:?}"))
        })
        .await
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn get(&self, path: &str) -> Result<Response<String>, Trouble> {
        whole(self.send(Method::GET, path, &[], String::new()).await?).await
    }

    /// Listens to what comes line by line.
    pub(crate) async fn lines(&self, path: &str) -> Result<Lines, Trouble> {
        let answer = self.send(Method::GET, path, &[], String::new()).await?;
        if answer.status() != 200 {
            return Err(format!("{}", answer.status()));
        }
        Ok(Lines {
            body: answer.into_body(),
            read: Vec::new(),
        })
    }

    /// Takes the connection over.
    pub(crate) async fn socket(&self, path: &str) -> Result<Socket, Trouble> {
        let fields = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let answer = self.send(Method::GET, path, &fields, String::new()).await?;
        if answer.status() != 101 {
            return Err(format!("{}", answer.status()));
        }
        let upgraded = soon("upgrading", async {
            hyper::upgrade::on(answer)
                .await
                .map_err(|error| error.to_string())
        });
        Ok(Socket(TokioIo::new(upgraded.await?)))
    }
}

async fn shake(
    stream: TcpStream,
    config: &Arc<ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Trouble> {
    let name = ServerName::try_from(NAME).unwrap();
    let shaken = TlsConnector::from(Arc::clone(config)).connect(name, stream);
    shaken
        .await
        .map_err(|error| format!("shaking hands: {error}"))
}

/// Reads an answer to its end.
pub(crate) async fn whole(answer: Response<Incoming>) -> Result<Response<String>, Trouble> {
    let (head, body) = answer.into_parts();
    let body = soon("reading", async {
        body.collect()
            .await
            .map_err(|error| format!("reading: {error:?}"))
    });
    let body = String::from_utf8_lossy(&body.await?.to_bytes()).into_owned();
    Ok(Response::from_parts(head, body))
}

/// An answer that comes line by line.
pub(crate) struct Lines {
    body: Incoming,
    read: Vec<u8>,
}

impl Lines {
    /// The next line; nothing after an end that is one. A stream that is cut is an error.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, Trouble> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..end]).into()));
            }
            let frame = soon("listening", async { Ok(self.body.frame().await) }).await?;
            match frame {
                None if self.read.is_empty() => return Ok(None),
                None => return Err("it ends within a line".into()),
                Some(Err(error)) => return Err(format!("cut: {error:?}")),
                Some(Ok(frame)) => self.read.extend(frame.data_ref().into_iter().flatten()),
            }
        }
    }
}

/// A connection that was taken over.
pub(crate) struct Socket(TokioIo<hyper::upgrade::Upgraded>);

impl Socket {
    /// Sends something, and waits until it is back.
    pub(crate) async fn echo(&mut self, text: &str) -> Result<(), Trouble> {
        let mut back = vec![0; text.len()];
        soon("echoing", async {
            self.0
                .write_all(text.as_bytes())
                .await
                .map_err(|error| format!("sending: {error}"))?;
            self.0
                .flush()
                .await
                .map_err(|error| format!("sending: {error}"))?;
            self.0
                .read_exact(&mut back)
                .await
                .map_err(|error| format!("receiving: {error}"))
        })
        .await?;
        if back == text.as_bytes() {
            return Ok(());
        }
        Err(format!(
            "{text} comes back as {}",
            String::from_utf8_lossy(&back)
        ))
    }
}

async fn soon<T>(
    what: &str,
    doing: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let patience: Duration = PATIENCE;
    match tokio::time::timeout(patience, doing).await {
        Ok(done) => done,
        Err(_) => Err(format!("{what} takes more than {patience:?}")),
    }
}
