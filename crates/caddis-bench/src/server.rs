//! A server that runs: started with a config for the job, ended when dropped.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::configs::{Place, caddyfile, haproxy, map_of_sites, nginx, passwords};
use crate::job::Setup;
use crate::programs::{Kind, Program};
use crate::{Failure, World, processes};

/// How long a server may take to listen, with ten thousand sites.
const START: Duration = Duration::from_secs(90);
/// How long it may take to end by itself.
const END: Duration = Duration::from_secs(5);
/// How often it is looked whether it does.
const LOOK: Duration = Duration::from_micros(250);
/// How long Caddy's admin endpoint may take to load a config.
const LOAD: Duration = Duration::from_mins(2);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it is.
    pub(crate) place: Place,
    /// How long it took until it listened.
    pub(crate) took: Duration,
    kind: Kind,
    process: Child,
}

/// Starts a program, and waits until it listens.
pub(crate) fn start(program: &Program, setup: Setup, world: &World) -> Result<Server, Failure> {
    let ports = free_ports()?;
    let home = world.folder.join(format!("{}-{}", program.name, ports[0]));
    fs::create_dir(&home)?;
    let place = Place {
        setup,
        plain: ports[0],
        tls: ports[1],
        admin: ports[2],
        backend: world.backend,
        version: 1,
        adapter: world.adapter.clone(),
        folder: world.folder.clone(),
        home,
    };
    let mut command = command(program, &place)?;
    let log = place.own("log");
    let began = Instant::now();
    let process = command
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()?;
    let mut server = Server {
        place,
        took: Duration::ZERO,
        kind: program.kind,
        process,
    };
    server.wait_until_it_listens(&log)?;
    server.took = began.elapsed();
    Ok(server)
}

fn command(program: &Program, place: &Place) -> Result<Command, Failure> {
    let file = write(program.kind, place)?;
    let mut command = Command::new(&program.file);
    match program.kind {
        Kind::Caddy if has_json(place) => command.args(["run", "--config", &file]),
        Kind::Caddy => command.args(["run", "--adapter", "caddyfile", "--config", &file]),
        Kind::Nginx => command.arg("-p").arg(&place.home).args(["-c", &file]),
        // Only a process above the worker can load another config.
        Kind::Haproxy if matches!(place.setup, Setup::Sites(_)) => {
            command.args(["-W", "-db", "-f", &file])
        }
        Kind::Haproxy => command.args(["-db", "-f", &file]),
    };
    command
        .env("HOME", &place.home)
        .env("XDG_DATA_HOME", &place.home)
        .env("XDG_CONFIG_HOME", &place.home)
        .stdin(Stdio::null());
    Ok(command)
}

impl Server {
    /// The process that it was started as.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The config of the next version; to be handed to [`order`].
    pub(crate) fn prepare_reload(&mut self) -> Result<Order, Failure> {
        self.place.version += 1;
        let file = write(self.kind, &self.place)?;
        let signal = match self.kind {
            Kind::Caddy => {
                let body = fs::read_to_string(file)?;
                return Ok(Order::Post(self.place.admin, body));
            }
            Kind::Nginx => Signal::HUP,
            Kind::Haproxy => Signal::USR2,
        };
        Ok(Order::Signal(self.id(), signal))
    }

    fn wait_until_it_listens(&mut self, log: &Path) -> Result<(), Failure> {
        let began = Instant::now();
        let listens = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let has_tls = self.place.setup == Setup::Usual;
        while !(listens(self.place.plain) && (!has_tls || listens(self.place.tls))) {
            if began.elapsed() > START || self.process.try_wait()?.is_some() {
                let log = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("it does not listen: {log}").into());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Server {
    /// Lets it end by itself first. A worker that checks passwords hears nothing, so all that are left are killed.
    fn drop(&mut self) {
        let family = processes::ids(self.process.id()).unwrap_or_default();
        signal(self.process.id(), Signal::TERM);
        let began = Instant::now();
        while began.elapsed() < END {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        for id in family {
            signal(id, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

/// How a server is told to load another config.
#[derive(Debug)]
pub(crate) enum Order {
    /// A config in JSON for the admin endpoint at a port.
    Post(u16, String),
    /// A signal.
    Signal(u32, Signal),
}

/// Gives the order; waits for the answer, if there is one.
pub(crate) fn order(order: &Order) -> Result<(), Failure> {
    let (port, body) = match order {
        Order::Signal(id, number) => {
            signal(*id, *number);
            return Ok(());
        }
        Order::Post(port, body) => (port, body),
    };
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, *port))?;
    stream.set_read_timeout(Some(LOAD))?;
    let length = body.len();
    write!(
        stream,
        "POST /load HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(format!("the config was not loaded: {answer}").into())
}

/// Writes the config, and what it names; returns the config's file.
fn write(kind: Kind, place: &Place) -> Result<String, Failure> {
    let (config, more) = match kind {
        Kind::Caddy => (caddyfile(place), None),
        Kind::Nginx => (nginx(place), Some(passwords())),
        Kind::Haproxy => (haproxy(place), map_of_sites(place)),
    };
    if let Some((name, text)) = more {
        fs::write(place.own(name), text)?;
    }
    let file = place.own("config");
    fs::write(&file, config)?;
    if kind == Kind::Caddy && has_json(place) {
        return adapted(&file, place);
    }
    Ok(file.display().to_string())
}

/// Caddy would adapt ten thousand sites for minutes before it listens; that is a job of its own.
fn has_json(place: &Place) -> bool {
    matches!(place.setup, Setup::Sites(_))
}

/// The JSON of a Caddyfile, which is the same of caddis and of Caddy.
fn adapted(file: &Path, place: &Place) -> Result<String, Failure> {
    let output = Command::new(&place.adapter)
        .args(["adapt", "--adapter", "caddyfile", "--config"])
        .arg(file)
        .env("HOME", &place.home)
        .env("XDG_DATA_HOME", &place.home)
        .env("XDG_CONFIG_HOME", &place.home)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the Caddyfile is not adapted: {why}").into());
    }
    let json = place.own("config.json");
    fs::write(&json, output.stdout)?;
    Ok(json.display().to_string())
}

fn signal(id: u32, signal: Signal) {
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, signal);
    }
}

/// Three that nobody has now.
fn free_ports() -> Result<[u16; 3], Failure> {
    let listener = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners = [listener()?, listener()?, listener()?];
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}
