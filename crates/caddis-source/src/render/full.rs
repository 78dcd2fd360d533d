//! Findings drawn over the text. The only file that names miette.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use crate::{Diagnostic, FileId, Label, Severity, Sources};

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
    let handler = GraphicalReportHandler::new_themed(match style {
        Style::Colour => GraphicalTheme::unicode(),
        Style::Plain => GraphicalTheme::unicode_nocolor(),
    })
    .with_links(false)
    .with_width(100)
    .with_context_lines(1);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let report = Report::of(diagnostic, sources);
        // Writing to a string cannot fail; a broken label must not take the message with it.
        if handler.render_report(&mut text, &report).is_err() {
            text.push_str(diagnostic.message());
        }
        text.push_str(&caddys(diagnostic, sources, style));
        text.push('\n');
    }
    text.push_str(&count(diagnostics));
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
struct Report {
    code: Option<&'static str>,
    severity: miette::Severity,
    message: String,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
    related: Vec<Report>,
}

impl Report {
    fn of(diagnostic: &Diagnostic, sources: &Sources) -> Self {
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
            source: primary.map(|file| source(file, sources)),
            labels: here.iter().map(|label| drawn(label, sources)).collect(),
            help: (!diagnostic.helps().is_empty()).then(|| diagnostic.helps().join("\n")),
            related: elsewhere
                .iter()
                .map(|label| Self::advice(label, sources))
                .collect(),
        }
    }

    fn advice(label: &Label, sources: &Sources) -> Self {
        let unlabelled = Label {
            span: label.span,
            text: String::new(),
        };
        Self {
            code: None,
            severity: miette::Severity::Advice,
            message: label.text.clone(),
            source: Some(source(label.span.file, sources)),
            labels: vec![drawn(&unlabelled, sources)],
            help: None,
            related: Vec::new(),
        }
    }
}

fn source(file: FileId, sources: &Sources) -> NamedSource<String> {
    NamedSource::new(sources.name(file), sources.text(file).to_owned())
}

fn drawn(label: &Label, sources: &Sources) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| label.text.clone());
    let end = sources.text(label.span.file).len();
    let range = label.span.range();
    let (start, stop) = (range.start.min(end), range.end.min(end));
    LabeledSpan::new(text, start, stop.saturating_sub(start))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
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
