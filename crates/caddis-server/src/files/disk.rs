//! How the disk is asked: for what is in memory already, or with the patience that a disk needs.

use std::fs::{File, Metadata};
use std::io;

use bytes::Bytes;
use rustix::fs::{Mode, OFlags};

use super::os_path;

/// How the disk is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disk {
    /// Only for what is in memory: the answer `WouldBlock` says that somebody has to wait.
    Memory,
    /// For everything, and that may take its time.
    Waits,
}

/// What is asked of a name.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

impl Disk {
    /// Opens a file to read it; does not wait for somebody to write into it, if it is a pipe.
    pub(crate) fn open(self, path: &[u8]) -> io::Result<File> {
        self.file(path, READ)
    }

    /// What is known of a file, or of the one that a link leads to.
    pub(crate) fn known(self, path: &[u8]) -> io::Result<Metadata> {
        match self {
            Self::Memory => self.file(path, OFlags::PATH | OFlags::CLOEXEC)?.metadata(),
            Self::Waits => std::fs::metadata(os_path(path)),
        }
    }

    /// What is known of a file, or of a link itself.
    pub(crate) fn known_itself(self, path: &[u8]) -> io::Result<Metadata> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match self {
            Self::Memory => self.file(path, flags)?.metadata(),
            Self::Waits => std::fs::symlink_metadata(os_path(path)),
        }
    }

    /// Exactly so many bytes of a file.
    pub(crate) fn read(self, file: &File, start: u64, length: u64) -> io::Result<Bytes> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        match self {
            Self::Memory => read_in_memory(file, start, length),
            Self::Waits => read(file, start, length),
        }
    }

    /// Whether an answer has to be waited for.
    pub(crate) fn must_wait(self, error: &io::Error) -> bool {
        self == Self::Memory && error.kind() == io::ErrorKind::WouldBlock
    }

    fn file(self, path: &[u8], flags: OFlags) -> io::Result<File> {
        let file = match self {
            Self::Memory => open_in_memory(path, flags)?,
            Self::Waits => rustix::fs::open(os_path(path), flags, Mode::empty())?.into(),
        };
        Ok(file)
    }
}

/// All but a file that is certainly not there has to be asked again: an older system, a sandbox, too many files.
#[cfg(target_os = "linux")]
fn open_in_memory(path: &[u8], flags: OFlags) -> io::Result<File> {
    use rustix::fs::{CWD, ResolveFlags, openat2};
    use rustix::io::Errno;
    let path = os_path(path);
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED) {
        Ok(file) => Ok(file.into()),
        Err(Errno::NOENT) => Err(Errno::NOENT.into()),
        Err(_) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_in_memory(_: &[u8], _: OFlags) -> io::Result<File> {
    Err(io::ErrorKind::WouldBlock.into())
}

#[cfg(target_os = "linux")]
fn read_in_memory(file: &File, start: u64, length: usize) -> io::Result<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut bytes = vec![0; length];
    let mut into = [io::IoSliceMut::new(&mut bytes)];
    match preadv2(file, &mut into, start, ReadWriteFlags::NOWAIT) {
        Ok(read) if read == length => Ok(bytes.into()),
        Ok(_) | Err(_) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn read_in_memory(_: &File, _: u64, _: usize) -> io::Result<Bytes> {
    Err(io::ErrorKind::WouldBlock.into())
}

/// A file that has become shorter cannot be sent as it was announced.
fn read(file: &File, start: u64, length: usize) -> io::Result<Bytes> {
    use rustix::buffer::spare_capacity;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let at = start + bytes.len() as u64;
        match rustix::io::pread(file, spare_capacity(&mut bytes), at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(length);
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::Disk;

    #[test]
    fn what_memory_knows_is_what_the_disk_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let path = path.to_str().unwrap().as_bytes();
        for disk in [Disk::Memory, Disk::Waits] {
            // Memory may know nothing, but never something else.
            match disk.open(path) {
                Ok(file) => match disk.read(&file, 3, 4) {
                    Ok(bytes) => assert_eq!(&bytes[..], b"tent"),
                    Err(error) => assert!(disk.must_wait(&error)),
                },
                Err(error) => assert!(disk.must_wait(&error)),
            }
            let known = disk.known(path).map(|known| known.len());
            assert!(known.is_ok_and(|length| length == 7) || disk == Disk::Memory);
        }
    }

    #[test]
    fn more_than_there_is_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "content").unwrap();
        let file = std::fs::File::open(path).unwrap();
        let error = Disk::Waits.read(&file, 3, 5).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let error = Disk::Memory.read(&file, 3, 5).unwrap_err();
        assert!(Disk::Memory.must_wait(&error));
    }
}
