//! The files that logs are written to, each opened once however many logs and configs name it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::file::{Keeping, LogFile};

/// A file that several logs may write to. It is closed when the last of them is gone.
pub(super) type SharedFile = Arc<Mutex<LogFile>>;

/// The files that are open, by their absolute paths. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(Arc<Mutex<HashMap<PathBuf, Weak<Mutex<LogFile>>>>>);

impl Files {
    /// The file of that name: one that is open is not changed until it is told how to be kept.
    pub(super) fn open(&self, path: &Path, keeping: &Keeping) -> io::Result<SharedFile> {
        let path = std::path::absolute(path)?;
        let mut files = self.0.lock();
        files.retain(|_, file| file.strong_count() > 0);
        if let Some(open) = files.get(&path).and_then(Weak::upgrade) {
            return Ok(open);
        }
        let file = Arc::new(Mutex::new(LogFile::open(&path, keeping.clone())?));
        files.insert(path, Arc::downgrade(&file));
        Ok(file)
    }

    /// How many are open.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        let files = self.0.lock();
        files
            .values()
            .filter(|file| file.strong_count() > 0)
            .count()
    }
}
