//! Serves a config until the end, and does what signals ask for.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tracing::{error, info, warn};

use crate::control::{Control, Current, Load, Source};
use crate::instance::{Instance, Notify};
use crate::listen::{Answer, BindError, Stop};
use crate::log::{self, LogError, Logs};
use crate::shutdown::{Signals, Wish};
use crate::{App, Connection, Places, Request, Response, ServerTree};

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
    /// What was to be done once it serves could not be done.
    Ready(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => error.fmt(f),
            Self::System(error) => write!(f, "starting the workers: {error}"),
            Self::Log(fault) => write!(f, "opening logs: {fault}"),
            Self::Certificates(fault) => write!(f, "getting certificates: {fault}"),
            Self::InProcess => f.write_str("the app was built to be asked in process only"),
            Self::Ready(fault) => f.write_str(fault),
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

/// How the server is, for the system's supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A config is being loaded.
    Reloading,
    /// A config is served.
    Ready,
    /// Something that a person wants to know.
    Status(String),
    /// The end has begun.
    Stopping,
}

/// Turns the text of a config into JSON.
pub trait Adapt: Send + Sync {
    /// Adapts a text in the language of an adapter.
    fn adapt(&self, adapter: &str, text: String) -> Result<AdaptedText, String>;
    /// Where the parts of a config stand in the file that it was read from, if the file still says this config.
    fn places(&self, source: &Source, json: &Value) -> Option<Places>;
}

/// A text as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptedText {
    /// Caddy's JSON.
    pub json: Value,
    /// What is worth a warning.
    pub warnings: Vec<AdaptWarning>,
}

/// What is worth a warning in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AdaptWarning {
    /// The file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line, from one.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: usize,
    /// The directive.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub directive: String,
    /// What is wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands it in like this"
)]
fn is_zero(line: &usize) -> bool {
    *line == 0
}

/// What is done around serving.
#[derive(Default)]
pub struct ServeOptions {
    /// Called when every address is listened on; if it fails, nothing is served.
    pub ready: Option<Ready>,
    /// Told how the server is.
    pub notify: Option<Arc<dyn Fn(Notice) + Send + Sync>>,
    /// Reads configs in other languages than JSON.
    pub adapt: Option<Arc<dyn Adapt>>,
    /// Reads the config's file again, for SIGUSR1 and to watch it.
    pub reread: Option<Reread>,
    /// Whether the file is looked at, and loaded when it has changed.
    pub watch: bool,
    /// Where the config is kept for another start.
    pub autosave: Option<PathBuf>,
}

/// What is done when every address is listened on.
pub type Ready = Box<dyn FnOnce() -> Result<(), String> + Send>;

/// Reads the config's file again.
pub type Reread = Arc<dyn Fn() -> Result<Load, String> + Send + Sync>;

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions").finish_non_exhaustive()
    }
}

/// Serves a config until a signal ends it. Blocks. `load` is what `app` was built from.
pub fn serve(app: App, load: Load, options: ServeOptions) -> Result<Exit, ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let refused = |error: LogError| ServeError::Log(error.to_string());
    let variable = &app.environment().variable;
    let current = log::Current::install(variable).map_err(refused)?;
    let logs = current.open(app.config(), variable).map_err(refused)?;
    current.adopt(&logs);
    let exit = runtime.block_on(begin(app, load, &current, logs, options));
    runtime.shutdown_background();
    current.flush();
    exit
}

async fn begin(
    app: App,
    load: Load,
    log: &log::Current,
    logs: Logs,
    options: ServeOptions,
) -> Result<Exit, ServeError> {
    let signals = Signals::listen()?;
    let notify = options.notify.unwrap_or_else(|| Arc::new(|_| {}));
    notify(Notice::Reloading);
    let mut instance = Instance::start(
        &app,
        log.clone(),
        Arc::clone(&notify),
        options.autosave,
        options.adapt,
    )?;
    let config = app.config().clone();
    let admin = instance.serve(app, logs).await?;
    instance.begun();
    instance.save(&config, &load.json);
    let current = Current {
        json: load.json,
        source: load.source,
    };
    let control = Control::new(instance, current);
    let mut turn = control.turn().await;
    turn.instance().admin().serve(admin, &control);
    drop(turn);
    info!("serving initial configuration");
    if let Some(ready) = options.ready {
        ready().map_err(ServeError::Ready)?;
    }
    notify(Notice::Ready);
    if let Some(reread) = options.reread.clone().filter(|_| options.watch) {
        tokio::spawn(watch(control.clone(), reread));
    }
    until_stopped(&control, signals, options.reread, &notify).await
}

