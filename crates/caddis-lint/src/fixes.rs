//! Fixes made in the texts.

use std::collections::BTreeMap;

use caddis_source::{Edit, FileId, Fix};

use crate::linted::Linted;
use crate::rule::Safety;

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixing {
    /// Those that can be made without thinking.
    Safe,
    /// All.
    Unsafe,
}

/// The texts with as many fixes as fit beside each other, by the name of their file; nothing if there is nothing to fix.
///
/// What does not fit is left for the next round.
pub fn fixed(linted: &Linted, fixing: Fixing) -> BTreeMap<String, String> {
    let wanted = linted
        .active()
        .filter(|finding| match (finding.safety, fixing) {
            (Safety::Safe, _) | (Safety::Unsafe, Fixing::Unsafe) => true,
            (Safety::Unsafe, Fixing::Safe) | (Safety::None, _) => false,
        });
    let mut fixes: Vec<&Fix> = wanted
        .filter_map(|finding| finding.diagnostic.fixes())
        .collect();
    // What changes the whole file comes when nothing else is left.
    fixes.sort_by_key(|fix| {
        fix.edits
            .iter()
            .map(|edit| edit.span.end - edit.span.start)
            .max()
    });
    let mut taken: Vec<Edit> = Vec::new();
    for fix in fixes {
        let fits = fix
            .edits
            .iter()
            .all(|edit| !taken.iter().any(|other| overlap(edit, other)));
        if fits {
            taken.extend(fix.edits.iter().cloned());
        }
    }
    let mut changed: Vec<FileId> = taken.iter().map(|edit| edit.span.file).collect();
    changed.sort_unstable();
    changed.dedup();
    let all = Fix {
        title: String::new(),
        edits: taken,
    };
    let texts = changed.into_iter().filter_map(|file| {
        let text = all.apply(file, linted.sources.text(file))?;
        let is_new = text != linted.sources.text(file);
        is_new.then(|| (linted.sources.name(file).to_owned(), text))
    });
    texts.collect()
}

/// Two insertions at one place overlap too: one of them waits.
fn overlap(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}
