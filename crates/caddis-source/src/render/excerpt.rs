//! The lines around a finding, read without looking at the rest of its text.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::{FileId, Sources, Span};

/// A text that gives out a few of its lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Excerpt<'s> {
    sources: &'s Sources,
    file: FileId,
}

impl<'s> Excerpt<'s> {
    pub(crate) fn new(sources: &'s Sources, file: FileId) -> Self {
        Self { sources, file }
    }
}

impl SourceCode for Excerpt<'_> {
    // miette's own way reads a text from its start for every label, and that is quadratic.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let place = Span::new(self.file, span.offset(), span.offset() + span.len());
        // One line more than is asked for, so that its end is there too.
        let lines = self.sources.around(place, before.max(after) + 1);
        let start = lines.range.start;
        let window = self.sources.text(self.file).get(lines.range);
        let window = window.ok_or(MietteError::OutOfBounds)?;
        let within = (span.offset() - start, span.len()).into();
        let found = window.as_bytes().read_span(&within, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.sources.name(self.file).to_owned(),
            found.data(),
            (found.span().offset() + start, found.span().len()).into(),
            found.line() + lines.first,
            found.column(),
            // miette counts the lines from the start of the text.
            found.line_count() + lines.first,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_every_place_are_those_that_miette_finds() {
        let text = "a\n\nbc {\n\td é\n}\r\nlast\n\n}";
        let mut sources = Sources::new();
        let file = sources.add("Caddyfile", text);
        let excerpt = Excerpt::new(&sources, file);
        for (start, end) in (0..text.len()).flat_map(|at| (at..=text.len()).map(move |to| (at, to)))
        {
            let span = (start, end - start).into();
            for around in 0..3 {
                let own = excerpt.read_span(&span, around, around).unwrap();
                let theirs = text.as_bytes().read_span(&span, around, around).unwrap();
                assert_eq!(own.data(), theirs.data(), "{start}..{end}");
                assert_eq!(own.span(), theirs.span());
                assert_eq!(own.line(), theirs.line());
                assert_eq!(own.column(), theirs.column());
                assert_eq!(own.line_count(), theirs.line_count());
            }
        }
    }
}
