//! The texts of a config, by id, with lines and columns.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{FileId, Import, OriginId, Span};

/// A line and a column, both counted from one; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Every text that was read, and every import that was expanded.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The folder from which relative names start, if that is known.
    folder: Option<PathBuf>,
    files: Vec<File>,
    imports: Vec<Import>,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    text: Arc<str>,
    /// The offset at which each line starts.
    lines: Vec<u32>,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes the folder from which relative names start.
    #[must_use]
    pub fn in_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            ..self
        }
    }

    /// The folder from which relative names start, if that is known.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Adds a text under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let starts = line_starts(&text);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(File {
            name: name.into(),
            text,
            lines: starts,
        });
        id
    }

    /// Notes an import that is being expanded.
    pub fn import(&mut self, import: Import) -> OriginId {
        let id = OriginId(u32::try_from(self.imports.len()).unwrap_or(u32::MAX));
        self.imports.push(import);
        id
    }

    /// The name under which a text was added.
    pub fn name(&self, file: FileId) -> &str {
        self.files
            .get(file.0 as usize)
            .map_or("", |file| &file.name)
    }

    /// A whole text.
    pub fn text(&self, file: FileId) -> &str {
        self.files
            .get(file.0 as usize)
            .map_or("", |file| &file.text)
    }

    /// The same text, shared.
    pub fn shared(&self, file: FileId) -> Arc<str> {
        self.files
            .get(file.0 as usize)
            .map_or_else(|| "".into(), |file| file.text.clone())
    }

    /// The text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Position {
        self.position_at(span.file, span.start)
    }

    /// The line and column of an offset.
    pub fn position_at(&self, file: FileId, offset: u32) -> Position {
        let Some(file) = self.files.get(file.0 as usize) else {
            return Position { line: 1, column: 1 };
        };
        let line = file.lines.partition_point(|&start| start <= offset).max(1);
        let start = file.lines.get(line - 1).copied().unwrap_or(0);
        let before = file.text.get(start as usize..offset as usize).unwrap_or("");
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The imports through which a span came, innermost first.
    pub fn chain(&self, span: Span) -> Vec<&Import> {
        let mut chain = Vec::new();
        let mut origin = span.origin;
        while let Some(import) = origin.and_then(|id| self.imports.get(id.0 as usize)) {
            chain.push(import);
            // An import line always lies in an import that was noted before it, so this ends.
            origin = import.line.origin;
        }
        chain
    }

    /// Every text, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        (0..self.files.len()).map(|index| FileId(u32::try_from(index).unwrap_or(u32::MAX)))
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    let starts = after.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
    std::iter::once(0).chain(starts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut sources = Sources::new();
        let file = sources.add("Caddyfile", "a\nüb c\n");
        let span = Span::new(file, 6, 7);
        assert_eq!(sources.slice(span), "c");
        assert_eq!(sources.position(span), Position { line: 2, column: 4 });
    }

    #[test]
    fn the_chain_of_imports_is_innermost_first() {
        let mut sources = Sources::new();
        let file = sources.add("Caddyfile", "import a\nimport b\nx\n");
        let outer = sources.import(Import {
            line: Span::new(file, 0, 8),
            what: "a".into(),
        });
        let line = Span::new(file, 9, 17).through(outer);
        let inner = sources.import(Import {
            line,
            what: "b".into(),
        });
        let chain = sources.chain(Span::new(file, 18, 19).through(inner));
        let names: Vec<_> = chain.iter().map(|import| import.what.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
