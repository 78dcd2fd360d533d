//! The real Caddy, asked what is right.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::golden::root;
use crate::normalize;

/// What Caddy makes of a Caddyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The JSON, with its line end.
    Json(String),
    /// Why it is refused.
    Error(String),
}

/// How JSON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// On one line, as `caddy adapt` prints it.
    Compact,
    /// Indented, as `caddy adapt --pretty` prints it.
    Pretty,
}

/// A real Caddy.
#[derive(Clone, Debug)]
pub struct Oracle {
    binary: PathBuf,
}

impl Oracle {
    /// The Caddy of `$CADDY`, of `target/caddy`, or of the search path.
    pub fn find() -> Option<Self> {
        let named = std::env::var_os("CADDY").map(PathBuf::from);
        let fetched = root().join("target/caddy/usr/bin/caddy");
        let binary = named
            .or_else(|| fetched.exists().then_some(fetched))
            .unwrap_or_else(|| "caddy".into());
        let oracle = Self { binary };
        oracle.version().is_ok().then_some(oracle)
    }

    /// Its program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Its version.
    pub fn version(&self) -> io::Result<String> {
        let output = Command::new(&self.binary).arg("version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().into())
    }

    /// Its modules, as `list-modules` prints them.
    pub fn modules(&self) -> io::Result<Vec<String>> {
        let output = Command::new(&self.binary).arg("list-modules").output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let names = text.lines().take_while(|line| !line.is_empty());
        Ok(names.map(str::to_owned).collect())
    }

    /// Adapts a file, in its folder and with only the given variables.
    pub fn adapt(
        &self,
        path: &Path,
        environment: &[(&str, &str)],
        form: Form,
    ) -> io::Result<Answer> {
        let path = std::path::absolute(path)?;
        let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
        let output = Command::new(&self.binary)
            .args(["adapt", "--adapter", "caddyfile", "--config"])
            .arg(path.file_name().unwrap_or(path.as_os_str()))
            .args((form == Form::Pretty).then_some("--pretty"))
            .current_dir(&folder)
            .env_clear()
            .env("HOME", std::env::temp_dir())
            .envs(environment.iter().copied())
            .output()?;
        if output.status.success() {
            return Ok(Answer::Json(
                String::from_utf8_lossy(&output.stdout).into_owned(),
            ));
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let error = normalize::error(&stderr, &folder.display().to_string());
        Ok(Answer::Error(error))
    }
}
