//! Runs cases on the server's own tree: no port, no process, upstreams in memory.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use caddis_server::{
    App, BuildError, Connection, Dial, Environment, KeptLog, ListenAddress, Request, ServerTree,
    Stream, Target, TlsConnection,
};
use caddis_source::{Code, Diagnostic, render};
use caddis_spec::spec::Protocol;
use caddis_spec::{Answer, Heard, Problem, Sent, Start, Stubs, Subject, Task, World, talk};
use serde_json::Value;

use super::captured_log::CapturedLog;
use super::config::{self, Around};

const CANNOT_BE_SERVED: Code = Code("config/cannot-be-served");
/// The port of every client.
const CLIENT_PORT: u16 = 50_000;

/// Builds a server of its own for every case.
pub(super) struct InProcess;

impl Start for InProcess {
    fn paused(&self) -> bool {
        true
    }

    fn start(&self, world: World) -> Task<'_, Result<Box<dyn Subject>, Problem>> {
        Box::pin(std::future::ready(
            build(&world).map(|server| Box::new(server) as Box<dyn Subject>),
        ))
    }
}

/// A server that was built and never listens.
struct Server {
    app: Arc<App>,
    log: CapturedLog,
    access_log: KeptLog,
}

fn build(world: &World) -> Result<Server, Problem> {
    let log = CapturedLog::begin();
    let variables: HashMap<_, _> = world.env.iter().cloned().collect();
    let variable = move |name: &str| variables.get(name).cloned();
    let around = Around {
        name: &world.name,
        folder: &world.folder,
        files: &world.files,
    };
    let (config, origins, sources) =
        config::read(&world.config, &around, &variable).map_err(Problem::Config)?;
    let environment = Environment {
        place: None,
        variable: Arc::new(variable),
        dial: Arc::new(InMemory(Arc::clone(&world.stubs))),
        // Nothing is written there: no certificate is made in process.
        data_dir: PathBuf::from("caddis-test"),
        passwords: None,
        shutdown: Arc::default(),
        mapped: Arc::default(),
        workers: 1,
    };
    let mut app = caddis_server::build_in_process(&config, &environment).map_err(|errors| {
        let found: Vec<_> = errors
            .into_iter()
            .map(|error| finding(error, &origins))
            .collect();
        Problem::Config(render::concise(&found, &sources).trim_end().to_owned())
    })?;
    let access_log = KeptLog::of(&mut app);
    Ok(Server {
        app: Arc::new(app),
        log,
        access_log,
    })
}

fn finding(error: BuildError, origins: &caddis_adapt::Origins) -> Diagnostic {
    let diagnostic = match origins.span(&error.path) {
        Some(span) => Diagnostic::error(CANNOT_BE_SERVED, span, error.message),
        None => Diagnostic::error_without_place(CANNOT_BE_SERVED, error.message),
    };
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Connects the server with the stand-ins of its upstreams.
struct InMemory(Arc<Stubs>);

impl Dial for InMemory {
    fn dial<'a>(
        &'a self,
        target: &'a Target,
    ) -> Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>> {
        let stream = self.0.dial(&target.to_string());
        let stream = stream.map(|stream| Box::new(stream) as Box<dyn Stream>);
        Box::pin(std::future::ready(stream))
    }
}

impl Subject for Server {
    fn prepare(&mut self) -> Task<'_, Result<(), Problem>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn answer<'a>(&'a self, sent: &'a Sent, heard: &'a Heard) -> Task<'a, Result<Answer, Problem>> {
        Box::pin(async move {
            let name = self.choose(sent)?;
            let app = Arc::clone(&self.app);
            let connection = Arc::new(connection(sent));
            let answer = move |request: Request| {
                let (app, name) = (Arc::clone(&app), name.clone());
                let connection = Arc::clone(&connection);
                async move {
                    let found = tree(&app, &name).ok_or("no such server")?;
                    let answer = found.answer(connection, request).await;
                    answer.map_err(|_| "aborted")
                }
            };
            talk(answer, sent, heard).await
        })
    }

    fn log(&self) -> Vec<Value> {
        self.log.with(&self.access_log.lines())
    }

    fn output(&self) -> String {
        let lines = self.log();
        let lines = lines.iter().map(Value::to_string);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn stop(self: Box<Self>) -> Task<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl Server {
    /// The name of the server that listens where a URL points to.
    fn choose(&self, sent: &Sent) -> Result<String, Problem> {
        let port = port(sent);
        let tls = is_tls(sent);
        let listens = |server: &ServerTree| {
            let addresses = server
                .listen()
                .iter()
                .map(|address| ListenAddress::parse(address));
            let mut addresses = addresses.filter_map(Result::ok);
            addresses.any(|address| address.each_port().iter().any(|one| one.port() == port))
        };
        let mut there = self.app.servers().filter(|(_, server)| listens(server));
        let speaks = |server: &ServerTree| server.is_tls() == tls;
        let found = there.find(|(_, server)| speaks(server));
        found
            .map(|(name, _)| name.to_owned())
            .ok_or_else(|| Problem::Failed(format!("no server listens for {}", sent.url)))
    }
}

fn tree<'a>(app: &'a App, name: &str) -> Option<&'a ServerTree> {
    let found = app.servers().find(|(other, _)| *other == name);
    found.map(|(_, server)| server)
}

fn is_tls(sent: &Sent) -> bool {
    sent.url.scheme_str() == Some("https")
}

fn port(sent: &Sent) -> u16 {
    let default = if is_tls(sent) { 443 } else { 80 };
    sent.url.port_u16().unwrap_or(default)
}

/// What the listener would know of the connection.
fn connection(sent: &Sent) -> Connection {
    let peer = sent.peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let tls = is_tls(sent).then(|| TlsConnection {
        server_name: sent.url.host().unwrap_or_default().to_owned(),
        alpn: match sent.protocol {
            Protocol::H1 => "http/1.1".into(),
            Protocol::H2 => "h2".into(),
        },
        version: "tls1.3",
        cipher_suite: "TLS_AES_128_GCM_SHA256".into(),
        resumed: false,
        client_certificate: None,
    });
    Connection {
        peer: SocketAddr::new(peer, CLIENT_PORT),
        local: SocketAddr::from((Ipv4Addr::LOCALHOST, port(sent))),
        worker: 0,
        tls,
    }
}
