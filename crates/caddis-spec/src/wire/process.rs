//! The server's process: started in a folder of its own, watched, and ended.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// How long a server may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// A running server.
pub(super) struct Process {
    child: Child,
    output: Arc<Mutex<Vec<String>>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Process {
    /// Starts a server on a Caddyfile, with the folder as its working directory and the other as its home.
    pub(super) fn start(
        program: &OsStr,
        config: &Path,
        home: &Path,
        env: &[(String, String)],
    ) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(config)
            .current_dir(config.parent().unwrap_or(Path::new("/")))
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let output = Arc::<Mutex<Vec<String>>>::default();
        let stderr = child.stderr.take();
        let lines = Arc::clone(&output);
        let reader = tokio::spawn(async move {
            if let Some(stderr) = stderr {
                read(stderr, &lines).await;
            }
        });
        Ok(Self {
            child,
            output,
            reader,
        })
    }

    /// Whether the server has ended.
    pub(super) async fn ended(&mut self) -> bool {
        let ended = matches!(self.child.try_wait(), Ok(Some(_)) | Err(_));
        if ended {
            // What it said last is in the pipe still.
            let _ = tokio::time::timeout(STOP_LIMIT, &mut self.reader).await;
        }
        ended
    }

    /// The lines that the server wrote.
    pub(super) fn lines(&self) -> Vec<String> {
        let output = self.output.lock();
        output.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the server: gracefully, so that it leaves no locks in its home, but not for ever.
    pub(super) async fn stop(mut self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(STOP_LIMIT, self.child.wait())
            .await
            .is_err()
        {
            // Nothing is left to be done about a process that cannot be killed.
            let _ = self.child.kill().await;
        }
    }
}

async fn read(stderr: impl AsyncRead + Unpin, lines: &Mutex<Vec<String>>) {
    let mut stderr = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = stderr.next_line().await {
        lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}
