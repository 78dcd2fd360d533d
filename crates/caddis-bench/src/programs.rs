//! The programs that are compared: found, built or fetched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::args::{Args, Peer};
use crate::{Failure, report};

/// A program that serves.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Its file, or its name on the path.
    pub(crate) file: PathBuf,
    /// What it says of its version.
    pub(crate) version: String,
    /// How it is told what to do.
    pub(crate) kind: Kind,
}

/// Whose configuration a program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A Caddyfile.
    Caddy,
    /// That of nginx.
    Nginx,
    /// That of HAProxy.
    Haproxy,
}

/// Finds what the command line asks for. The first one is what the others are compared with.
pub(crate) fn find(args: &Args) -> Result<Vec<Program>, Failure> {
    let caddis = match &args.caddis {
        Some(file) => file.clone(),
        None => build()?,
    };
    let mut programs = vec![caddy("caddis", caddis)?];
    if let Some(file) = &args.before {
        programs.push(caddy("before", file.clone())?);
    }
    if args.has(Peer::Caddy) {
        let file = match &args.caddy {
            Some(file) => file.clone(),
            None => fetched()?,
        };
        programs.push(caddy("Caddy", file)?);
    }
    if args.has(Peer::Nginx) {
        let version = version(&args.nginx, "nginx-light")?;
        programs.push(Program {
            name: "nginx",
            file: args.nginx.clone(),
            version: version.replace("nginx version: nginx/", ""),
            kind: Kind::Nginx,
        });
    }
    if args.has(Peer::Haproxy) {
        let version = version(&args.haproxy, "haproxy")?;
        let version = version.strip_prefix("HAProxy version ").unwrap_or(&version);
        programs.push(Program {
            name: "HAProxy",
            file: args.haproxy.clone(),
            version: version.split(['-', ' ']).next().unwrap_or_default().into(),
            kind: Kind::Haproxy,
        });
    }
    Ok(programs)
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn caddy(name: &'static str, file: PathBuf) -> Result<Program, Failure> {
    let version = output(Command::new(&file).arg("version"))?;
    let version = version.split(' ').next().unwrap_or_default();
    Ok(Program {
        name,
        file,
        version: version.trim_start_matches('v').to_owned(),
        kind: Kind::Caddy,
    })
}

fn fetched() -> Result<PathBuf, Failure> {
    let mut get = Command::new(root().join(".ci/get-caddy"));
    Ok(output(get.arg(root().join("target/caddy")))?.into())
}

/// What a program of Debian's says of itself, or which package is missing.
fn version(file: &Path, package: &str) -> Result<String, Failure> {
    let found = output(Command::new(file).arg("-v"));
    found.map_err(|error| {
        format!("{error}; it is in Debian's package `{package}`, and `--peers` chooses others")
            .into()
    })
}

/// Builds caddis as users get it.
fn build() -> Result<PathBuf, Failure> {
    report::progress("building caddis");
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--package", "caddis"])
        .current_dir(root())
        .status()?;
    if !status.success() {
        return Err("caddis could not be built".into());
    }
    Ok(root().join("target/release/caddis"))
}

/// What a command prints; nginx prints its version as if it were an error.
fn output(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    if !output.status.success() {
        return Err(format!("`{program}`: {}", String::from_utf8_lossy(&text)).into());
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}
