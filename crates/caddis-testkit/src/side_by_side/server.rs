//! A server that was started for one case, and all that is seen of it.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::client;
use super::compare::Seen;
use super::handshake::Hello;
use super::php::Php;
use super::ports::Ports;
use super::upstream::Upstreams;
use super::{Case, Config, Exchange};

/// A server's program.
#[derive(Clone, Debug)]
pub struct Program(pub PathBuf);

/// How long a server may take to start, and to stop.
const LIMIT: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(10);
/// How long the real Caddy is waited for to have certificates, if it wants some.
const CERTIFICATES: Duration = Duration::from_secs(4);

/// Starts a program for a case, sends what the case says, and stops it.
pub fn see(program: &Program, case: &Case) -> Result<Seen, String> {
    let sent: Vec<_> = case.exchanges.iter().map(Exchange::ports).collect();
    let mut texts = vec![case.config.text()];
    texts.extend(sent.iter().map(String::as_str));
    let php = Php::config(case.files.as_deref());
    texts.extend(php.as_deref());
    let (ports, mut listeners) = Ports::choose(&texts).map_err(|error| error.to_string())?;
    listeners.retain(|(port, _)| {
        let is_its = |php: &String| php.contains(&format!(":{port}"));
        !php.as_ref().is_some_and(is_its)
    });
    let upstreams = Upstreams::default();
    upstreams.serve(listeners);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let site = folder.path().join("site");
    fs::create_dir(&site).map_err(|error| error.to_string())?;
    if let Some(files) = &case.files {
        copy(files, &site).map_err(|error| error.to_string())?;
    }
    let php = php.map(|config| Php::start(&site, &ports.fill(&config)));
    let _php = php.transpose().map_err(|error| error.to_string())?;
    let mut server = Server::start(program, case, &ports, folder.path())
        .map_err(|error| format!("{}: {error}", program.0.display()))?;
    let mut seen = Seen::default();
    let began = server.wait_until_it_listens(&ports);
    if began.is_ok() {
        let root = folder
            .path()
            .join("data/caddy/pki/authorities/local/root.crt");
        if case.exchanges.iter().any(|exchange| exchange.tls.is_some()) {
            wait_for_certificates(program, &folder.path().join("output"));
        }
        for exchange in &case.exchanges {
            std::thread::sleep(exchange.after);
            let bytes = exchange.filled(&ports);
            for _ in 0..exchange.times {
                let port = ports.free(exchange.port);
                let tls = exchange.tls.as_deref();
                let site = folder.path().join("site");
                let tls = tls.map(|name| (name, Hello::new(&exchange.handshake, &root, &site)));
                let heard = client::ask(port, tls, &bytes);
                seen.heard(exchange, &heard, &ports);
            }
        }
    }
    server.stop();
    let output = fs::read_to_string(folder.path().join("output")).unwrap_or_default();
    began.map_err(|error| format!("{}: {error}\n{output}", program.0.display()))?;
    seen.asked(&upstreams.asked(), &ports);
    seen.logged(&output, &ports);
    seen.log_files(&folder.path().join("site"), &ports);
    Ok(seen)
}

/// The real Caddy listens before it has its certificates. It may have no need of any.
fn wait_for_certificates(program: &Program, output: &Path) {
    if program.0.file_name().is_none_or(|name| name != "caddy") {
        return;
    }
    let began = Instant::now();
    let is_there = || {
        let output = fs::read_to_string(output).unwrap_or_default();
        output.contains("certificate obtained successfully")
    };
    while began.elapsed() < CERTIFICATES && !is_there() {
        std::thread::sleep(STEP);
    }
    // There may be more than one.
    std::thread::sleep(STEP * 20);
}

impl Exchange {
    /// The ports that it names.
    fn ports(&self) -> String {
        format!("{} {}", self.port, String::from_utf8_lossy(&self.bytes))
    }

