//! Fixes, again and again until nothing is left that fits.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use caddis_lint::{Fixing, Linted, fixed};
use caddis_syntax::{Disk, Load, Loaded};
use similar::TextDiff;

use super::inputs::Text;
use super::run::{usage, write};
use crate::cli_lint::LintArgs;
use crate::report::{Failure, Io};

/// How often a text is gone through; each time there is less to do.
const MAX_ROUNDS: usize = 10;

/// Files as they are on disk, but for those that were changed already.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    changed: BTreeMap<String, String>,
}

impl Load for Overlay {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        let mut loaded = Disk.load(pattern, from)?;
        for file in &mut loaded {
            if let Some(text) = self.changed.get(&file.name) {
                file.text.clone_from(text);
            }
        }
        Ok(loaded)
    }
}

/// Looks at a text, and makes fixes if they are asked for; what is left is what is said.
pub(super) fn fix(
    args: &LintArgs,
    text: &Text,
    look: &dyn Fn(&str, &Overlay) -> Linted,
    io: &Io,
) -> Result<Linted, Failure> {
    let mut overlay = Overlay::default();
    let first = look(&text.content, &overlay);
    let fixing = match (args.fixes.unsafe_fixes, args.fixes.fix || args.fixes.diff) {
        (true, _) => Fixing::Unsafe,
        (false, true) => Fixing::Safe,
        (false, false) => return Ok(first),
    };
    let (mut linted, mut content) = (first.clone(), text.content.clone());
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..MAX_ROUNDS {
        let changes = fixed(&linted, fixing);
        if changes.is_empty() {
            break;
        }
        for (name, changed) in changes {
            let files = linted
                .sources
                .files()
                .find(|file| linted.sources.name(*file) == name);
            let old = files
                .map_or("", |file| linted.sources.text(file))
                .to_owned();
            before.entry(name.clone()).or_insert(old);
            if name == text.name {
                content.clone_from(&changed);
            }
            overlay.changed.insert(name, changed);
        }
        linted = look(&content, &overlay);
    }
    if args.fixes.diff {
        print(&before, &overlay, io)?;
        return Ok(first);
    }
    keep(text, &overlay, io)?;
    Ok(linted)
}

fn print(before: &BTreeMap<String, String>, after: &Overlay, io: &Io) -> Result<(), Failure> {
    for (name, old) in before {
        let Some(new) = after.changed.get(name) else {
            continue;
        };
        let diff = TextDiff::from_lines(old, new);
        let mut unified = diff.unified_diff();
        let text = unified
            .header(&format!("a/{name}"), &format!("b/{name}"))
            .to_string();
        io.print(&text)?;
    }
    Ok(())
}

/// Writes what was changed; standard input becomes standard output.
fn keep(text: &Text, overlay: &Overlay, io: &Io) -> Result<(), Failure> {
    if !text.is_file {
        let content = overlay.changed.get(&text.name).unwrap_or(&text.content);
        return io.print(content);
    }
    for (name, content) in &overlay.changed {
        let path = Path::new(name);
        if path.is_file() {
            write(path, content)?;
        } else {
            return Err(usage(format!("{name}: cannot be changed")));
        }
    }
    Ok(())
}
