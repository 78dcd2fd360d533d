//! Footnotes of Markdown, as Caddy's pages have them.

use std::fmt::Write;

/// The footnotes of a page, while it is written.
#[derive(Default)]
pub(super) struct Footnotes {
    count: usize,
    references: u32,
}

impl Footnotes {
    /// Writes a reference: which footnote, and how often it has been referred to, with this one.
    pub(super) fn reference(out: &mut String, number: u32, occurrence: u32) {
        let id = id(occurrence, number as usize);
        let _ = write!(
            out,
            "<sup id=\"{id}\"><a href=\"#fn:{number}\" class=\"footnote-ref\" role=\"doc-noteref\">{number}</a></sup>"
        );
    }

    /// Begins a footnote that is referred to so often.
    pub(super) fn begin(&mut self, out: &mut String, references: u32) {
        if self.count == 0 {
            out.push_str("<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n");
        }
        self.count += 1;
        self.references = references;
        let _ = writeln!(out, "<li id=\"fn:{}\">", self.count);
    }

    /// Writes the links back, at the end of the last paragraph of a footnote.
    pub(super) fn links_back(&self, out: &mut String) {
        for occurrence in 1..=self.references {
            let id = id(occurrence, self.count);
            let _ = write!(
                out,
                "&#160;<a href=\"#{id}\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a>"
            );
        }
    }

    /// Ends the list of them, if there is one.
    pub(super) fn finish(&self, out: &mut String) {
        if self.count > 0 {
            out.push_str("</ol>\n</div>\n");
        }
    }
}

fn id(occurrence: u32, number: usize) -> String {
    match occurrence {
        0 | 1 => format!("fnref:{number}"),
        more => format!("fnref{}:{number}", more - 1),
    }
}