impl Answer for ServerTree {
    async fn answer(&self, connection: Arc<Connection>, request: Request) -> Option<Response> {
        Self::answer(self, connection, request).await.ok()
    }
}

/// Serves until a signal or somebody at the admin endpoint ends it.
async fn until_stopped(
    control: &Control,
    mut signals: Signals,
    reread: Option<Reread>,
    notify: &Notify,
) -> Result<Exit, ServeError> {
    loop {
        let wish = tokio::select! {
            wish = signals.next() => wish,
            () = control.stopped() => Wish::Finish { signal: "stop" },
        };
        match wish {
            Wish::Finish { signal } => {
                info!(signal, "shutting down apps, then terminating");
                notify(Notice::Stopping);
                return finish(control, signals).await;
            }
            // What still runs ends with the process.
            Wish::Quit { signal } => return Ok(quit(signal)),
            // Apart from this loop: another signal may end the server meanwhile.
            Wish::Reload { signal } => {
                tokio::spawn(reload(control.clone(), reread.clone(), signal));
            }
            Wish::Ignored { signal } => info!(signal, "signal ignored"),
        }
    }
}

/// Lets requests end as long as they may.
async fn finish(control: &Control, mut signals: Signals) -> Result<Exit, ServeError> {
    /// How often it is looked whether the workers have ended.
    const LOOK: Duration = Duration::from_millis(10);
    let mut turn = tokio::select! {
        turn = control.turn() => turn,
        signal = told_to_quit(&mut signals) => return Ok(quit(signal)),
    };
    if let Some(delay) = turn.instance().begin_delay() {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            signal = told_to_quit(&mut signals) => return Ok(quit(signal)),
        }
    }
    let grace = turn.instance().grace();
    turn.instance().workers().stop(Stop::Graceful(grace));
    loop {
        tokio::select! {
            signal = told_to_quit(&mut signals) => return Ok(quit(signal)),
            () = tokio::time::sleep(LOOK) => if turn.instance().workers().have_ended() {
                turn.instance().workers().join()?;
                turn.instance().admin().finish().await;
                tokio::select! {
                    () = turn.instance().finish_spans() => {}
                    signal = told_to_quit(&mut signals) => return Ok(quit(signal)),
                }
                info!(exit_code = Exit::Clean.code(), "shutdown complete");
                return Ok(Exit::Clean);
            },
        }
    }
}

async fn told_to_quit(signals: &mut Signals) -> &'static str {
    loop {
        if let Wish::Quit { signal } = signals.next().await {
            return signal;
        }
    }
}

fn quit(signal: &str) -> Exit {
    warn!(signal, "quitting at once");
    Exit::Forced
}

/// Loads the file again that the config came from.
async fn reload(control: Control, reread: Option<Reread>, signal: &'static str) {
    let Some(reread) = reread else {
        warn!(
            signal,
            "the config did not come from a file: signal ignored"
        );
        return;
    };
    info!(signal, "loading the config's file again");
    let load = match reread() {
        Ok(load) => load,
        Err(error) => {
            error!(
                signal,
                error, "reading the config's file, the config before it goes on"
            );
            return;
        }
    };
    if load.source != control.current().source {
        warn!(
            signal,
            "the config that is served came from somewhere else: signal ignored"
        );
        return;
    }
    let load = Load {
        forced: true,
        ..load
    };
    if let Err(error) = control.load(load).await {
        error!(signal, %error, "loading the config's file, the config before it goes on");
    }
}

/// Loads the file when it has changed. Never ends.
async fn watch(control: Control, reread: Reread) {
    /// How often the file is looked at, as in Caddy.
    const LOOK: Duration = Duration::from_secs(1);
    let mut seen = Ok(control.current().json.clone());
    loop {
        tokio::time::sleep(LOOK).await;
        let read = reread();
        let now = match &read {
            Ok(load) => Ok(load.json.clone()),
            Err(error) => Err(error.clone()),
        };
        if now == seen {
            continue;
        }
        match read {
            Ok(load) => {
                info!("the config's file has changed, loading it");
                if let Err(error) = control.load(load).await {
                    error!(%error, "loading the config's file, the config before it goes on");
                }
            }
            Err(error) => error!(
                error,
                "reading the config's file, the config before it goes on"
            ),
        }
        seen = now;
    }
}
