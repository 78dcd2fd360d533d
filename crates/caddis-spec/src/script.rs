//! A script with the files that it names: what its cases are run from.

use std::path::{Path, PathBuf};

use caddis_source::{Code, Diagnostic, Sources};

use crate::spec::{Case, Spec, Text};
use crate::subject::World;
use crate::{Stubs, parse, password};

const NOT_READABLE: Code = Code("spec/not-readable");

/// A script, its Caddyfile and its place.
#[derive(Clone, Debug)]
pub struct Script {
    /// The script itself.
    pub spec: Spec,
    /// The path of the Caddyfile, for messages.
    name: String,
    config: String,
    /// The folder that paths in the script start from.
    folder: PathBuf,
    /// The folder that imports in the Caddyfile start from.
    config_folder: PathBuf,
}

impl Script {
    /// The text of its Caddyfile.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// Reads a script and its Caddyfile.
    pub fn read(path: &Path, sources: &mut Sources) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("`{name}` cannot be read: {error}");
            vec![Diagnostic::error_without_place(NOT_READABLE, message)]
        })?;
        let file = sources.add(name.clone(), text);
        let spec = parse(sources, file)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        match &spec.config {
            Text::Here(text, _) => Ok(Self {
                config: text.clone(),
                name: format!("{name}, config"),
                config_folder: folder.clone(),
                folder,
                spec,
            }),
            Text::Path(at, span) => {
                let at = folder.join(at);
                let config = std::fs::read_to_string(&at).map_err(|error| {
                    let message = format!("`{}` cannot be read: {error}", at.display());
                    let help = "the path starts from the folder of the script";
                    vec![Diagnostic::error(NOT_READABLE, *span, message).help(help)]
                })?;
                Ok(Self {
                    config,
                    name: at.display().to_string(),
                    config_folder: at.parent().unwrap_or(Path::new("")).to_owned(),
                    folder,
                    spec,
                })
            }
        }
    }

    /// What the server of a case is started with.
    pub(crate) fn world(&self, case: &Case) -> Result<World, String> {
        let changed = |name: &str| case.env.iter().any(|(other, _)| other == name);
        let kept = self.spec.env.iter().filter(|(name, _)| !changed(name));
        let mut world = World {
            name: self.name.clone(),
            config: self.config.clone(),
            folder: self.config_folder.clone(),
            env: kept.chain(&case.env).cloned().collect(),
            files: self.spec.files.clone(),
            urls: case
                .steps
                .iter()
                .map(|step| step.request.url.clone())
                .collect(),
            stubs: Stubs::new(self.spec.upstreams.clone()),
        };
        for password in &self.spec.passwords {
            password::make_instant(password, &mut world)?;
        }
        Ok(world)
    }

    /// A file that a request's body is read from: one of the script's own, or one on disk.
    pub(crate) fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        let own = self.spec.files.iter().find(|(name, _)| name == path);
        match own {
            Some((_, text)) => Ok(text.clone().into()),
            None => std::fs::read(self.folder.join(path))
                .map_err(|error| format!("`{path}` cannot be read: {error}")),
        }
    }
}
