//! The server that is attacked: started with a config for everything that is tried, ended when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustix::process::{Pid, Signal, kill_process};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;

use super::command::Trouble;

/// How long it may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// The ports of a server, and how to speak TLS with it.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) plain: u16,
    pub(super) tls: u16,
    pub(super) admin: u16,
    pub(super) http1: Arc<ClientConfig>,
    pub(super) http2: Arc<ClientConfig>,
}

/// What is in its config.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Where the server behind it listens.
    pub(super) backend: u16,
    /// The hash of `ada`'s password.
    pub(super) hash: String,
    /// Whether it limits how often somebody may ask.
    pub(super) limits: bool,
}

/// A running server.
pub(super) struct Target {
    pub(super) address: Address,
    wanted: Wanted,
    folder: TempDir,
    process: Child,
}

impl Target {
    /// Starts a program, and waits until it listens.
    pub(super) fn start(program: &Path, wanted: Wanted) -> Result<Self, Trouble> {
        let folder = tempfile::tempdir()?;
        let roots = certificate(folder.path())?;
        let address = Address {
            plain: free_port()?,
            tls: free_port()?,
            admin: free_port()?,
            http1: client(&roots, b"http/1.1")?,
            http2: client(&roots, b"h2")?,
        };
        let config = folder.path().join("Caddyfile");
        fs::write(&config, caddyfile(&address, &wanted, folder.path(), 0))?;
        let log = File::create(folder.path().join("log"))?;
        let process = Command::new(absolute(program)?)
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&config)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut target = Self {
            address,
            wanted,
            folder,
            process,
        };
        target.wait()?;
        Ok(target)
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        let began = Instant::now();
        let listens = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        while !(listens(self.address.plain) && listens(self.address.tls)) {
            if began.elapsed() > PATIENCE || self.process.try_wait()?.is_some() {
                return Err(format!("it does not listen: {}", self.log()).into());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it said.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Another config that does the same.
    pub(super) fn config(&self, generation: usize) -> String {
        caddyfile(&self.address, &self.wanted, self.folder.path(), generation)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let id = i32::try_from(self.process.id()).ok();
        if let Some(id) = id.and_then(Pid::from_raw) {
            // At once: what is still open has been counted.
            kill_process(id, Signal::QUIT).ok();
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(LOOK);
        }
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Makes the hash of a password with the program itself; of cost 14, as it is by default.
pub(super) fn hash(program: &Path, password: &str, cost: Option<&str>) -> Result<String, Trouble> {
    let mut command = Command::new(absolute(program)?);
    command.args(["hash-password", "--plaintext", password]);
    if let Some(cost) = cost {
        command.args(["--bcrypt-cost", cost]);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn absolute(program: &Path) -> Result<PathBuf, Trouble> {
    program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", program.display()).into())
}

fn free_port() -> Result<u16, Trouble> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn certificate(folder: &Path) -> Result<RootCertStore, Trouble> {
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut root = CertificateParams::new([])?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key)?;
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    fs::write(folder.join("server.pem"), certificate.pem())?;
    fs::write(folder.join("server.key"), key.serialize_pem())?;
    let mut roots = RootCertStore::empty();
    roots.add(root_certificate.der().clone())?;
    Ok(roots)
}

fn client(roots: &RootCertStore, protocol: &[u8]) -> Result<Arc<ClientConfig>, Trouble> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(config))
}

fn caddyfile(address: &Address, wanted: &Wanted, folder: &Path, generation: usize) -> String {
    let Address {
        plain, tls, admin, ..
    } = address;
    let Wanted { backend, hash, .. } = wanted;
    let folder = folder.display();
    let limits = if wanted.limits {
        "\troute /limited* {\n\t\trate_limit {\n\t\t\tzone keys {\n\t\t\t\tkey {query.k}\n\t\t\t\tevents 10\n\t\t\t\twindow 1h\n\
         \t\t\t}\n\t\t}\n\t\trespond ok\n\t}\n"
    } else {
        ""
    };
    format!(
        "{{\n\tadmin localhost:{admin}\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\n\
         (all) {{\n\tbind 127.0.0.1\n\theader X-Generation {generation}\n\tbasic_auth /private* {{\n\t\tada {hash}\n\t}}\n\
         \trespond /private* in\n{limits}\treverse_proxy 127.0.0.1:{backend}\n}}\n\
         http://localhost:{plain} {{\n\timport all\n}}\n\
         https://localhost:{tls} {{\n\timport all\n\ttls {folder}/server.pem {folder}/server.key\n}}\n"
    )
}
