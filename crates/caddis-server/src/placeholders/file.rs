//! `{file./path}`: what a file says, read when the config is loaded, and again while it is used.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::fs::{Mode, OFlags};

/// The longest file; Caddy has the same limit.
const MOST: u64 = 1024 * 1024;

/// How old a content may be before the file is read again.
const FRESH: Duration = Duration::from_secs(1);

/// A file that is kept in memory. All clones share the content.
#[derive(Clone, Debug)]
pub(super) struct KeptFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: String,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    content: Arc<[u8]>,
    read: Instant,
}

impl KeptFile {
    /// Reads a file; one that cannot be read is empty, as in Caddy.
    pub(super) fn read(path: &str) -> Self {
        let kept = Kept {
            content: content(path),
            read: Instant::now(),
        };
        Self(Arc::new(Inner {
            path: path.to_owned(),
            kept: Mutex::new(kept),
        }))
    }

    /// The content. A disk may be slow: a new one is read aside, for those who come later.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut kept = self.0.kept.lock();
        out.extend_from_slice(&kept.content);
        if kept.read.elapsed() < FRESH {
            return;
        }
        kept.read = Instant::now();
        drop(kept);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let inner = Arc::clone(&self.0);
            runtime.spawn_blocking(move || {
                let content = content(&inner.path);
                inner.kept.lock().content = content;
            });
        }
    }
}

impl PartialEq for KeptFile {
    fn eq(&self, other: &Self) -> bool {
        self.0.path == other.0.path
    }
}

impl Eq for KeptFile {}

fn content(path: &str) -> Arc<[u8]> {
    let content = read(path).unwrap_or_else(|error| {
        tracing::error!(path, %error, "the file of a placeholder cannot be read");
        Vec::new()
    });
    let line = content.strip_suffix(b"\n").unwrap_or(&content);
    line.strip_suffix(b"\r").unwrap_or(line).into()
}

fn read(path: &str) -> io::Result<Vec<u8>> {
    // A pipe must not keep the config from being loaded.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let mut content = Vec::new();
    file.take(MOST + 1).read_to_end(&mut content)?;
    if u64::try_from(content.len()).is_ok_and(|length| length > MOST) {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::{KeptFile, MOST};

    fn content(bytes: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let mut out = Vec::new();
        KeptFile::read(path.to_str().unwrap()).write(&mut out);
        out
    }

    #[test]
    fn one_line_end_is_cut_off() {
        assert_eq!(content(b"secret\n"), b"secret");
        assert_eq!(content(b"secret\r\n"), b"secret");
        assert_eq!(content(b"secret\n\n"), b"secret\n");
        assert_eq!(content(b"a\nb"), b"a\nb");
    }

    #[test]
    fn a_file_without_end_and_one_that_is_not_there_are_empty() {
        let longest = vec![b'x'; usize::try_from(MOST).unwrap()];
        assert_eq!(content(&longest).len(), longest.len());
        assert_eq!(content(&[longest.as_slice(), b"x"].concat()), b"");
        let mut out = Vec::new();
        KeptFile::read("/nowhere/at/all").write(&mut out);
        KeptFile::read("/dev/zero").write(&mut out);
        assert_eq!(out, b"");
    }
}
