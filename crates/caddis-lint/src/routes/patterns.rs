//! Path and host patterns, compared as Caddy compares them.

/// Whether a path pattern matches a path: letters are the same in both sizes, `*` at an end is any text.
pub(crate) fn path_matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let path = clean(path).to_ascii_lowercase();
    if pattern == "*" {
        return true;
    }
    let starts = pattern.starts_with('*');
    let ends = pattern.ends_with('*');
    match pattern.matches('*').count() {
        2 if starts && ends => path.contains(pattern.trim_matches('*')),
        1 if starts => path.ends_with(pattern.trim_start_matches('*')),
        1 if ends => path.starts_with(pattern.trim_end_matches('*')),
        0 => path == pattern,
        _ => glob(pattern.as_bytes(), path.as_bytes()),
    }
}

/// `*` and `?` within one segment, as `path.Match` of Go has them.
fn glob(pattern: &[u8], path: &[u8]) -> bool {
    // What of the path can be matched by what there has been of the pattern: no way is gone twice.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for wanted in pattern {
        let mut next = vec![false; path.len() + 1];
        if *wanted == b'*' {
            next[0] = reached[0];
        }
        for (at, byte) in path.iter().enumerate() {
            next[at + 1] = match wanted {
                b'*' => reached[at + 1] || (next[at] && *byte != b'/'),
                b'?' => reached[at] && *byte != b'/',
                letter => reached[at] && byte == letter,
            };
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Without double slashes and dots.
fn clean(path: &str) -> String {
    if !path.contains("//") && !path.contains("/.") {
        return path.to_owned();
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", segments.join("/"))
}

/// Whether a host pattern matches a host: `*` is one label.
pub(crate) fn host_matches(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    if !pattern.contains('*') {
        return false;
    }
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let (patterns, labels): (Vec<_>, Vec<_>) =
        (pattern.split('.').collect(), host.split('.').collect());
    patterns.len() == labels.len()
        && patterns
            .iter()
            .zip(&labels)
            .all(|(pattern, label)| *pattern == "*" || pattern == label)
}

/// A header's value against the value that is asked for, which may have `*` at either end.
pub(crate) fn value_matches(pattern: &str, value: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let inner = |text: &str| {
        text.strip_prefix('*')
            .and_then(|text| text.strip_suffix('*'))
            .map(str::to_owned)
    };
    if let Some(inner) = inner(pattern) {
        return value.contains(&inner);
    }
    if let Some(end) = pattern.strip_prefix('*') {
        return value.ends_with(end);
    }
    match pattern.strip_suffix('*') {
        Some(start) => value.starts_with(start),
        None => value == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_as_caddy_does() {
        let yes = [
            ("/api/*", "/api/x"),
            ("/api/*", "/API/"),
            ("/api*", "/api"),
            ("*.php", "/a/b.PHP"),
            ("*x*", "/axb"),
            ("/a/*/c", "/a/b/c"),
            ("/a", "//a"),
            ("/a/b", "/a/./b"),
        ];
        for (pattern, path) in yes {
            assert!(path_matches(pattern, path), "{pattern} {path}");
        }
        let no = [
            ("/api/*", "/api"),
            ("/a", "/a/"),
            ("/a/*/c", "/a/b/d/c"),
            ("api/*", "/api/x"),
        ];
        for (pattern, path) in no {
            assert!(!path_matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_star_in_a_host_is_one_label() {
        assert!(host_matches("*.a.test", "b.A.test"));
        assert!(!host_matches("*.a.test", "c.b.a.test"));
        assert!(!host_matches("*.a.test", "a.test"));
    }
}
