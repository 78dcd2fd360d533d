//! A machine for tests: a folder with stores, a home, and programs that write down how they were called.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

use super::authority::Ask;
use super::machine::Rights;
use super::{Certificate, Machine};
use crate::report::Failure;

/// A root certificate.
pub(crate) const ROOT: &str = include_str!("../../testdata/trust/root.crt");
/// Another one.
pub(crate) const OTHER: &str = include_str!("../../testdata/trust/other.crt");
/// What the real Caddy calls the first one.
pub(crate) const NAME: &str =
    "Caddy Local Authority - 2026 ECC Root 339606182444625631434721626895174450255";

pub(crate) fn root() -> Certificate {
    Certificate::read(ROOT.as_bytes()).unwrap()
}

pub(crate) fn other() -> Certificate {
    Certificate::read(OTHER.as_bytes()).unwrap()
}

/// A folder that looks like a machine to the code under test, and nothing outside of it is changed.
pub(crate) struct Fake {
    pub(crate) machine: Machine,
    folder: TempDir,
}

impl Fake {
    /// A machine without any store, and a user who is root.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["root", "home", "bin"] {
            fs::create_dir(at(name)).unwrap();
        }
        let machine = Machine {
            root: at("root"),
            home: at("home"),
            settings: at("home/.config"),
            java: None,
            search: at("bin").into(),
            rights: Rights::Root,
        };
        Self { machine, folder }
    }

    /// A system whose store has this folder, and whose program makes this file of the certificates in it.
    pub(crate) fn system(folder: &str, program: &str, bundle: &str) -> Self {
        let fake = Self::new();
        let (anchors, bundle) = (fake.machine.path(folder), fake.machine.path(bundle));
        fs::create_dir_all(&anchors).unwrap();
        fs::create_dir_all(bundle.parent().unwrap()).unwrap();
        let collect = format!(
            "cat '{}'/* > '{}' 2>/dev/null; true",
            anchors.display(),
            bundle.display()
        );
        fake.script(program, &collect);
        fake
    }

    pub(crate) fn debian() -> Self {
        Self::system(
            "/usr/local/share/ca-certificates",
            "update-ca-certificates",
            "/etc/ssl/certs/ca-certificates.crt",
        )
    }

    /// The user is not root, and `sudo` asks nothing.
    pub(crate) fn with_sudo(mut self) -> Self {
        self.machine.rights = Rights::User;
        self.script("sudo", "shift\nexec \"$@\"");
        for name in ["tee", "rm"] {
            symlink(real(name), self.path_of(name)).unwrap();
        }
        self
    }

    /// A program that writes down its words before it does something.
    pub(crate) fn script(&self, name: &str, does: &str) {
        let path = self.path_of(name);
        let ran = self.folder.path().join("ran");
        let text = format!(
            "#!/bin/sh\nPATH=/usr/bin:/bin\necho {name} \"$@\" >> '{}'\n{does}\n",
            ran.display()
        );
        write_program(&path, &text);
    }

    /// Where a program of this machine is.
    pub(crate) fn path_of(&self, program: &str) -> PathBuf {
        self.folder.path().join("bin").join(program)
    }

    /// A program that fails until what is given back is called.
    pub(crate) fn broken(&self, program: &str, does: &str) -> impl FnOnce() + use<> {
        let path = self.path_of(program);
        let text = fs::read_to_string(&path).unwrap();
        self.script(program, does);
        move || write_program(&path, &text)
    }

    /// What was run since the last time, with the folder of the test as `~`.
    pub(crate) fn ran(&self) -> String {
        let file = self.folder.path().join("ran");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(file);
        text.replace(&self.folder.path().display().to_string(), "~")
    }

    /// The real `certutil`, which the machine has from now on.
    pub(crate) fn certutil(&self) -> PathBuf {
        let link = self.path_of("certutil");
        if !link.exists() {
            symlink(real("certutil"), &link).unwrap();
        }
        link
    }

    /// A new database of NSS below the home.
    pub(crate) fn database(&self, below: &str) -> PathBuf {
        let folder = self.machine.home.join(below);
        fs::create_dir_all(&folder).unwrap();
        certutil(&folder, &["-N", "--empty-password"]);
        folder
    }

    /// Puts a certificate into a database by hand, without trusting it.
    pub(crate) fn add(&self, folder: &Path, nickname: &str, certificate: &Certificate) {
        let file = self.folder.path().join("added.crt");
        fs::write(&file, certificate.pem()).unwrap();
        let file = file.to_string_lossy();
        certutil(
            folder,
            &["-A", "-t", ",,", "-n", nickname, "-a", "-i", &file],
        );
    }
}

/// What a database holds, with single spaces.
pub(crate) fn list(folder: &Path) -> String {
    let list = certutil(folder, &["-L"]);
    let lines = list
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Another process writes it: a test that starts a program of its own at this moment would have the file open for
/// writing too, and a file that is open for writing cannot be run.
fn write_program(path: &Path, text: &str) {
    let mut child = Command::new("/bin/sh")
        .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

fn certutil(folder: &Path, words: &[&str]) -> String {
    let database = format!("sql:{}", folder.display());
    let output = Command::new(real("certutil"))
        .args(["-d", &database])
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "certutil {words:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into()
}

fn real(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{name}` is not installed: `.ci/setup` does it"))
}

/// An admin endpoint that writes down what it was asked.
pub(crate) struct Server {
    answer: Option<(u16, Vec<u8>)>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    pub(crate) fn answering(status: u16, body: &str) -> Self {
        Self {
            answer: Some((status, body.into())),
            asked: Mutex::default(),
        }
    }

    pub(crate) fn silent() -> Self {
        Self {
            answer: None,
            asked: Mutex::default(),
        }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Ask for Server {
    fn address(&self) -> String {
        "localhost:2019".into()
    }

    fn get(&self, path: &str) -> Result<(u16, Vec<u8>), Failure> {
        self.asked.lock().unwrap().push(path.into());
        let silence =
            || Failure::message("no server answers at localhost:2019: connection refused");
        self.answer.clone().ok_or_else(silence)
    }
}
