//! `file`: files that are there, and `{http.matchers.file.*}` for the one that was found.

use caddis_ir::{FileMatch, Path};
use http::StatusCode;

use super::Look;
use super::file_search::{Found, Policy, Search, Wanted};
use crate::builder::Builder;
use crate::files::{self, Disk};
use crate::placeholders::{Template, Values};
use crate::{Context, HandlerError, Request, Result, uri};

/// The placeholder of the path that was found.
pub(crate) const RELATIVE: &str = "{http.matchers.file.relative}";
/// The same, escaped; our own name, for what a rewrite does with the path.
pub(crate) const RELATIVE_ESCAPED: &str = "{http.matchers.file.relative_escaped}";

/// A `file` matcher.
pub(super) struct FileMatcher {
    fs: Template,
    root: Template,
    tries: Vec<Try>,
    policy: Policy,
    split_path: Vec<Box<[u8]>>,
}

/// What is tried.
enum Try {
    /// The request fails.
    Status(StatusCode),
    /// A file, or a folder if it ends in a slash; `*`, `?` and `[…]` stand for names.
    Pattern { template: Template, is_folder: bool },
}

impl FileMatcher {
    pub(super) fn build(config: &FileMatch, at: &Path, builder: &mut Builder<'_>) -> Self {
        let or =
            |text: &str, default: &str| if text.is_empty() { default } else { text }.to_owned();
        let policy = Policy::read(&config.try_policy).unwrap_or_else(|| {
            let message = format!("`{}` is no policy", config.try_policy);
            let help = format!("write {}", Policy::NAMES);
            builder.error_with_help(&at.key("try_policy"), message, help);
            Policy::FirstExist
        });
        let paths = ["{http.request.uri.path}".to_owned()];
        let tries = match config.try_files.as_slice() {
            [] => &paths,
            tries => tries,
        };
        let at_tries = at.key("try_files");
        let tries = tries.iter().enumerate();
        let tries = tries.map(|(index, text)| Try::build(text, &at_tries.index(index), builder));
        Self {
            tries: tries.collect(),
            fs: builder.template(&or(&config.fs, "{http.vars.fs}"), &at.key("fs")),
            root: builder.template(&or(&config.root, "{http.vars.root}"), &at.key("root")),
            policy,
            split_path: (config.split_path.iter())
                .map(|ending| ending.to_ascii_lowercase().into_bytes().into())
                .collect(),
        }
    }

    /// Looks for the files of a request.
    pub(super) async fn matches(&self, request: &mut Request) -> Result<bool> {
        let Some(search) = self.search(&Values::of(request)) else {
            return Ok(false);
        };
        let found = match search.run(Disk::Memory) {
            Found::Later => files::wait_for(move || search.run(Disk::Waits)).await?,
            found => found,
        };
        note(found, Context::of(request))
    }

    /// The same, where nobody can wait: the thread does.
    pub(super) fn matches_at_once(&self, look: &Look<'_>) -> bool {
        let search = self.search(&look.values);
        search.is_some_and(|search| {
            note(search.run(Disk::Waits), look.values.context).unwrap_or(false)
        })
    }

    /// What there is to look for; nothing in a file system that nobody has.
    fn search(&self, values: &Values<'_>) -> Option<Search> {
        if !files::is_known_system(&self.fs.fill(values)) {
            return None;
        }
        let tries = self.tries.iter().map(|wanted| match wanted {
            Try::Status(status) => Wanted::Status(*status),
            Try::Pattern {
                template,
                is_folder,
            } => {
                let pattern = template.fill_escaped(values, escape_pattern);
                let (mut before, after) = split(&files::clean(&pattern), &self.split_path);
                if *is_folder {
                    before.push(b'/');
                }
                Wanted::Pattern { before, after }
            }
        });
        Some(Search {
            root: files::clean(&self.root.fill(values)),
            tries: tries.collect(),
            policy: self.policy,
        })
    }
}

impl Try {
    fn build(text: &str, at: &Path, builder: &mut Builder<'_>) -> Self {
        let status = text.strip_prefix('=').and_then(|code| code.parse().ok());
        match status.map(StatusCode::from_u16) {
            Some(Ok(status)) => Self::Status(status),
            Some(Err(_)) | None => Self::Pattern {
                template: builder.template(text, at),
                is_folder: text.ends_with('/'),
            },
        }
    }
}

/// Escapes what a pattern would take for a wildcard: values stand for themselves.
fn escape_pattern(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        if b"*?[\\".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

/// A path cut behind the first of the endings that an element of it has, whatever the case of ASCII letters.
fn split(path: &[u8], endings: &[Box<[u8]>]) -> (Vec<u8>, Vec<u8>) {
    let folded = path.to_ascii_lowercase();
    for ending in endings {
        // As in Caddy, only the first place counts.
        let Some(start) = memchr::memmem::find(&folded, ending) else {
            continue;
        };
        let (before, after) = path.split_at(start + ending.len());
        if after.is_empty() || after.starts_with(b"/") {
            return (before.to_vec(), after.to_vec());
        }
    }
    (path.to_vec(), Vec::new())
}

/// Notes what was found for the placeholders.
fn note(found: Found, context: &Context) -> Result<bool> {
    let file = match found {
        Found::Nothing | Found::Later => return Ok(false),
        Found::Status(status) => {
            return Err(HandlerError::status(status).because(status.as_str()));
        }
        Found::File(file) => file,
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut notes = context.notes();
    let mut escaped = Vec::new();
    uri::path_escape(file.relative(), &mut escaped);
    notes.set_placeholder("http.matchers.file.relative_escaped", text(&escaped));
    notes.set_placeholder("http.matchers.file.relative", text(file.relative()));
    notes.set_placeholder("http.matchers.file.absolute", text(&file.path));
    notes.set_placeholder("http.matchers.file.remainder", text(&file.remainder));
    let kind = if file.is_folder { "directory" } else { "file" };
    notes.set_placeholder("http.matchers.file.type", kind);
    Ok(true)
}
