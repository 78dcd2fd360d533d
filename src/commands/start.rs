//! `caddis start`: serve a config in the background.

use std::ffi::OsString;
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};

use clap::ValueEnum;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::background::{CONFIRMATION, is_file};
use crate::cli_server::StartArgs;
use crate::report::{Failure, Io, Outcome};

/// Starts `run` in a process of its own, and waits until it serves or has failed.
///
/// Until then what it prints is seen here; after that it has let go of the terminal, so that nobody who reads our
/// output waits for its end.
pub(crate) fn run(args: &StartArgs, io: &Io) -> Result<Outcome, Failure> {
    if args.config.config.as_deref() == Some("-") {
        let message = "a server in the background cannot read its config from standard input";
        return Err(Failure::message(message).help(format!(
            "name a file with `--config`, or write `{} run --config -`",
            io.name
        )));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| starting(&error))?;
    let process = runtime.block_on(started(args, io))?;
    io.print(&format!(
        "Started: the server runs in the background (pid={process}); `{} stop` ends it\n",
        io.name
    ))?;
    if !is_file(io::stderr()) {
        io.say("What it logs to standard error is not kept: the global option `log` names a file, or write `2>FILE`\n");
    }
    Ok(Outcome::SUCCESS)
}

/// The number of the process that serves.
async fn started(args: &StartArgs, io: &Io) -> Result<u32, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(|error| starting(&error))?;
    let address = listener.local_addr().map_err(|error| starting(&error))?;
    let secret: [u8; CONFIRMATION] = rand::random();
    let mut server = spawn(args, io, &address.to_string(), &secret)
        .await
        .map_err(|error| starting(&error))?;
    let process = server.id().unwrap_or_default();
    tokio::select! {
        confirmed = confirmed(&listener, &secret) => match confirmed {
            Ok(()) => Ok(process),
            Err(error) => Err(starting(&error)),
        },
        ended = server.wait() => match ended {
            Ok(status) => Err(Failure::message(format!("the server did not start: {}", ending(status)))),
            Err(error) => Err(starting(&error)),
        },
    }
}

async fn spawn(args: &StartArgs, io: &Io, address: &str, secret: &[u8]) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let mut server = command
        .args(words(args, io, address))
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = server.stdin.take() {
        // One that has ended already says so itself.
        stdin.write_all(secret).await.ok();
    }
    Ok(server)
}

/// The command line of the server.
fn words(args: &StartArgs, io: &Io, address: &str) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["run", "--detached", "--pingback", address]
        .map(OsString::from)
        .into();
    let mut add = |flag: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        words.push(flag.into());
        words.push(value.as_ref().into());
    };
    if let Some(form) = io.form.to_possible_value() {
        add("--diagnostics", &form.get_name());
    }
    if let Some(config) = &args.config.config {
        add("--config", config);
    }
    if let Some(adapter) = &args.config.adapter {
        add("--adapter", adapter);
    }
    for file in &args.config.envfiles.files {
        add("--envfile", file);
    }
    if let Some(file) = &args.pidfile {
        add("--pidfile", file);
    }
    if args.watch {
        words.push("--watch".into());
    }
    words
}

/// Waits for somebody who knows the secret.
async fn confirmed(listener: &TcpListener, secret: &[u8]) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut said = [0; CONFIRMATION];
        if stream.read_exact(&mut said).await.is_ok() && said == secret {
            return Ok(());
        }
    }
}

fn starting(error: &io::Error) -> Failure {
    Failure::message(format!("starting the server: {error}"))
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with exit code {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it ended".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{ConfigArgs, EnvironArgs, Form};
    use crate::name::Name;

    #[test]
    fn the_flags_are_handed_on_to_the_server() {
        let args = StartArgs {
            config: ConfigArgs {
                config: Some("a.json".into()),
                adapter: Some("caddyfile".into()),
                envfiles: EnvironArgs {
                    files: vec!["one".into(), "two".into()],
                },
            },
            watch: true,
            pidfile: Some("pid".into()),
            ..StartArgs::default()
        };
        let words = words(&args, &Io::new(Form::Concise, Name::Caddis), "127.0.0.1:1");
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        assert_eq!(
            words.join(" "),
            "run --detached --pingback 127.0.0.1:1 --diagnostics concise --config a.json \
             --adapter caddyfile --envfile one --envfile two --pidfile pid --watch"
        );
    }

    #[test]
    fn a_config_on_standard_input_is_refused() {
        let args = StartArgs {
            config: ConfigArgs {
                config: Some("-".into()),
                ..ConfigArgs::default()
            },
            ..StartArgs::default()
        };
        let refused = run(&args, &Io::new(Form::Full, Name::Caddy)).unwrap_err();
        assert!(refused.text().contains("`caddy run --config -`"));
    }
}
