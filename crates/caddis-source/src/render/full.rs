//! Findings drawn over the text. The only file that names miette.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::concise;
use super::excerpt::Excerpt;
use crate::{Diagnostic, Label, Severity, Sources};

/// The longest line that is drawn, in bytes.
const LONGEST_LINE: usize = 2000;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Colours and line drawing.
    Colour,
    /// Line drawing without colours, for pipes and files.
    Plain,
}

/// The findings drawn over their text, with the imports that led there, and a line that counts them.
pub fn full(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    drawn_each(diagnostics, sources, style) + &count(diagnostics)
}

/// The same without the line that counts them.
pub fn drawn_each(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let handler = GraphicalReportHandler::new_themed(match style {
        Style::Colour => GraphicalTheme::unicode(),
        Style::Plain => GraphicalTheme::unicode_nocolor(),
    })
    .with_links(false)
    .with_width(100)
    .with_context_lines(1);
    let mut text = String::new();
    for diagnostic in diagnostics {
        if has_long_lines(diagnostic, sources) {
            text.push_str(&without_drawing(diagnostic, sources));
        } else {
            let report = Report::of(diagnostic, sources);
            // Writing to a string cannot fail; a broken label must not take the message with it.
            if handler.render_report(&mut text, &report).is_err() {
                text.push_str(diagnostic.message());
            }
        }
        text.push_str(&caddys(diagnostic, sources, style));
        text.push('\n');
    }
    text
}

/// True if what would be drawn has more bytes than anyone reads: JSON on one line. Beyond 65535 columns miette panics.
fn has_long_lines(diagnostic: &Diagnostic, sources: &Sources) -> bool {
    let labels = diagnostic.labels().iter().map(|label| label.span);
    let imports = diagnostic
        .span()
        .map(|span| sources.chain(span))
        .unwrap_or_default();
    let mut spans = labels.chain(imports.into_iter().map(|import| import.line));
    spans.any(|span| {
        let around = sources.text(span.file).get(sources.around(span, 1).range);
        let mut lines = around.unwrap_or_default().lines();
        lines.any(|line| line.len() > LONGEST_LINE)
    })
}

/// The finding with its place in numbers.
fn without_drawing(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = concise(std::slice::from_ref(diagnostic), sources);
    for help in diagnostic.helps() {
        text.push_str("  help: ");
        text.push_str(help);
        text.push('\n');
    }
    text
}

/// Caddy's words on one line, however long: they are there to be searched for and matched.
fn caddys(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let Some(caddys) = diagnostic.caddys_words() else {
        return String::new();
    };
    let message = caddys.message(sources);
    match style {
        Style::Colour => format!("\x1b[2m  Caddy: {message}\x1b[0m\n"),
        Style::Plain => format!("  Caddy: {message}\n"),
    }
}

fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity, one: &str| match diagnostics
        .iter()
        .filter(|found| found.severity() == severity)
        .count()
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let parts = [
        of(Severity::Error, "error"),
        of(Severity::Warning, "warning"),
        of(Severity::Note, "note"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        parts.join(", ") + "\n"
    }
}

/// One report labels one text only; places in other texts are attached as advice.
#[derive(Debug)]
struct Report<'s> {
    code: Option<&'static str>,
    severity: miette::Severity,
    message: String,
    source: Option<Excerpt<'s>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
    related: Vec<Report<'s>>,
}

impl<'s> Report<'s> {
    fn of(diagnostic: &Diagnostic, sources: &'s Sources) -> Self {
        let primary = diagnostic.span().map(|span| span.file);
        let mut labels: Vec<Label> = diagnostic.labels().to_vec();
        if let Some(span) = diagnostic.span() {
            labels.extend(sources.chain(span).into_iter().map(|import| Label {
                span: import.line,
                text: format!("imported here as `{}`", import.what),
            }));
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) = labels
            .into_iter()
            .partition(|label| Some(label.span.file) == primary);
        Self {
            code: Some(diagnostic.code().0),
            severity: match diagnostic.severity() {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            message: diagnostic.message().into(),
            source: primary.map(|file| Excerpt::new(sources, file)),
            labels: here.iter().map(|label| drawn(label, sources)).collect(),
            help: (!diagnostic.helps().is_empty()).then(|| diagnostic.helps().join("\n")),
            related: elsewhere
                .iter()
                .map(|label| Self::advice(label, sources))
                .collect(),
        }
    }

    fn advice(label: &Label, sources: &'s Sources) -> Self {
        let unlabelled = Label {
            span: label.span,
            text: String::new(),
        };
        Self {
            code: None,
            severity: miette::Severity::Advice,
            message: label.text.clone(),
            source: Some(Excerpt::new(sources, label.span.file)),
            labels: vec![drawn(&unlabelled, sources)],
            help: None,
            related: Vec::new(),
        }
    }
}

fn drawn(label: &Label, sources: &Sources) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| label.text.clone());
    let end = sources.text(label.span.file).len();
    let range = label.span.range();
    let (start, stop) = (range.start.min(end), range.end.min(end));
    LabeledSpan::new(text, start, stop.saturating_sub(start))
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code
            .map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(
            self.related
                .iter()
                .map(|report| report as &dyn miette::Diagnostic),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, full};
    use crate::{Code, Diagnostic, Sources, Span};

    #[test]
    fn what_stands_far_out_on_a_long_line_has_its_place_in_numbers() {
        let mut sources = Sources::new();
        let file = sources.add("caddy.json", " ".repeat(100_000) + "x");
        let span = Span::new(file, 100_000, 100_001);
        let found = Diagnostic::error(Code("json/not-a-config"), span, "wrong").help("write y");
        let drawn = full(&[found], &sources, Style::Plain);
        assert!(
            drawn.contains("caddy.json:1:100001: error: wrong"),
            "{drawn}"
        );
        assert!(drawn.contains("help: write y"), "{drawn}");
        assert!(drawn.len() < 300, "the line is drawn");
    }
}
