//! Adapting the Caddyfiles of `testdata`, and the files beside them that hold what is expected.

use std::path::{Path, PathBuf};
use std::{fs, io};

use caddis_adapt::{Adapted, adapt};
use caddis_source::render::{Style, full};
use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Disk, Load, Loaded, parse};

/// What came of a Caddyfile.
pub struct Outcome {
    /// Its texts.
    pub sources: Sources,
    /// The config and where it comes from.
    pub adapted: Adapted,
    /// The findings of all stages, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
}

impl Outcome {
    /// True if the Caddyfile is refused.
    pub fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// True if something of Caddy's that is not there yet stands in it.
    pub fn is_not_there_yet(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|found| found.code().0.ends_with("/not-yet"))
    }

    /// The findings as a person sees them, without colours.
    pub fn findings(&self) -> String {
        full(&self.diagnostics, &self.sources, Style::Plain)
    }
}

/// Files on disk, for a text that is known by its name within its folder.
struct Beside<'a>(&'a Path);

impl Load for Beside<'_> {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        let is_the_text = self.0.file_name().is_some_and(|name| name == from);
        let from = if is_the_text { self.0 } else { Path::new(from) };
        Disk.load(pattern, &from.to_string_lossy())
    }
}

/// Adapts a text under a name, in the folder of that name as the oracle does, with imports from the disk and the given
/// environment.
pub fn adapt_text(name: &str, text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Outcome {
    let name = Path::new(name);
    let folder = name.parent().unwrap_or(Path::new(""));
    let base = name.file_name().unwrap_or_default().to_string_lossy();
    let mut sources = Sources::new().in_folder(folder);
    let file = sources.add(base, text);
    let (tree, mut diagnostics) = parse(&mut sources, file, environment, &Beside(name));
    let adapted = adapt(tree, &sources);
    diagnostics.extend(adapted.diagnostics.iter().cloned());
    Outcome {
        sources,
        adapted,
        diagnostics,
    }
}

/// Adapts a file with an empty environment; nothing comes of one that cannot be read.
pub fn adapt_file(path: &Path) -> Outcome {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    adapt_text(&path.display().to_string(), &text, &|_| None)
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// Every file below a folder whose name ends so, sorted.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
