//! A server in a process of its own, with a folder for its config and one for its data.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderName;
use http::header::{SERVER, VIA};
use serde_json::Value;
use tempfile::TempDir;

use super::connect;
use super::listeners::Listeners;
use super::ports::Ports;
use super::process::Process;
use crate::{Answer, Heard, Problem, Sent, Subject, Task, World};

/// How long a server may take until it accepts connections, and how often to look.
const START_LIMIT: Duration = Duration::from_secs(20);
const START_PAUSE: Duration = Duration::from_millis(10);
/// Another process may take a port between finding it free and using it.
const TRIES: usize = 3;

/// Fields in which a server gives its own name; scripts have ours.
const NAMED: [HeaderName; 2] = [SERVER, VIA];

/// A running server and all that belongs to it.
pub(super) struct Server {
    process: Process,
    ports: Ports,
    listeners: Listeners,
    folder: TempDir,
}

/// Starts a server and waits until it accepts connections.
pub(super) async fn start(program: &OsStr, world: &World) -> Result<Server, Problem> {
    let mut tries = 1;
    loop {
        match try_start(program, world).await {
            Err(Problem::Config(why))
                if tries < TRIES && why.contains("address already in use") =>
            {
                tries += 1;
            }
            started => return started,
        }
    }
}

async fn try_start(program: &OsStr, world: &World) -> Result<Server, Problem> {
    let failed = |error: std::io::Error| Problem::Failed(error.to_string());
    let listeners = Listeners::open(&world.stubs).await.map_err(failed)?;
    let ports = Ports::choose(world, listeners.ports()).map_err(failed)?;
    let folder = tempfile::tempdir().map_err(failed)?;
    let config = lay_out(folder.path(), world, &ports).map_err(failed)?;
    let env: Vec<_> = world
        .env
        .iter()
        .map(|(name, value)| (name.clone(), ports.text(value)))
        .collect();
    let home = folder.path().join("home");
    let process = Process::start(program, &config, &home, &env).map_err(|error| {
        let program = program.display();
        Problem::Failed(format!("`{program}` cannot be started: {error}"))
    })?;
    let mut server = Server {
        process,
        ports,
        listeners,
        folder,
    };
    match server.wait(world).await {
        Ok(()) => Ok(server),
        Err(problem) => {
            server.process.stop().await;
            Err(problem)
        }
    }
}

/// Writes the config and its files into a folder, beside links to what stands beside the config now.
fn lay_out(folder: &Path, world: &World, ports: &Ports) -> std::io::Result<PathBuf> {
    let place = folder.join("config");
    std::fs::create_dir_all(&place)?;
    std::fs::create_dir_all(folder.join("home"))?;
    let around = if world.folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &world.folder
    };
    for entry in std::fs::canonicalize(around)?.read_dir()? {
        let entry = entry?;
        std::os::unix::fs::symlink(entry.path(), place.join(entry.file_name()))?;
    }
    let mut files = world.files.clone();
    files.push(("Caddyfile".into(), ports.config(world)));
    for (name, text) in files {
        let path = place.join(name);
        if path.is_symlink() {
            std::fs::remove_file(&path)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(place.join("Caddyfile"))
}

impl Server {
    /// Waits until the server takes connections on every port that the case asks for, with a certificate if need be.
    async fn wait(&mut self, world: &World) -> Result<(), Problem> {
        let began = tokio::time::Instant::now();
        for url in &world.urls {
            loop {
                if self.process.ended().await {
                    return Err(Problem::Config(self.process.lines().join("\n")));
                }
                match self.is_ready(url).await {
                    Ok(()) => break,
                    Err(error) if began.elapsed() > START_LIMIT => {
                        let lines = self.process.lines().join("\n");
                        return Err(Problem::Failed(format!("{url}: {error}\n{lines}")));
                    }
                    Err(_) => tokio::time::sleep(START_PAUSE).await,
                }
            }
        }
        Ok(())
    }

    async fn is_ready(&self, url: &http::Uri) -> Result<(), connect::Error> {
        let stream = connect::connect(None, self.ports.of(url)).await?;
        if url.scheme_str() == Some("https") {
            let protocol = crate::spec::Protocol::H1;
            connect::handshake(stream, url, protocol, &self.roots()).await?;
        }
        Ok(())
    }

    /// The root of the server's own authority.
    fn roots(&self) -> PathBuf {
        let data = self.folder.path().join("home/data/caddy");
        data.join("pki/authorities/local/root.crt")
    }
}

impl Subject for Server {
    fn prepare(&mut self) -> Task<'_, Result<(), Problem>> {
        Box::pin(async {
            let prepared = self.listeners.prepare().await;
            prepared.map_err(|error| Problem::Failed(error.to_string()))
        })
    }

    fn answer<'a>(&'a self, sent: &'a Sent, heard: &'a Heard) -> Task<'a, Result<Answer, Problem>> {
        Box::pin(async move {
            if let Some(peer) = sent.peer.filter(|peer| !is_ours(*peer)) {
                let why = format!("no request can be sent from {peer} over loopback");
                return Err(Problem::Skip(why));
            }
            let port = self.ports.of(&sent.url);
            let answer = connect::send(sent, port, &self.roots(), heard).await;
            answer.map_err(|error| Problem::Failed(error.to_string()))
        })
    }

    fn log(&self) -> Vec<Value> {
        let lines = self.process.lines().into_iter();
        lines
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect()
    }

    fn output(&self) -> String {
        self.process.lines().join("\n")
    }

    fn as_written(&self, field: Option<&HeaderName>, text: &str) -> String {
        let text = self.ports.heard(text);
        match field {
            Some(field) if NAMED.contains(field) => text.replace("Caddy", "caddis"),
            _ => text,
        }
    }

    fn stop(self: Box<Self>) -> Task<'static, ()> {
        Box::pin(async move { self.process.stop().await })
    }
}

/// Whether this machine can send from an address: all of 127.0.0.0/8 is its own.
fn is_ours(peer: std::net::IpAddr) -> bool {
    peer.is_loopback() && peer.is_ipv4()
}
