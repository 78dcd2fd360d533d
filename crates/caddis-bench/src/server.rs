//! A server that runs: started with a config for the job, ended when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Failure;
use crate::authority::{CERTIFICATE, KEY};
use crate::programs::{Kind, Program};

/// The token that requests must bring.
pub(crate) const TOKEN: &str = "sesame";
/// How long a server may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it does.
const LOOK: Duration = Duration::from_millis(10);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Where it speaks HTTP.
    pub(crate) plain: u16,
    /// Where it speaks HTTPS.
    pub(crate) tls: u16,
    process: Child,
}

/// Starts a program, and waits until it listens.
pub(crate) fn start(program: &Program, folder: &Path, backend: u16) -> Result<Server, Failure> {
    let home = folder.join(program.name);
    fs::create_dir(&home)?;
    let (plain, tls) = (free_port()?, free_port()?);
    let config = match program.kind {
        Kind::Caddy => caddyfile(folder, plain, tls, backend),
        Kind::Nginx => nginx(folder, plain, tls, backend),
    };
    let file = home.join("config");
    fs::write(&file, config)?;
    let mut command = Command::new(&program.file);
    match program.kind {
        Kind::Caddy => (command.args(["run", "--adapter", "caddyfile", "--config"])).arg(&file),
        Kind::Nginx => command.arg("-p").arg(&home).arg("-c").arg(&file),
    };
    let log = home.join("log");
    let process = command
        .env("HOME", &home)
        .env("XDG_DATA_HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .stdin(Stdio::null())
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()?;
    let mut server = Server {
        name: program.name,
        plain,
        tls,
        process,
    };
    server.wait_until_it_listens(&log)?;
    Ok(server)
}

impl Server {
    /// The process that it was started as.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    fn wait_until_it_listens(&mut self, log: &Path) -> Result<(), Failure> {
        let began = Instant::now();
        let listens = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        while !(listens(self.plain) && listens(self.tls)) {
            if began.elapsed() > PATIENCE || self.process.try_wait()?.is_some() {
                let log = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("{} does not listen: {log}", self.name).into());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Server {
    /// Lets it end by itself first: nginx has to end its workers.
    fn drop(&mut self) {
        let id = i32::try_from(self.process.id()).ok();
        if let Some(id) = id.and_then(Pid::from_raw) {
            let _ = kill_process(id, Signal::TERM);
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// What caddis and Caddy read.
fn caddyfile(folder: &Path, plain: u16, tls: u16, backend: u16) -> String {
    let folder = folder.display();
    format!(
        r#"{{
	admin off
	auto_https disable_redirects
	grace_period 1s
	servers {{
		protocols h1 h2
	}}
}}

(job) {{
	bind 127.0.0.1
	@unauthorized {{
		not header Authorization "Bearer {TOKEN}"
	}}
	respond @unauthorized 401
	reverse_proxy 127.0.0.1:{backend}
}}

http://localhost:{plain} {{
	import job
}}

https://localhost:{tls} {{
	import job
	tls {folder}/{CERTIFICATE} {folder}/{KEY}
}}
"#
    )
}

/// The same for nginx, which closes connections after 1000 requests if it is not told otherwise.
fn nginx(folder: &Path, plain: u16, tls: u16, backend: u16) -> String {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let folder = folder.display();
    format!(
        r#"daemon off;
worker_processes {workers};
pid nginx.pid;
error_log stderr;
events {{
	worker_connections 4096;
}}
http {{
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	keepalive_requests 1000000000;
	map $http_authorization $stranger {{
		default 1;
		"Bearer {TOKEN}" 0;
	}}
	upstream backend {{
		server 127.0.0.1:{backend};
		keepalive 256;
		keepalive_requests 1000000000;
	}}
	server {{
		listen 127.0.0.1:{plain} reuseport;
		listen 127.0.0.1:{tls} reuseport ssl http2;
		server_name localhost;
		ssl_certificate {folder}/{CERTIFICATE};
		ssl_certificate_key {folder}/{KEY};
		ssl_protocols TLSv1.2 TLSv1.3;
		if ($stranger) {{
			return 401;
		}}
		location / {{
			proxy_pass http://backend;
			proxy_http_version 1.1;
			proxy_buffering off;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Host $http_host;
			proxy_set_header X-Forwarded-Proto $scheme;
		}}
	}}
}}
"#
    )
}
