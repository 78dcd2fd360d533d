//! The files that logs are written to, each opened once however many logs and configs name it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};

use super::file::{Keeping, LogFile};

/// A file that several logs may write to. It is closed when the last of them is gone.
pub(super) type SharedFile = Arc<OpenFile>;

/// The files that are open, by their absolute paths. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(Arc<Mutex<HashMap<PathBuf, Weak<OpenFile>>>>);

/// A file that is open.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    file: Mutex<LogFile>,
    files: Files,
}

impl Files {
    /// The file of that name: one that is open is not changed until it is told how to be kept.
    pub(super) fn open(&self, path: &Path, keeping: &Keeping) -> io::Result<SharedFile> {
        let path = std::path::absolute(path)?;
        let mut files = self.0.lock();
        files.retain(|_, file| file.strong_count() > 0);
        if let Some(open) = files.get(&path).and_then(Weak::upgrade) {
            return Ok(open);
        }
        let file = Arc::new(OpenFile {
            file: Mutex::new(LogFile::open(&path, keeping.clone())?),
            path: path.clone(),
            files: self.clone(),
        });
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

impl OpenFile {
    pub(super) fn lock(&self) -> MutexGuard<'_, LogFile> {
        self.file.lock()
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        // Nobody opens it meanwhile; who has done so already needs it.
        let files = self.files.0.lock();
        let again = files.get(&self.path);
        if again.is_none_or(|again| again.strong_count() == 0) {
            self.file.get_mut().leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::Keeping;
    use super::Files;

    #[test]
    fn a_file_that_is_never_in_use_goes_with_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::default();
        let keeping = Keeping::of(true, None, None, None);
        let open = |name: &str| files.open(&folder.path().join(name), &keeping).unwrap();
        let is_empty = || folder.path().read_dir().unwrap().next().is_none();
        drop(open("a/b/c.log"));
        assert!(is_empty());
        let (unused, used) = (open("a/b/c.log"), open("a/d.log"));
        used.lock().keep(keeping.clone()).unwrap();
        drop((unused, used));
        assert!(!folder.path().join("a/b").exists());
        assert!(folder.path().join("a/d.log").exists());
        drop(open("a/d.log"));
        assert!(folder.path().join("a/d.log").exists());
    }
}
