//! Whether a file server hides the files of the config, as Caddy decides it.

use std::path::{Component, Path, PathBuf};

/// A file that a site comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConfigFile {
    /// As Caddy writes it: the first file as it was given, the others from the root.
    pub(crate) name: String,
    /// From the root, if that is known.
    pub(crate) absolute: String,
}

impl ConfigFile {
    /// The file that is read first: it keeps the name that it was given.
    pub(crate) fn first(name: &str, folder: Option<&Path>) -> Self {
        Self {
            name: clean(Path::new(name)),
            absolute: absolute(name, folder),
        }
    }

    /// A file that another one imports.
    pub(crate) fn imported(name: &str, folder: Option<&Path>) -> Self {
        let absolute = absolute(name, folder);
        Self {
            name: absolute.clone(),
            absolute,
        }
    }
}

fn absolute(name: &str, folder: Option<&Path>) -> String {
    clean(&folder.unwrap_or(Path::new("")).join(name))
}

/// Without `.`, `..` and double slashes.
fn clean(path: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match (part, clean.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                clean.pop();
            }
            (part, _) => clean.push(part),
        }
    }
    clean.to_string_lossy().into_owned()
}

/// The name as a path: a name without a slash would hide every file that is called so.
pub(crate) fn as_path(name: &str) -> String {
    if name.contains('/') {
        name.into()
    } else {
        format!("./{name}")
    }
}

/// True if one of these hides the file: a name hides every file and folder called so, a path what is below it.
pub(crate) fn is_hidden(file: &str, hide: &[String]) -> bool {
    hide.iter().any(|hidden| {
        let by_name = || file.split('/').any(|part| matches(hidden, part));
        let below = || {
            let rest = file.strip_prefix(hidden.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let is_path = hidden.contains('/');
        (!is_path && by_name()) || (is_path && below()) || matches(hidden, file)
    })
}

/// Go's `path.Match`: `*` and `?` stop at slashes, `[a-z]` is one of these letters, `[^a-z]` another one.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.chars();
    let mut rest = text.chars();
    while let Some(letter) = pattern.next() {
        match letter {
            '*' => return star(pattern.as_str(), rest.as_str()),
            '?' if rest.next().is_some_and(|c| c != '/') => {}
            '[' => {
                let Some((class, after)) = class(pattern.as_str()) else {
                    return false;
                };
                if !rest.next().is_some_and(|c| class.has(c)) {
                    return false;
                }
                pattern = after.chars();
            }
            '\\' if rest.next() == pattern.next() => {}
            '?' | '\\' => return false,
            letter if rest.next() == Some(letter) => {}
            _ => return false,
        }
    }
    rest.as_str().is_empty()
}

fn star(pattern: &str, text: &str) -> bool {
    let stop = text.find('/').unwrap_or(text.len());
    let ends = (0..=stop).filter(|end| text.is_char_boundary(*end));
    ends.into_iter().any(|end| matches(pattern, &text[end..]))
}

/// Letters between brackets.
struct Class<'a> {
    letters: &'a str,
    negated: bool,
}

/// The class that a pattern continues with behind `[`, and what follows it.
fn class(pattern: &str) -> Option<(Class<'_>, &str)> {
    let (letters, after) = pattern.split_once(']')?;
    let without = letters.strip_prefix('^');
    let class = Class {
        letters: without.unwrap_or(letters),
        negated: without.is_some(),
    };
    Some((class, after))
}

impl Class<'_> {
    fn has(&self, letter: char) -> bool {
        let mut letters = self.letters.chars().peekable();
        let mut found = false;
        while let Some(low) = letters.next() {
            let mut high = low;
            if letters.next_if_eq(&'-').is_some() {
                high = letters.next().unwrap_or(low);
            }
            found |= (low..=high).contains(&letter);
        }
        found != self.negated
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ConfigFile, as_path, is_hidden};

    #[test]
    fn names_hide_what_is_called_so_and_paths_what_is_below() {
        let cases = [
            ("/etc/caddy/Caddyfile", "Caddyfile", true),
            ("/etc/caddy/Caddyfile", "caddy", true),
            ("/etc/caddy/Caddyfile", "Caddy*", true),
            ("/etc/caddy/Caddyfile", "C?ddy[a-f]ile", true),
            ("/etc/caddy/Caddyfile", "[^C]addyfile", false),
            ("/etc/caddy/Caddyfile", "/etc", true),
            ("/etc/caddy/Caddyfile", "/etc/ca", false),
            ("/etc/caddy/Caddyfile", "/etc/*/Caddyfile", true),
            ("/etc/caddy/Caddyfile", "/etc/*", false),
            ("/etc/caddy/Caddyfile", "./Caddyfile", false),
            ("/etc/caddy/Caddyfile", ".git", false),
            ("/a/b*", "b\\*", true),
            ("/a/[", "[", false),
        ];
        for (file, hidden, expected) in cases {
            assert_eq!(is_hidden(file, &[hidden.into()]), expected, "{hidden}");
        }
    }

    #[test]
    fn the_first_file_keeps_its_name_and_others_stand_from_the_root() {
        let folder = Some(Path::new("/srv"));
        let first = |name| as_path(&ConfigFile::first(name, folder).name);
        assert_eq!(first("Caddyfile"), "./Caddyfile");
        assert_eq!(first("./sites/../Caddyfile"), "./Caddyfile");
        assert_eq!(first("sites/Caddyfile"), "sites/Caddyfile");
        assert_eq!(first("/etc/Caddyfile"), "/etc/Caddyfile");
        let imported = |name| as_path(&ConfigFile::imported(name, folder).name);
        assert_eq!(imported("./a.conf"), "/srv/a.conf");
        assert_eq!(imported("../../a.conf"), "/a.conf");
        assert_eq!(imported("/etc/a.conf"), "/etc/a.conf");
    }
}
