//! Paths that a pattern or a regular expression matches, and paths right beside them.

use regex_syntax::hir::{Class, Hir, HirKind};

/// What stands where a `*` is.
const FILLER: &str = "x";
/// What is put behind a prefix to get what nobody thought of.
const BESIDE: &str = "-secret";

/// Paths around a pattern: what it matches, and what it just does not.
pub(super) fn of_pattern(pattern: &str) -> Vec<String> {
    let pattern = pattern.split('{').next().unwrap_or("");
    let mut paths = Vec::new();
    if let Some(prefix) = pattern.strip_suffix('*')
        && !prefix.contains('*')
        && prefix.starts_with('/')
    {
        if let Some(bare) = prefix.strip_suffix('/') {
            paths.push(format!("{prefix}{FILLER}"));
            paths.push(if bare.is_empty() {
                "/".into()
            } else {
                bare.into()
            });
            return paths;
        }
        paths.push(prefix.into());
        paths.push(format!("{prefix}{BESIDE}"));
        return paths;
    }
    let filled = pattern.replace('*', FILLER);
    if filled.starts_with('/') {
        paths.push(filled);
    } else if pattern.starts_with('*') {
        paths.push(format!("/{filled}"));
    }
    paths
}

/// A text that a regular expression matches, as short as it comes; `None` for what is too strange.
pub(crate) fn of_regex(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut text = String::new();
    write(&hir, &mut text).then_some(text)
}

fn write(hir: &Hir, text: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(literal) => {
                text.push_str(literal);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(class) => match letter(class) {
            Some(letter) => {
                text.push(letter);
                true
            }
            None => false,
        },
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(64)).all(|_| write(&repetition.sub, text))
        }
        HirKind::Capture(capture) => write(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, text)),
        HirKind::Alternation(parts) => parts.first().is_some_and(|part| write(part, text)),
    }
}

/// A letter or digit of the class if there is one, so that it can stand in a path.
fn letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let liked = ['x', 'a', '1', 'A', '/'];
    let has = |c: char| {
        class
            .iter()
            .any(|range| range.start() <= c && c <= range.end())
    };
    let first = class
        .iter()
        .next()
        .map(regex_syntax::hir::ClassUnicodeRange::start);
    liked
        .into_iter()
        .find(|c| has(*c))
        .or(first.filter(char::is_ascii_graphic))
}

/// A path that a regular expression is searched for in, and found.
pub(super) fn of_path_regex(pattern: &str) -> Option<String> {
    let text = of_regex(pattern)?;
    Some(if text.starts_with('/') {
        text
    } else {
        format!("/{text}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_match_their_patterns() {
        assert_eq!(of_pattern("/api/*"), ["/api/x", "/api"]);
        assert_eq!(of_pattern("/health*"), ["/health", "/health-secret"]);
        assert_eq!(of_pattern("*.php"), ["/x.php"]);
        assert_eq!(of_pattern("/a"), ["/a"]);
        assert_eq!(of_regex("^/api/(pull|push)$").as_deref(), Some("/api/pull"));
        assert_eq!(of_regex("[0-9]{3}x+").as_deref(), Some("111x"));
    }
}
