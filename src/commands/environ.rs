//! `caddis environ`: the environment as the server sees it.

use std::fmt::Write as _;

use crate::cli::EnvironArgs;
use crate::report::{Failure, Io, Outcome};
use crate::variables::Variables;

/// Prints the environment.
pub(crate) fn run(args: &EnvironArgs, io: &Io) -> Result<Outcome, Failure> {
    let variables = Variables::read(&args.files)?;
    io.print(&text(&variables))?;
    Ok(Outcome::SUCCESS)
}

/// Folders and machine under the names that Caddy prints, an empty line, and the variables.
pub(crate) fn text(variables: &Variables) -> String {
    let config = variables.config_dir();
    let here = std::env::current_dir().unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let facts = [
        ("caddy.HomeDir", variables.home().display().to_string()),
        (
            "caddy.AppDataDir",
            variables.data_dir().display().to_string(),
        ),
        ("caddy.AppConfigDir", config.display().to_string()),
        (
            "caddy.ConfigAutosavePath",
            config.join("autosave.json").display().to_string(),
        ),
        ("caddy.Version", env!("CARGO_PKG_VERSION").into()),
        ("runtime.GOOS", std::env::consts::OS.into()),
        ("runtime.GOARCH", architecture().into()),
        ("runtime.Compiler", "rustc".into()),
        ("runtime.NumCPU", processors.to_string()),
        ("os.Getwd", here.display().to_string()),
    ];
    let mut text = String::new();
    for (name, value) in facts {
        let _ = writeln!(text, "{name}={value}");
    }
    text.push('\n');
    for (name, value) in variables.iter() {
        let _ = writeln!(text, "{name}={value}");
    }
    text
}

/// The name that Go has for the architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}
