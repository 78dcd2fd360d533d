//! Runs servers: binds their addresses, starts the workers, and stops them again.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::access_log::AccessLogs;
use crate::listen::{
    Answer, BindError, Front, ListenAddress, Settings, Socket, Stop, Worker, bind,
};
use crate::log::{self, LogError, Logs};
use crate::shutdown::{Signals, Wish};
use crate::tls::{Managed, Storage, TlsServer};
use crate::{App, Connection, Request, Response, ServerTree};

const HTTP_PORT: u16 = 80;

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was asked to, and everything was finished or had its time.
    Clean,
    /// It was told to leave at once.
    Forced,
}

impl Exit {
    /// The exit code that Caddy has for it.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Forced => 2,
        }
    }
}

/// Why nothing is served.
#[derive(Debug)]
pub enum ServeError {
    /// An address cannot be listened on.
    Bind(BindError),
    /// The system does not give what a worker needs.
    System(io::Error),
    /// A log cannot be written.
    Log(String),
    /// A certificate cannot be had.
    Certificates(String),
    /// The app was built to be asked in process.
    InProcess,
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => error.fmt(f),
            Self::System(error) => write!(f, "starting the workers: {error}"),
            Self::Log(fault) => write!(f, "opening logs: {fault}"),
            Self::Certificates(fault) => write!(f, "getting certificates: {fault}"),
            Self::InProcess => f.write_str("the app was built to be asked in process only"),
        }
    }
}

impl std::error::Error for ServeError {}

impl From<BindError> for ServeError {
    fn from(error: BindError) -> Self {
        Self::Bind(error)
    }
}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// One address of one server.
pub(crate) struct Listener<A> {
    pub(crate) address: ListenAddress,
    pub(crate) tree: Arc<A>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) tls: Option<Arc<TlsServer>>,
}

/// Workers that run.
#[derive(Debug)]
pub(crate) struct Running {
    workers: Vec<JoinHandle<io::Result<()>>>,
    stop: watch::Sender<Stop>,
    /// Files of unix sockets, which nobody else takes away.
    files: Vec<PathBuf>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests listen on port 0 and ask for the real one")
    )]
    pub(crate) ports: Vec<u16>,
}

/// Binds every address, then starts the workers; nothing runs if one address is taken.
pub(crate) fn start<A: Answer>(
    listeners: Vec<Listener<A>>,
    workers: usize,
) -> Result<Running, ServeError> {
    let workers = workers.max(1);
    let mut fronts: Vec<Vec<Front<A>>> = (0..workers).map(|_| Vec::new()).collect();
    let mut ports = Vec::new();
    let mut files = Vec::new();
    for listener in listeners {
        files.extend(listener.address.file().map(Path::to_owned));
        for address in listener.address.each_port() {
            let sockets = bind(&address, workers)?;
            ports.extend(sockets.first().and_then(Socket::port));
            for (of_worker, socket) in fronts.iter_mut().zip(sockets) {
                of_worker.push(Front {
                    socket,
                    tree: Arc::clone(&listener.tree),
                    settings: Arc::clone(&listener.settings),
                    tls: listener.tls.clone(),
                });
            }
        }
    }
    let (stop, stopped) = watch::channel(Stop::No);
    let workers = (fronts.into_iter().enumerate())
        .map(|(index, fronts)| {
            let stop = stopped.clone();
            std::thread::Builder::new()
                .name(format!("worker {index}"))
                .spawn(move || {
                    Worker {
                        index,
                        fronts,
                        stop,
                    }
                    .run()
                })
        })
        .collect::<io::Result<_>>()?;
    Ok(Running {
        workers,
        stop,
        files,
        ports,
    })
}

impl Running {
    /// Tells the workers to stop.
    pub(crate) fn stop(&self, stop: Stop) {
        // A worker that has ended does not listen any more.
        self.stop.send_replace(stop);
    }

    /// True when all workers have ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.workers.iter().all(JoinHandle::is_finished)
    }

    /// Waits until all workers have ended.
    pub(crate) fn join(self) -> Result<(), ServeError> {
        let ended = (self.workers.into_iter()).map(|worker| {
            worker
                .join()
                .map_err(|_| io::Error::other("a worker panicked"))?
        });
        let ended: Vec<io::Result<()>> = ended.collect();
        for file in self.files {
            // One that is gone already is what was wanted.
            std::fs::remove_file(file).ok();
        }
        ended.into_iter().collect::<io::Result<()>>()?;
        Ok(())
    }
}

/// What is done around serving.
#[derive(Default)]
pub struct ServeOptions {
    /// Called when every address is listened on.
    pub ready: Option<Box<dyn FnOnce() + Send>>,
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions").finish_non_exhaustive()
    }
}