    /// The bytes, with free ports in the head.
    fn filled(&self, ports: &Ports) -> Vec<u8> {
        let end = self.bytes.windows(4).position(|end| end == b"\r\n\r\n");
        let (head, rest) = self.bytes.split_at(end.unwrap_or(0));
        let Ok(head) = std::str::from_utf8(head) else {
            return self.bytes.clone();
        };
        let mut bytes = ports.fill(head).into_bytes();
        bytes.extend_from_slice(rest);
        bytes
    }
}

struct Server(Child);

impl Server {
    fn start(program: &Program, case: &Case, ports: &Ports, folder: &Path) -> io::Result<Self> {
        let site = folder.join("site");
        let name = match &case.config {
            Config::Caddyfile(_) => "Caddyfile",
            Config::Json(_) => "caddy.json",
        };
        let text = case.config.as_run()?;
        fs::write(folder.join(name), ports.fill(&text))?;
        let output = File::create(folder.join("output"))?;
        let child = Command::new(&program.0)
            .args(["run", "--config"])
            .arg(folder.join(name))
            .current_dir(&site)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("SIDE_BY_SIDE", "a value")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        Ok(Self(child))
    }

    fn wait_until_it_listens(&mut self, ports: &Ports) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Err(format!("ended with {status}"));
            }
            let mut sites = ports.sites().into_iter();
            let listens = sites.any(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
            if listens {
                // Its other ports are opened at the same time.
                std::thread::sleep(STEP * 5);
                return Ok(());
            }
            std::thread::sleep(STEP);
        }
        Err("does not listen".into())
    }

    fn stop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(STEP);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The Caddyfile, with options that keep the server to itself.
pub(crate) fn with_options(caddyfile: &str) -> String {
    let options = [
        ("admin", "admin off"),
        ("http_port", "http_port 8080"),
        ("https_port", "https_port 8443"),
        ("default_bind", "default_bind 127.0.0.1"),
        ("local_certs", "local_certs"),
        ("skip_install_trust", "skip_install_trust"),
    ];
    let has = |option: &str| caddyfile.split_whitespace().any(|word| word == option);
    // Caddy forgets `skip_install_trust` then, and its authority would get into what this machine trusts.
    let has_no_https = caddyfile.contains("auto_https off");
    let missing = options.iter().filter(|(option, _)| !has(option));
    let missing = missing.filter(|(option, _)| !(has_no_https && *option == "local_certs"));
    let missing: Vec<_> = missing.map(|(_, line)| format!("\t{line}\n")).collect();
    let missing = missing.concat();
    match caddyfile.strip_prefix("{\n") {
        Some(rest) => format!("{{\n{missing}{rest}"),
        None => format!("{{\n{missing}}}\n{caddyfile}"),
    }
}

/// The JSON, with settings that keep the server to itself.
pub(super) fn with_settings(json: &str) -> io::Result<String> {
    let mut config: Value = serde_json::from_str(json)?;
    let settings = [
        ("/admin/disabled", json!(true)),
        ("/apps/http/http_port", json!(8080)),
        ("/apps/http/https_port", json!(8443)),
        (
            "/apps/pki/certificate_authorities/local/install_trust",
            json!(false),
        ),
    ];
    for (path, setting) in settings {
        let mut at = &mut config;
        for step in path.split('/').skip(1) {
            let members = at.as_object_mut().ok_or(io::ErrorKind::InvalidData)?;
            at = members.entry(step).or_insert_with(|| json!({}));
        }
        if *at == json!({}) {
            *at = setting;
        }
    }
    Ok(config.to_string())
}

/// Copies a folder with its links; all files are of one time, which the header of their answers names.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?;
        } else if kind.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
            File::open(&target)?.set_modified(time)?;
        } else {
            fs::copy(entry.path(), &target)?;
            File::options()
                .write(true)
                .open(&target)?
                .set_modified(time)?;
        }
    }
    Ok(())
}
