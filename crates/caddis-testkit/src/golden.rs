//! Adapting the Caddyfiles of `testdata`, and the files beside them that hold what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use caddis_adapt::{Adapted, adapt_with_files};
use caddis_source::render::{Style, full};
use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Disk, parse};

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

/// Adapts a text under a name, with imports from the disk and the given environment.
pub fn adapt_text(name: &str, text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Outcome {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let (tree, mut diagnostics) = parse(&mut sources, file, environment, &Disk);
    let adapted = adapt_with_files(tree, &sources, &|file| fs::read(beside(name, file)));
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

/// A file that a Caddyfile names, where the process would run in the Caddyfile's folder.
fn beside(caddyfile: &str, file: &str) -> PathBuf {
    let folder = Path::new(caddyfile).parent().unwrap_or(Path::new(""));
    folder.join(file)
}
