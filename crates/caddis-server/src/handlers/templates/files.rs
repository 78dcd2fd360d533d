//! Files that templates read: those below a root, and nothing above it.

use std::fs::Metadata;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;

use caddis_template::jiff::{Timestamp, tz::TimeZone};
use caddis_template::{Error, Object, Result, Value, no_arguments};

use super::handler::MAX_BODY;
use crate::files::{Disk, join_below, os_path};

/// The most names of a folder that are listed.
const MAX_NAMES: usize = 10_000;

fn path(root: &[u8], name: &str) -> Vec<u8> {
    join_below(root, name.as_bytes())
}

fn failed(name: &str, error: &io::Error) -> Error {
    Error::new(format!("open {name}: {error}"))
}

/// The text of a file.
pub(super) fn text(root: &[u8], name: &str) -> Result<String> {
    let read = || -> io::Result<Vec<u8>> {
        let file = Disk::Waits.open(&path(root, name))?;
        let known = file.metadata()?;
        if known.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // Nobody may ever write into a pipe.
        if !known.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BODY as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > MAX_BODY {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    };
    let bytes = read().map_err(|error| failed(name, &error))?;
    String::from_utf8(bytes).map_err(|_| Error::new(format!("{name} is not UTF-8")))
}

/// Whether there is a file or folder.
pub(super) fn exists(root: &[u8], name: &str) -> bool {
    Disk::Waits.known(&path(root, name)).is_ok()
}

/// The names in a folder, sorted.
pub(super) fn list(root: &[u8], name: &str) -> Result<Value> {
    let path = path(root, name);
    let known = Disk::Waits.known(&path);
    if !known.map_err(|error| failed(name, &error))?.is_dir() {
        return Err(Error::new(format!("{name} is not a directory")));
    }
    let entries = std::fs::read_dir(os_path(&path)).map_err(|error| failed(name, &error))?;
    let mut names = Vec::new();
    for entry in entries.take(MAX_NAMES) {
        let entry = entry.map_err(|error| failed(name, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(Value::texts(names))
}

/// What is known of a file or folder.
pub(super) fn stat(root: &[u8], name: &str) -> Result<Value> {
    let path = path(root, name);
    let known = Disk::Waits.known(&path);
    let known = known.map_err(|error| failed(name, &error))?;
    let last = os_path(&path).file_name();
    let name = last.map_or_else(|| "/".into(), |name| name.to_string_lossy().into_owned());
    Ok(Value::object(Known { name, known }))
}

/// What is known of a file.
struct Known {
    name: String,
    known: Metadata,
}

impl Known {
    /// The kind of the file and who may do what with it: `-rw-r--r--`.
    fn mode(&self) -> String {
        let mode = self.known.permissions().mode();
        let mut out = String::from(if self.known.is_dir() { 'd' } else { '-' });
        for (index, letter) in "rwxrwxrwx".chars().enumerate() {
            let is_set = mode >> (8 - index) & 1 == 1;
            out.push(if is_set { letter } else { '-' });
        }
        out
    }

    fn modified(&self) -> Value {
        let time = self.known.modified().ok();
        let time = time.and_then(|time| Timestamp::try_from(time).ok());
        let time = time.unwrap_or_default();
        Value::time(time.to_zoned_datetime(TimeZone::system()))
    }
}

impl Object for Known {
    fn type_name(&self) -> &'static str {
        "*os.fileStat"
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let value = match name {
            "Name" => self.name.as_str().into(),
            "Size" => Value::Int64(i64::try_from(self.known.len()).unwrap_or(i64::MAX)),
            "Mode" => self.mode().into(),
            "ModTime" => self.modified(),
            "IsDir" => Value::Bool(self.known.is_dir()),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        self.name.clone()
    }
}
