//! Where certificates and keys are kept: a folder with Caddy's layout, so that either program can go on with the
//! other's files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use caddis_ir::Config;

/// A folder that only its owner can read.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    root: PathBuf,
}

impl Storage {
    /// The folder that the config names, else the data directory.
    pub(crate) fn of(config: &Config, data_dir: &Path) -> Self {
        Self::at(config.storage.as_ref(), data_dir)
    }

    /// The folder that a part of the config names, else the data directory.
    pub(crate) fn at(storage: Option<&caddis_ir::Storage>, data_dir: &Path) -> Self {
        let root = match storage {
            Some(caddis_ir::Storage::FileSystem { root }) if !root.is_empty() => {
                PathBuf::from(root)
            }
            Some(caddis_ir::Storage::FileSystem { .. }) | None => data_dir.to_owned(),
        };
        Self { root }
    }

    /// The file of a key.
    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// What was kept under a key.
    pub(crate) fn read(&self, key: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.path(key)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&self.path(key), &error)),
        }
    }

    /// Keeps a text: after a crash there is the old one or the new one, whole.
    pub(crate) fn write(&self, key: &str, text: &str) -> io::Result<()> {
        self.write_bytes(key, text.as_bytes())
    }

    /// Keeps what is no text in the same way.
    pub(crate) fn write_bytes(&self, key: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        replace(&path, bytes).map_err(|error| named(&path, &error))
    }
}

/// Writes a file that only its owner can read: after a crash there is the old one or the new one, whole.
pub(crate) fn replace(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(format!(".{}.tmp", std::process::id()));
    let fresh = PathBuf::from(fresh);
    // What a crash has left may have other permissions.
    fs::remove_file(&fresh).ok();
    let renamed = write_whole(&fresh, content.as_ref()).and_then(|()| fs::rename(&fresh, path));
    if renamed.is_err() {
        // Half a key is of no use to anybody who should see it.
        fs::remove_file(&fresh).ok();
    }
    renamed?;
    File::open(folder)?.sync_all()
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A name as a part of a key, as Caddy spells it.
pub(crate) fn safe(name: &str) -> String {
    let name = name.trim().to_lowercase().replace("..", "");
    let mut safe = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ' ' => safe.push('_'),
            '+' => safe.push_str("_plus_"),
            '*' => safe.push_str("wildcard_"),
            ':' => safe.push('-'),
            c if c.is_ascii_alphanumeric() || "_@.-".contains(c) => safe.push(c),
            _ => {}
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Storage, safe};

    #[test]
    fn names_become_files_as_in_caddy() {
        assert_eq!(safe("*.X.internal"), "wildcard_.x.internal");
        assert_eq!(safe("2001:4860:4860::8888"), "2001-4860-4860--8888");
        assert_eq!(safe("../../etc/passwd"), "etcpasswd");
    }

    #[test]
    fn only_the_owner_can_read_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage {
            root: folder.path().join("data"),
        };
        assert_eq!(storage.read("a/b.key").unwrap(), None);
        storage.write("a/b.key", "old").unwrap();
        storage.write("a/b.key", "new").unwrap();
        assert_eq!(storage.read("a/b.key").unwrap().as_deref(), Some("new"));
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(storage.path("a/b.key")), 0o600);
        assert_eq!(mode(storage.path("a")), 0o700);
        assert_eq!(std::fs::read_dir(storage.path("a")).unwrap().count(), 1);
    }
}
