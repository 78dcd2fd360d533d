//! Asks the admin endpoint of a server that runs.

use std::fmt;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use caddis_ir::Config;
use caddis_server::ListenAddress;
use http::header::{HOST, ORIGIN};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

pub(crate) use http::Method;

use crate::report::Failure;
use crate::variables::Variables;

/// Where a server listens for its admin, if nothing says otherwise.
const DEFAULT: &str = "localhost:2019";
/// How long it may take until somebody is there.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take until the answer is there: a load may wait for certificates.
const ANSWER: Duration = Duration::from_mins(10);
/// The most bytes of an answer.
const MOST: usize = 16 << 20;

/// An admin endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// As it was written.
    text: String,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

/// What the endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// All of the body.
    pub(crate) body: Bytes,
}

impl Endpoint {
    /// The one that is named, else that of the config, else that of the environment.
    pub(crate) fn of(
        address: Option<&str>,
        config: Option<&Config>,
        variables: &Variables,
    ) -> Result<Self, Failure> {
        let given = |text: &&str| !text.is_empty();
        if let Some(address) = address.filter(given) {
            return Self::parse(address, "the address");
        }
        let admin = config.and_then(|config| config.admin.as_ref());
        if let Some(listen) = admin.map(|admin| admin.listen.as_str()).filter(given) {
            return Self::parse(listen, "the admin address of the config");
        }
        let variable = variables.get("CADDY_ADMIN");
        match variable.as_deref().filter(given) {
            Some(address) => Self::parse(address, "the admin address in `CADDY_ADMIN`"),
            None => Self::parse(DEFAULT, "the admin address"),
        }
    }

    fn parse(text: &str, what: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::message(format!("{what} cannot be asked: `{text}`: {why}"))
                .help("write `localhost:2019`, or `unix/` and the path of a socket")
        };
        let place = match ListenAddress::parse(text).map_err(|error| wrong(&error.message))? {
            ListenAddress::Tcp { ports, .. } if ports.start() != ports.end() => {
                return Err(wrong("it has more than one port"));
            }
            ListenAddress::Tcp { ports, .. } if *ports.start() == 0 => {
                return Err(wrong("it has no port"));
            }
            ListenAddress::Tcp { host, ports, .. } => Place::Tcp {
                host: if host.is_empty() {
                    "localhost".into()
                } else {
                    host
                },
                port: *ports.start(),
            },
            ListenAddress::Unix { path, .. } => Place::Unix(path),
        };
        Ok(Self {
            text: text.into(),
            place,
        })
    }

    /// Asks, and waits for the whole answer.
    pub(crate) fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Answer, Failure> {
        let request = self.request(method, path, headers, body)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::message(format!("asking {self}: {error}")))?;
        runtime.block_on(async {
            match &self.place {
                Place::Tcp { host, port } => {
                    let connecting = TcpStream::connect((host.as_str(), *port));
                    let connected = timeout(CONNECT, connecting).await;
                    let stream = connected.map_err(io::Error::from).and_then(|opened| opened);
                    self.exchange(stream.map_err(|error| self.absent(&error))?, request)
                        .await
                }
                Place::Unix(path) => {
                    let stream = connect(path).map_err(|error| self.absent(&error))?;
                    self.exchange(stream, request).await
                }
            }
        })
    }

    /// The endpoint refuses hosts that it does not know, and asks of what origin a browser is; as Caddy, we say both.
    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<http::Request<Full<Bytes>>, Failure> {
        let mut request = http::Request::builder().method(method).uri(path);
        request = match &self.place {
            Place::Tcp { host, port } => {
                let host = if host.contains(':') {
                    format!("[{host}]:{port}")
                } else {
                    format!("{host}:{port}")
                };
                (request.header(ORIGIN, format!("http://{host}"))).header(HOST, host)
            }
            Place::Unix(_) => request.header(HOST, "127.0.0.1"),
        };
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        request
            .body(Full::new(body.into()))
            .map_err(|error| Failure::message(format!("asking {self}: {error}")))
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        request: http::Request<Full<Bytes>>,
    ) -> Result<Answer, Failure> {
        let asked = timeout(ANSWER, exchange(stream, request)).await;
        asked
            .unwrap_or_else(|_| Err("there was no answer in time".into()))
            .map_err(|why| Failure::message(format!("asking {self}: {why}")))
    }

    fn absent(&self, error: &io::Error) -> Failure {
        Failure::message(format!("no server answers at {self}: {error}")).help(
            "start one, or say with `--address` where its admin endpoint is; with `admin off` it has none",
        )
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)
    }
}

impl Answer {
    /// True if what was asked for was done.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Why it was not done, in the words of the server.
    pub(crate) fn refusal(&self, endpoint: &Endpoint) -> Failure {
        let json = self.json();
        let words = match json.get("error").and_then(Value::as_str) {
            Some(error) => error.to_owned(),
            None => String::from_utf8_lossy(&self.body).trim().to_owned(),
        };
        let message = format!("the server at {endpoint} answers {}: {words}", self.status);
        let failure = Failure::message(message);
        if self.status == http::StatusCode::FORBIDDEN.as_u16() {
            return failure.help("its global option `admin` says with `origins` who may ask");
        }
        failure
    }
}

/// Sends a request and reads the answer to its end.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: http::Request<Full<Bytes>>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MOST).collect().await?;
    // What there is to know of the connection was in the answer.
    connection.abort();
    Ok(Answer {
        status,
        body: body.to_bytes(),
    })
}

/// Connects to a unix socket; one whose name begins with `@` has no file.
fn connect(path: &Path) -> io::Result<UnixStream> {
    let name = path.as_os_str().as_encoded_bytes();
    let address = match name.strip_prefix(b"@") {
        Some(name) => net::SocketAddr::from_abstract_name(name)?,
        None => net::SocketAddr::from_pathname(path)?,
    };
    let stream = net::UnixStream::connect_addr(&address)?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

#[cfg(test)]
impl Answer {
    /// An answer for tests.
    pub(crate) fn of(status: u16, body: &'static str) -> Self {
        Self {
            status,
            body: Bytes::from_static(body.as_bytes()),
        }
    }
}

#[cfg(test)]
#[path = "admin_client_tests.rs"]
mod tests;
