//! Clients that mean no harm.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::header::HOST;
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::command::Trouble;
use super::target::Address;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    Tls,
    Http2,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Tls, Self::Http2];
}

/// A connection.
pub(super) enum Client {
    Http1(http1::SendRequest<Full<Bytes>>, String),
    Http2(http2::SendRequest<Full<Bytes>>, String),
}

impl Client {
    /// Connects, and shakes hands.
    pub(super) async fn connect(address: &Address, way: Way) -> Result<Self, Trouble> {
        match way {
            Way::Plain => {
                let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, address.plain)).await?;
                Self::http1(stream, address.plain).await
            }
            Way::Tls => {
                let stream = shake(address, way).await?;
                Self::http1(stream, address.tls).await
            }
            Way::Http2 => {
                let io = TokioIo::new(shake(address, way).await?);
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                Ok(Self::Http2(sender, format!("localhost:{}", address.tls)))
            }
        }
    }

    /// The same from another address of this machine.
    pub(super) async fn connect_from(from: Ipv4Addr, address: &Address) -> Result<Self, Trouble> {
        Self::http1(stream_from(from, address.plain).await?, address.plain).await
    }

    async fn http1(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        port: u16,
    ) -> Result<Self, Trouble> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(Self::Http1(sender, format!("localhost:{port}")))
    }

    /// Sends a request, and waits for the head of the answer.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Incoming>, Trouble> {
        let mut request = Request::builder().method(method);
        request = match self {
            Self::Http1(_, host) => request.uri(path).header(HOST, &*host),
            Self::Http2(_, host) => request.uri(Uri::try_from(format!("https://{host}{path}"))?),
        };
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body))?;
        match self {
            Self::Http1(sender, _) => {
                sender.ready().await?;
                Ok(sender.send_request(request).await?)
            }
            Self::Http2(sender, _) => {
                sender.ready().await?;
                Ok(sender.send_request(request).await?)
            }
        }
    }

    /// Asks for a path, and says the status and the body.
    pub(super) async fn get(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<(u16, Bytes), Trouble> {
        let answer = self.send(Method::GET, path, fields, Bytes::new()).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// A connection without a word, from an address of this machine.
pub(super) async fn stream_from(from: Ipv4Addr, port: u16) -> Result<TcpStream, Trouble> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn shake(
    address: &Address,
    way: Way,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Trouble> {
    let config = match way {
        Way::Plain | Way::Tls => &address.http1,
        Way::Http2 => &address.http2,
    };
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, address.tls)).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from("localhost")?;
    let connector = TlsConnector::from(config.clone());
    Ok(connector.connect(name, stream).await?)
}