/// Serves a config until a signal ends it. Blocks.
pub fn serve(app: App, options: ServeOptions) -> Result<Exit, ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let grace = app
        .config()
        .apps
        .http
        .as_ref()
        .and_then(|http| http.grace_period);
    // Zero is no limit, as in Caddy.
    let grace = grace
        .filter(|grace| grace.0 > 0)
        .map(caddis_ir::Duration::to_std);
    let refused = |error: LogError| ServeError::Log(error.to_string());
    let variable = &app.environment().variable;
    let current = log::Current::install(variable).map_err(refused)?;
    let logs = current.open(app.config(), variable).map_err(refused)?;
    current.adopt(&logs);
    let exit = runtime.block_on(async {
        let signals = Signals::listen()?;
        let (running, managed) = begin(app, &logs)?;
        info!("serving initial configuration");
        if let Some(ready) = options.ready {
            ready();
        }
        tokio::select! {
            exit = until_signalled(running, signals, grace) => exit,
            () = renew(managed) => Ok(Exit::Clean),
        }
    });
    runtime.shutdown_background();
    current.flush();
    exit
}

/// Gets certificates, binds, and starts the workers.
pub(crate) fn begin(app: App, logs: &Logs) -> Result<(Running, Managed), ServeError> {
    let (config, environment, trees, prepared) = app.into_parts();
    let prepared = prepared.ok_or(ServeError::InProcess)?;
    let storage = Storage::of(&config, &environment.data_dir);
    let managed = Managed::obtain(&config, storage, prepared.subjects, prepared.certificates)
        .map_err(ServeError::Certificates)?;
    let http = config.apps.http.unwrap_or_default();
    let mut listeners = Vec::new();
    for (name, mut tree) in trees {
        let Some(server) = http.servers.get(&name) else {
            continue;
        };
        let settings = Arc::new(Settings::of(server));
        if let Some(rules) = &server.logs {
            let access = AccessLogs::new(rules.clone(), logs.clone());
            tree.set_access_log(Arc::new(access));
        }
        let tree = Arc::new(tree);
        let tls = prepared.tls.get(&name);
        if server.protocols.iter().any(|protocol| protocol == "h3") {
            warn!(target: "http", server = name, "HTTP/3 is not supported yet and left out");
        }
        info!(target: "http.log", name, protocols = settings.protocols().join(","), "server running");
        for text in &server.listen {
            let address = ListenAddress::parse(text).map_err(|error| {
                ServeError::System(io::Error::new(io::ErrorKind::InvalidInput, error.message))
            })?;
            // The HTTP port is never encrypted, as in Caddy.
            let plain = address.port() == http.http_port.unwrap_or(HTTP_PORT);
            listeners.push(Listener {
                address,
                tree: Arc::clone(&tree),
                settings: Arc::clone(&settings),
                tls: tls.filter(|_| !plain).cloned(),
            });
        }
    }
    let running = start(listeners, environment.workers)?;
    Ok((running, managed))
}

/// Keeps certificates fresh. Never ends.
async fn renew(mut managed: Managed) {
    loop {
        let next = managed.renew(OffsetDateTime::now_utc());
        tokio::time::sleep(next).await;
    }
}

impl Answer for ServerTree {
    async fn answer(&self, connection: Arc<Connection>, request: Request) -> Option<Response> {
        Self::answer(self, connection, request).await.ok()
    }
}

/// Serves until a signal ends it.
pub(crate) async fn until_signalled(
    running: Running,
    mut signals: Signals,
    grace: Option<Duration>,
) -> Result<Exit, ServeError> {
    /// How often it is looked whether the workers have ended.
    const LOOK: Duration = Duration::from_millis(10);
    let mut stopping = false;
    loop {
        let wish = tokio::select! {
            wish = signals.next() => wish,
            () = tokio::time::sleep(LOOK), if stopping || running.has_ended() => {
                if running.has_ended() {
                    running.join()?;
                    info!(exit_code = Exit::Clean.code(), "shutdown complete");
                    return Ok(Exit::Clean);
                }
                continue;
            }
        };
        match wish {
            Wish::Finish { signal } if !stopping => {
                info!(signal, "shutting down apps, then terminating");
                stopping = true;
                running.stop(Stop::Graceful(grace));
            }
            Wish::Finish { .. } => {}
            Wish::Quit { signal } => {
                warn!(signal, "quitting at once");
                running.stop(Stop::Now);
                return Ok(Exit::Forced);
            }
            Wish::Ignored { signal } => info!(signal, "signal ignored"),
        }
    }
}
