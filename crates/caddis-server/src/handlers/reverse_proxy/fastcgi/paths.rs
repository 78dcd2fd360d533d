//! Which script a path means, and where it is.

/// A path that is cut into the script and what follows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    pub(super) script: &'a [u8],
    pub(super) info: &'a [u8],
}

/// Cuts behind the first of the endings that the path has, in any case.
///
/// Cases are compared byte by byte, and of ASCII alone: what changes its length with its case would move the cut.
pub(super) fn cut<'a>(path: &'a [u8], endings: &[Box<str>]) -> Cut<'a> {
    let found = endings.iter().find_map(|ending| {
        let ending = ending.as_bytes();
        let at = path
            .windows(ending.len().max(1))
            .position(|window| window.eq_ignore_ascii_case(ending))?;
        Some(at + ending.len())
    });
    // Without endings, Caddy has no script: all of the path follows the root.
    let at = match found {
        Some(at) => at,
        None if endings.is_empty() => 0,
        None => path.len(),
    };
    let (script, info) = path.split_at_checked(at).unwrap_or((path, &[]));
    Cut { script, info }
}

/// A path below a root, which no `..` leaves; a slash at its end stays.
pub(super) fn below(root: &[u8], path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut joined = root.to_vec();
    while joined.len() > 1 && joined.ends_with(b"/") {
        joined.pop();
    }
    for part in &parts {
        if !joined.ends_with(b"/") {
            joined.push(b'/');
        }
        joined.extend_from_slice(part);
    }
    if path.ends_with(b"/") && !joined.ends_with(b"/") {
        joined.push(b'/');
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{below, cut};

    fn parts(path: &str, endings: &[&str]) -> (String, String) {
        let endings: Vec<Box<str>> = endings.iter().map(|&ending| ending.into()).collect();
        let cut = cut(path.as_bytes(), &endings);
        let text = |part: &[u8]| String::from_utf8(part.to_vec()).unwrap();
        (text(cut.script), text(cut.info))
    }

    #[test]
    fn a_path_is_cut_behind_the_first_ending() {
        let php = |path| parts(path, &[".php"]);
        assert_eq!(php("/a.php/b.php/c"), ("/a.php".into(), "/b.php/c".into()));
        assert_eq!(php("/x.PHP/y"), ("/x.PHP".into(), "/y".into()));
        assert_eq!(php("/plain"), ("/plain".into(), String::new()));
        assert_eq!(parts("/a.php", &[]), (String::new(), "/a.php".into()));
        let two = parts("/a.phtml/b.php", &[".php", ".phtml"]);
        assert_eq!(two, ("/a.phtml/b.php".into(), String::new()));
    }

    #[test]
    fn letters_whose_case_has_another_length_do_not_move_the_cut() {
        let cut = parts("/İİ.PHP/y.php", &[".php"]);
        assert_eq!(cut, ("/İİ.PHP".into(), "/y.php".into()));
        // The Kelvin sign is a small `k` in lower case.
        let cut = parts("/a.\u{212a}/b.k", &[".k"]);
        assert_eq!(cut, ("/a.\u{212a}/b.k".into(), String::new()));
    }

    #[test]
    fn no_path_leaves_the_root() {
        let path = |path: &str| String::from_utf8(below(b"/srv/", path.as_bytes())).unwrap();
        assert_eq!(path("/../../etc/passwd"), "/srv/etc/passwd");
        assert_eq!(path("//a/./b/../c/"), "/srv/a/c/");
        assert_eq!(path(""), "/srv");
        assert_eq!(below(b"/", b"/a"), b"/a");
    }
}
