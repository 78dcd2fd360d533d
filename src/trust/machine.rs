//! The machine whose stores are changed: its folders, its programs, and who may change them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Fault;
use crate::variables::Variables;

/// Everybody may read which certificates are trusted.
const READABLE: u32 = 0o644;
/// How much of what a program says is repeated.
const MOST_WORDS: usize = 600;

/// A machine, or a folder that looks like one.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Where `/` is.
    pub(crate) root: PathBuf,
    /// The user's home.
    pub(crate) home: PathBuf,
    /// Where the user's settings are: `$XDG_CONFIG_HOME`.
    pub(crate) settings: PathBuf,
    /// Where Java is, if the user says so.
    pub(crate) java: Option<PathBuf>,
    /// Where programs are looked for.
    pub(crate) search: OsString,
    /// What the user may do.
    pub(crate) rights: Rights,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Everything.
    Root,
    /// What `sudo` lets them.
    User,
}

impl Machine {
    /// The machine that this program runs on.
    pub(crate) fn this(variables: &Variables) -> Self {
        let home = variables.home();
        let rights = if rustix::process::geteuid().is_root() {
            Rights::Root
        } else {
            Rights::User
        };
        let named = |name| variables.get(name).filter(|value| !value.is_empty());
        Self {
            root: "/".into(),
            settings: named("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from),
            home,
            java: named("JAVA_HOME").map(PathBuf::from),
            search: named("PATH").unwrap_or_default().into(),
            rights,
        }
    }

    /// The file or folder that this machine has at an absolute path.
    pub(crate) fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// Where a program is.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        let may_run = |path: &PathBuf| {
            fs::metadata(path)
                .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
        };
        std::env::split_paths(&self.search)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(may_run)
    }

    /// Runs a program and gives what it said; the error is what it said about its failure.
    pub(crate) fn run(
        &self,
        program: &Path,
        words: &[&OsStr],
        input: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let output = self.output(program, words, input).map_err(|error| {
            Fault::new(format!("`{}` cannot be run: {error}", program.display()))
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let mut line = program.display().to_string();
        for word in words {
            line.push(' ');
            line.push_str(&word.to_string_lossy());
        }
        let said = if output.stderr.is_empty() {
            &output.stdout
        } else {
            &output.stderr
        };
        let said: String = String::from_utf8_lossy(said)
            .chars()
            .take(MOST_WORDS)
            .collect();
        let said = said.trim().replace('\n', " · ");
        Err(Fault::new(format!(
            "`{line}` ended with {}: {said}",
            output.status
        )))
    }

    /// Runs a program that only root may run.
    pub(crate) fn run_as_root(
        &self,
        program: &Path,
        words: &[&OsStr],
        input: &[u8],
    ) -> Result<(), Fault> {
        if self.rights == Rights::Root {
            return self.run(program, words, input).map(drop);
        }
        let Some(sudo) = self.program("sudo") else {
            return Err(
                Fault::new("only root may change this store, and there is no `sudo`")
                    .help("run the same command as root"),
            );
        };
        let mut all: Vec<&OsStr> = vec!["--".as_ref(), program.as_os_str()];
        all.extend(words);
        self.run(&sudo, &all, input).map(drop)
    }

    /// Writes a file in a folder that is root's. It is there whole, or not at all.
    pub(crate) fn write_as_root(&self, path: &Path, text: &str) -> Result<(), Fault> {
        match self.rights {
            Rights::Root => replace(path, text)
                .map_err(|error| Fault::new(format!("writing {}: {error}", path.display()))),
            Rights::User => {
                let tee = self.needed("tee")?;
                self.run_as_root(&tee, &[path.as_os_str()], text.as_bytes())
            }
        }
    }

    /// Removes a file from a folder that is root's.
    pub(crate) fn remove_as_root(&self, path: &Path) -> Result<(), Fault> {
        match self.rights {
            Rights::Root => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(Fault::new(format!("removing {}: {error}", path.display())))
                }
                Ok(()) | Err(_) => Ok(()),
            },
            Rights::User => {
                let rm = self.needed("rm")?;
                self.run_as_root(&rm, &["-f".as_ref(), "--".as_ref(), path.as_os_str()], b"")
            }
        }
    }

    /// A program without which nothing goes on.
    pub(crate) fn needed(&self, name: &str) -> Result<PathBuf, Fault> {
        self.program(name)
            .ok_or_else(|| Fault::new(format!("the program `{name}` is not in $PATH")))
    }

    fn output(&self, program: &Path, words: &[&OsStr], input: &[u8]) -> io::Result<Output> {
        let mut child = Command::new(program)
            .args(words)
            .env("PATH", &self.search)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read what it is given says so by its exit code.
            let _ = stdin.write_all(input);
        }
        child.wait_with_output()
    }
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(READABLE)
            .open(&fresh)?;
        // Whatever the umask is, every program has to read it.
        file.set_permissions(fs::Permissions::from_mode(READABLE))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}
