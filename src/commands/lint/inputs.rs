//! The texts that the command line means: files, folders, standard input.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::run::usage;
use crate::report::Failure;

const STDIN: &str = "-";
const USUAL: &str = "Caddyfile";
const ENDING: &str = "caddyfile";
/// The most bytes of a text; Caddyfiles have a few thousand.
const MOST: u64 = 64 << 20;
/// Folders that hold what others wrote.
const SKIPPED: [&str; 4] = [".git", "node_modules", "target", "vendor"];

/// A text to look at.
#[derive(Debug)]
pub(super) struct Text {
    /// The name that findings have.
    pub(super) name: String,
    /// What it says.
    pub(super) content: String,
    /// False for standard input, which has no file to change.
    pub(super) is_file: bool,
}

/// The texts, and what could not be read.
pub(super) fn texts(
    paths: &[String],
    stdin_name: Option<&str>,
) -> Result<(Vec<Text>, Vec<String>), Failure> {
    let usual = [USUAL.to_owned()];
    let paths = if paths.is_empty() { &usual[..] } else { paths };
    if stdin_name.is_some() && !paths.iter().any(|path| path == STDIN) {
        return Err(usage(
            "--stdin-filename is for standard input: write `-` for it".into(),
        ));
    }
    let (mut texts, mut unread) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for path in paths {
        if path == STDIN {
            texts.push(standard_input(stdin_name.unwrap_or(STDIN))?);
            continue;
        }
        let files = if Path::new(path).is_dir() {
            found_in(Path::new(path))
        } else {
            vec![PathBuf::from(path)]
        };
        if files.is_empty() {
            unread.push(format!("{path}: there is no Caddyfile in this folder"));
        }
        for file in files {
            let name = file.to_string_lossy().into_owned();
            if !seen.insert(name.clone()) {
                continue;
            }
            match read(&file) {
                Ok(content) => texts.push(Text {
                    name,
                    content,
                    is_file: true,
                }),
                Err(why) => unread.push(format!("{name}: {why}")),
            }
        }
    }
    Ok((texts, unread))
}

fn standard_input(name: &str) -> Result<Text, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(MOST + 1).read_to_end(&mut bytes);
    read.map_err(|error| usage(format!("standard input: {error}")))?;
    Ok(Text {
        name: name.into(),
        content: text(bytes).map_err(|why| usage(format!("standard input: {why}")))?,
        is_file: false,
    })
}

fn read(file: &Path) -> Result<String, String> {
    let kind = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if !kind.is_file() {
        return Err("no regular file".into());
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| error.to_string())?;
    opened
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > MOST {
        return Err(format!("longer than {} MiB", MOST >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8".into())
}

/// `Caddyfile*` and `*.caddyfile` in a folder and those below it, by name; links are not followed.
fn found_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                folders.push(entry.path());
            } else if kind.is_file() && is_caddyfile(&name) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn is_caddyfile(name: &str) -> bool {
    let ends = Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING));
    name.starts_with(USUAL) || ends
}
