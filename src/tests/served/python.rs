//! The Python clients that people use, in scripts that print what happens to them.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A script that runs; it is ended with the test.
pub(crate) struct Script {
    name: String,
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Script {
    /// Starts `clients/NAME.py`.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let python = interpreter(&root);
        let mut child = Command::new(&python)
            .arg("-u")
            .arg(
                root.join("src/tests/served/clients")
                    .join(name)
                    .with_extension("py"),
            )
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            name: name.into(),
            child,
            lines,
        }
    }

    /// The next line that it prints, without its end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("scripts print text");
        assert!(
            line.ends_with('\n'),
            "{} ended early after `{line}`",
            self.name
        );
        line.truncate(line.len() - 1);
        line
    }

    /// What it prints until it ends by itself, which has to be well.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.lines
            .read_to_string(&mut rest)
            .expect("scripts print text");
        let status = crate::server::wait(&mut self.child);
        let well = status.is_some_and(|status| status.success());
        assert!(well, "{} ended with {status:?} after `{rest}`", self.name);
        rest
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The interpreter with the clients, which `.ci/setup` installs.
fn interpreter(root: &std::path::Path) -> PathBuf {
    let python = std::env::var_os("CADDIS_PYTHON")
        .map_or_else(|| root.join("target/python/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run .ci/setup",
        python.display()
    );
    python
}
