//! Patterns of the `file` matcher: the files below a root that are called so.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;

use super::glob;
use crate::files::{Disk, clean, join_below, os_path};

/// The files that are there and that a pattern stands for, in the order of their names. The root is no pattern.
///
/// The error says that somebody has to wait for the disk.
pub(super) fn files(root: &[u8], pattern: &[u8], disk: Disk) -> io::Result<Vec<Vec<u8>>> {
    let below = clean(&[b"/", pattern].concat());
    let below = below.strip_prefix(b"/").unwrap_or(&below);
    let is_folder = pattern.ends_with(b"/") && pattern.len() > 1;
    if let Some(name) = literal(below) {
        let mut path = join_below(root, &name);
        if is_folder && !path.ends_with(b"/") {
            path.push(b'/');
        }
        return match disk.known_itself(&path) {
            Ok(_) => Ok(vec![path]),
            Err(error) if disk.must_wait(&error) => Err(error),
            Err(_) => Ok(Vec::new()),
        };
    }
    if is_folder {
        // As in Go, no wildcard comes together with a slash at the end.
        return Ok(Vec::new());
    }
    if disk == Disk::Memory {
        // Whoever reads a folder waits.
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let mut found = vec![join_below(root, b"")];
    for element in below.split(|byte| *byte == b'/') {
        found = match literal(element) {
            Some(name) => found.iter().map(|folder| join(folder, &name)).collect(),
            None => (found.iter())
                .flat_map(|folder| matching(folder, element))
                .collect(),
        };
    }
    // Go asks for the link itself here.
    found.retain(|path| disk.known_itself(path).is_ok());
    Ok(found)
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    clean(&[folder, b"/", name].concat())
}

/// The files of a folder whose names match.
fn matching(folder: &[u8], pattern: &[u8]) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(os_path(folder)).into_iter().flatten();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().into_vec()));
    let mut names: Vec<_> = names.filter(|name| glob::matches(pattern, name)).collect();
    names.sort();
    names.iter().map(|name| join(folder, name)).collect()
}

/// The one name that a pattern without wildcards stands for.
fn literal(pattern: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'*' | b'?' | b'[' => return None,
            b'\\' => name.push(*bytes.next()?),
            _ => name.push(byte),
        }
    }
    Some(name)
}
