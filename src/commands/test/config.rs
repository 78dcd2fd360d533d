//! A Caddyfile of a test → the IR, with the files and variables that the test gives.

use std::io;
use std::path::{Path, PathBuf};

use caddis_adapt::adapt;
use caddis_ir::Config;
use caddis_source::{Diagnostic, Sources, render};
use caddis_syntax::{Disk, Load, Loaded};
use serde_json::Value;

/// Where a test's Caddyfile finds what it imports: in the test, then on disk, from its folder.
pub(super) struct Around<'a> {
    /// The name of the Caddyfile.
    pub(super) name: &'a str,
    /// The folder in which it is taken to stand.
    pub(super) folder: &'a Path,
    /// Files of the test itself.
    pub(super) files: &'a [(String, String)],
}

impl Load for Around<'_> {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        if let Some((name, text)) = self.files.iter().find(|(name, _)| name == pattern) {
            return Ok(vec![Loaded {
                name: name.clone(),
                text: text.clone(),
            }]);
        }
        let from = if from == self.name {
            self.folder.join("Caddyfile")
        } else {
            PathBuf::from(from)
        };
        Disk.load(pattern, &from.to_string_lossy())
    }
}

/// The IR of a Caddyfile, or everything that is wrong with it.
pub(super) fn read(
    text: &str,
    around: &Around<'_>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Config, caddis_adapt::Origins, Sources), String> {
    let mut sources = Sources::new();
    let file = sources.add(around.name, text);
    let (tree, mut found) = caddis_syntax::parse(&mut sources, file, env, around);
    let adapted = adapt(tree, &sources);
    found.extend(adapted.diagnostics);
    if found.iter().any(Diagnostic::is_error) {
        found.retain(Diagnostic::is_error);
        return Err(render::concise(&found, &sources).trim_end().to_owned());
    }
    Ok((adapted.config, adapted.origins, sources))
}

/// The JSON of a Caddyfile that stands in a folder.
pub(super) fn to_json(text: &str, folder: &Path) -> Result<Value, String> {
    let around = Around {
        name: "Caddyfile",
        folder,
        files: &[],
    };
    let (config, ..) = read(text, &around, &|name| std::env::var(name).ok())?;
    serde_json::to_value(config).map_err(|error| error.to_string())
}
