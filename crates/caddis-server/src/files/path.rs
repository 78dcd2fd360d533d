//! Paths of files: how the path of a request becomes one, which is never above the root.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Resolves `.`, `..` and slashes that follow one another, as Go's `path.Clean` does: without a slash at the end, and
/// `.` if nothing is left.
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    let is_rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match kept.last() {
                Some(&last) if last != b".." => {
                    kept.pop();
                }
                _ if is_rooted => {}
                _ => kept.push(element),
            },
            _ => kept.push(element),
        }
    }
    let mut out = Vec::with_capacity(path.len() + 1);
    if is_rooted {
        out.push(b'/');
    }
    for (index, element) in kept.iter().enumerate() {
        if index > 0 {
            out.push(b'/');
        }
        out.extend_from_slice(element);
    }
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

/// A path below a root. A slash at the end stays, unless it is all there is.
pub(crate) fn join_below(root: &[u8], path: &[u8]) -> Vec<u8> {
    let below = clean(&[b"/", path].concat());
    let mut joined = clean(&[if root.is_empty() { b"." } else { root }, &below].concat());
    if path.ends_with(b"/") && path.len() > 1 && joined != b"/" {
        joined.push(b'/');
    }
    joined
}

/// Bytes as a path of the system.
pub(crate) fn os_path(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}

#[cfg(test)]
mod tests {
    use super::{clean, join_below};

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn paths_are_cleaned_as_go_does_it() {
        for (path, cleaned) in [
            ("", "."),
            ("/", "/"),
            ("//a//b/", "/a/b"),
            ("a/../..", ".."),
            ("../a/./b", "../a/b"),
            ("/../../a", "/a"),
            ("a/..", "."),
        ] {
            assert_eq!(text(clean(path.as_bytes())), cleaned, "{path}");
        }
    }

    #[test]
    fn no_path_leaves_the_root() {
        for (root, path, joined) in [
            ("/srv", "/a", "/srv/a"),
            ("/srv", "/../../etc/passwd", "/srv/etc/passwd"),
            ("/srv", "a/../../../etc", "/srv/etc"),
            ("/srv", "/..", "/srv"),
            ("/srv", "/a/", "/srv/a/"),
            ("/srv", "/", "/srv"),
            ("/srv", "", "/srv"),
            ("/", "/a/..", "/"),
            ("/", "//", "/"),
            ("", "/a", "a"),
            (".", "/", "."),
            ("site", "/../a", "site/a"),
            ("../site", "/../../a", "../site/a"),
        ] {
            let found = text(join_below(root.as_bytes(), path.as_bytes()));
            assert_eq!(found, joined, "{root} {path}");
        }
    }
}
