//! Edits that repair a finding, and how to apply them.

use crate::{FileId, Span};

/// One replacement in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// The edits that together repair one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// The replacements; they do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// Puts a text in the place of another.
    pub fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            edits: vec![Edit {
                span,
                text: text.into(),
            }],
        }
    }

    /// The text of a file with the edits made, or `None` if two of them overlap.
    pub fn apply(&self, file: FileId, text: &str) -> Option<String> {
        let mut edits: Vec<_> = self
            .edits
            .iter()
            .filter(|edit| edit.span.file == file)
            .collect();
        edits.sort_by_key(|edit| edit.span.start);
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            result.push_str(text.get(at..range.start)?);
            result.push_str(&edit.text);
            at = range.end;
        }
        result.push_str(text.get(at..)?);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;

    #[test]
    fn overlapping_edits_are_refused() {
        let file = Sources::new().add("Caddyfile", "abcdef");
        let edit = |start, end| Edit {
            span: Span::new(file, start, end),
            text: "-".into(),
        };
        let fix = |edits| Fix {
            title: String::new(),
            edits,
        };
        assert_eq!(
            fix(vec![edit(4, 5), edit(1, 2)]).apply(file, "abcdef"),
            Some("a-cd-f".into())
        );
        assert_eq!(
            fix(vec![edit(1, 4), edit(2, 5)]).apply(file, "abcdef"),
            None
        );
    }
}
