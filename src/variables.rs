//! The environment: variables of the process and of `--envfile`s, and the folders they name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::envfile;
use crate::report::Failure;

/// Environment variables, in the order in which they came.
///
/// The process's own environment is never changed: `{$NAME}` and `{env.NAME}` read this instead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    names: Vec<String>,
    values: HashMap<String, String>,
}

impl Variables {
    /// The process's variables, and those of files that it does not have; a later file never changes an earlier one.
    pub(crate) fn read(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut variables = Self::default();
        for (name, value) in std::env::vars_os() {
            variables.add(
                name.to_string_lossy().into(),
                value.to_string_lossy().into(),
            );
        }
        for file in files {
            variables.add_file(file).map_err(|why| {
                Failure::message(format!("loading additional environment variables: {why}"))
            })?;
        }
        Ok(variables)
    }

    fn add_file(&mut self, file: &Path) -> Result<(), String> {
        let text = std::fs::read(file)
            .map_err(|error| format!("reading environment file: {}: {error}", file.display()))?;
        let read = envfile::read(&String::from_utf8_lossy(&text))
            .map_err(|why| format!("parsing environment file: {}: {why}", file.display()))?;
        for (name, value) in read {
            self.add(name, value);
        }
        Ok(())
    }

    fn add(&mut self, name: String, value: String) {
        if !self.values.contains_key(&name) {
            self.names.push(name.clone());
            self.values.insert(name, value);
        }
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    /// Every variable with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let value = |name: &String| self.values.get(name).map_or("", String::as_str);
        self.names
            .iter()
            .map(move |name| (name.as_str(), value(name)))
    }

    /// The look-up that `{env.NAME}` uses while serving.
    pub(crate) fn shared(self) -> caddis_server::Variables {
        Arc::new(move |name| self.get(name))
    }

    /// The user's home; `.` if there is none.
    pub(crate) fn home(&self) -> PathBuf {
        self.named("HOME").unwrap_or_else(|| ".".into())
    }

    /// Where certificates and keys are kept, as Caddy has it on Linux: `$XDG_DATA_HOME/caddy`,
    /// else `~/.local/share/caddy`, else `./caddy`.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder("XDG_DATA_HOME", ".local/share")
    }

    /// Where the last config is kept: `$XDG_CONFIG_HOME/caddy`, else `~/.config/caddy`, else `./caddy`.
    pub(crate) fn config_dir(&self) -> PathBuf {
        self.folder("XDG_CONFIG_HOME", ".config")
    }

    fn folder(&self, variable: &str, below_home: &str) -> PathBuf {
        self.named(variable)
            .or_else(|| Some(self.named("HOME")?.join(below_home)))
            .unwrap_or_else(|| ".".into())
            .join("caddy")
    }

    fn named(&self, variable: &str) -> Option<PathBuf> {
        let value = self.values.get(variable)?;
        (!value.is_empty()).then(|| value.into())
    }
}

#[cfg(test)]
impl Variables {
    /// Variables for tests, without those of the process.
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let mut all = Self::default();
        for (name, value) in variables {
            all.add((*name).into(), (*value).into());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_those_of_caddy() {
        let check = |variables: &[(&str, &str)], data: &str, config: &str| {
            let variables = Variables::of(variables);
            assert_eq!(variables.data_dir(), Path::new(data));
            assert_eq!(variables.config_dir(), Path::new(config));
        };
        check(
            &[("XDG_DATA_HOME", "/data"), ("XDG_CONFIG_HOME", "/config")],
            "/data/caddy",
            "/config/caddy",
        );
        check(
            &[("HOME", "/home/a")],
            "/home/a/.local/share/caddy",
            "/home/a/.config/caddy",
        );
        check(&[("HOME", ""), ("XDG_DATA_HOME", "")], "./caddy", "./caddy");
    }

    #[test]
    fn a_file_never_changes_a_variable_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        std::fs::write(&file, "A=file\nB=file\n").unwrap();
        let mut variables = Variables::of(&[("A", "process")]);
        variables.add_file(&file).unwrap();
        assert_eq!(variables.get("A").as_deref(), Some("process"));
        assert_eq!(variables.get("B").as_deref(), Some("file"));
        assert_eq!(variables.get("C"), None);
    }
}
