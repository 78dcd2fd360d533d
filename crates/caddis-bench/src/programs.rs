//! The programs that are compared: found, built or fetched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::args::Args;
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
    if args.alone {
        return Ok(programs);
    }
    let file = match &args.caddy {
        Some(file) => file.clone(),
        None => PathBuf::from(output(
            Command::new(root().join(".ci/get-caddy")).arg(root().join("target/caddy")),
        )?),
    };
    programs.push(caddy("Caddy", file)?);
    let file = args.nginx.clone();
    let version = output(Command::new(&file).arg("-v"))?;
    programs.push(Program {
        name: "nginx",
        file,
        version: version.replace("nginx version: nginx/", ""),
        kind: Kind::Nginx,
    });
    Ok(programs)
}

fn caddy(name: &'static str, file: PathBuf) -> Result<Program, Failure> {
    let version = output(Command::new(&file).arg("version"))?;
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    Ok(Program {
        name,
        file,
        version,
        kind: Kind::Caddy,
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

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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
