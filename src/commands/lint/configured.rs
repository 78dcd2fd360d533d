//! What the command line and the nearest `caddis.toml` say about the rules.

use std::path::{Path, PathBuf};

use caddis_lint::{File, Level, Profile, Settings};

use super::run::usage;
use crate::cli_lint::{FailOn, LintArgs, ProfileName};
use crate::report::Failure;
use clap::ValueEnum as _;

const NAME: &str = "caddis.toml";

/// A config file, and the folder that its patterns start from.
#[derive(Debug, Default)]
pub(super) struct Configured {
    file: File,
    folder: PathBuf,
}

impl Configured {
    /// The file that is named, or the nearest one around the first path.
    pub(super) fn read(args: &LintArgs) -> Result<Self, Failure> {
        for selector in args.rules.select.iter().chain(&args.rules.ignore) {
            if !caddis_lint::selects_something(selector) {
                return Err(usage(format!("there is no rule `{selector}`")));
            }
        }
        let path = match &args.config {
            Some(path) => Some(path.clone()),
            None if args.no_config => None,
            None => nearest(args),
        };
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| usage(format!("{}: {error}", path.display())))?;
        let file = File::read(&text).map_err(|why| usage(format!("{}: {why}", path.display())))?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { file, folder })
    }

    /// The settings for one file; the command line counts more than the config file.
    pub(super) fn settings(&self, args: &LintArgs, name: &str) -> Result<Settings, Failure> {
        let path = absolute(Path::new(name));
        let folder = absolute(&self.folder);
        let within = path.strip_prefix(&folder).unwrap_or(&path);
        let mut settings = self.file.settings_for(&within.to_string_lossy());
        let rules = &args.rules;
        if let Some(profile) = rules.profile {
            settings.profile = match profile {
                ProfileName::Default => Profile::Default,
                ProfileName::Ollama => Profile::Ollama,
                ProfileName::Strict => Profile::Strict,
                ProfileName::Portable => Profile::Portable,
            };
        }
        if !rules.select.is_empty() {
            settings.select.clone_from(&rules.select);
        }
        settings.ignore.extend(rules.ignore.iter().cloned());
        for remap in &rules.severity {
            settings.severity.push(remapped(remap)?);
        }
        Ok(settings)
    }

    /// From which level on the exit code is 1.
    pub(super) fn fail_on(&self, args: &LintArgs) -> Result<FailOn, Failure> {
        if let Some(said) = args.rules.fail_on {
            return Ok(said);
        }
        match &self.file.fail_on {
            Some(said) => FailOn::from_str(said, false)
                .map_err(|_| usage(format!("{NAME}: `{said}` is no level for fail_on"))),
            None if args.rules.profile == Some(ProfileName::Strict) => Ok(FailOn::Style),
            None => Ok(FailOn::default()),
        }
    }
}

fn remapped(text: &str) -> Result<(String, Level), Failure> {
    let (selector, level) = text
        .split_once('=')
        .ok_or_else(|| usage(format!("`{text}` is not CODE=LEVEL")))?;
    if !caddis_lint::selects_something(selector) {
        return Err(usage(format!("there is no rule `{selector}`")));
    }
    let level = Level::parse(level).ok_or_else(|| {
        usage(format!(
            "`{level}` is no level: write error, warning, info or style"
        ))
    })?;
    Ok((selector.into(), level))
}

fn nearest(args: &LintArgs) -> Option<PathBuf> {
    let first = args.paths.iter().find(|path| *path != "-");
    let start = absolute(Path::new(first.map_or(".", String::as_str)));
    let mut folders = start.ancestors();
    folders.find_map(|folder| {
        let file = folder.join(NAME);
        file.is_file().then_some(file)
    })
}

fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
