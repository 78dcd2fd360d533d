//! The pieces of a text as words: quotes, escapes and heredocs are read, line starts are noted.

use std::ops::Range;

use caddis_source::{Code, Diagnostic, FileId, Span};

use crate::env::Replaced;
use crate::heredoc;
use crate::lex::{Kind, Piece, lex};
use crate::token::{Quote, Source, Token};

const BACKSLASH_IN_COMMENT: Code = Code("syntax/backslash-in-comment");
const UNCLOSED_QUOTE: Code = Code("syntax/unclosed-quote");
const UNCLOSED_HEREDOC: Code = Code("syntax/unclosed-heredoc");
const HEREDOC_MARKER: Code = Code("syntax/heredoc-marker");
const HEREDOC_INDENT: Code = Code("syntax/heredoc-indent");
const HEREDOC_TEXT: Code = Code("syntax/heredoc-text-lost");

/// A word, and whether a line begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) token: Token,
    pub(crate) first: bool,
}

/// The words of a text.
pub(crate) fn words(
    file: FileId,
    replaced: &Replaced,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Word> {
    let mut reader = Reader {
        file,
        replaced,
        diagnostics,
    };
    let mut words: Vec<Word> = Vec::new();
    let mut first = true;
    for piece in lex(&replaced.text) {
        match piece.kind {
            Kind::Bom => {}
            Kind::Gap => first |= ends_line(reader.raw(&piece)),
            Kind::Comment => reader.check_comment(&piece),
            Kind::Bare
            | Kind::Angle
            | Kind::Double
            | Kind::Back
            | Kind::Heredoc
            | Kind::UnclosedHeredoc
            | Kind::WrongHeredoc => {
                if let Some(token) = reader.token(&piece) {
                    words.push(Word { token, first });
                    first = false;
                }
            }
        }
    }
    words
}

/// True if there is a line end that no backslash takes away.
fn ends_line(gap: &str) -> bool {
    let mut escaped = false;
    for byte in gap.bytes() {
        match byte {
            b'\\' => escaped = true,
            b'\n' if escaped => escaped = false,
            b'\n' => return true,
            _ => {}
        }
    }
    false
}

struct Reader<'a> {
    file: FileId,
    replaced: &'a Replaced,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn raw(&self, piece: &Piece) -> &'a str {
        self.replaced.text.get(piece.range.clone()).unwrap_or("")
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.replaced.span(self.file, range)
    }

    /// A part of a piece, by offsets within the piece.
    fn within(&self, piece: &Piece, range: Range<usize>) -> Span {
        let start = piece.range.start;
        self.span(start + range.start..start + range.end)
    }

    /// The number of a line, as Caddy counts it: in the text with its variables.
    fn line(&self, at: usize) -> usize {
        let before = self.replaced.text.get(..at).unwrap_or("");
        before.matches('\n').count() + 1
    }

    fn token(&mut self, piece: &Piece) -> Option<Token> {
        let raw = self.raw(piece);
        let (text, quote) = match piece.kind {
            Kind::Bare => (bare(raw), Quote::Bare),
            Kind::Angle => (without_returns(raw), Quote::Bare),
            Kind::WrongHeredoc => {
                self.wrong_heredoc(piece);
                (without_returns(raw), Quote::Bare)
            }
            Kind::Double => {
                let (text, end) = quoted(raw);
                self.check_end(piece, '"', end);
                (text, Quote::Double)
            }
            Kind::Back => {
                let body = raw.split_once('`').map_or("", |(_, body)| body);
                let text = body.strip_suffix('`');
                let end = text.map_or(End::Open, |_| End::Closed);
                self.check_end(piece, '`', end);
                (text.unwrap_or(body).to_owned(), Quote::Back)
            }
            Kind::Heredoc => (self.heredoc(piece), Quote::Heredoc),
            Kind::UnclosedHeredoc => {
                self.unclosed_heredoc(piece);
                let body = raw.split_once('\n').map_or("", |(_, body)| body);
                (body.to_owned(), Quote::Heredoc)
            }
            Kind::Bom | Kind::Gap | Kind::Comment => return None,
        };
        // Caddy drops an opening quote with nothing behind it.
        let nothing = text.is_empty() && matches!(piece.kind, Kind::Bare | Kind::Angle);
        (!nothing).then(|| self.place(piece, text, quote))
    }

    fn place(&self, piece: &Piece, text: String, quote: Quote) -> Token {
        let mut token = Token::new(text, self.span(piece.range.clone()), quote);
        if self.replaced.touches(&piece.range) {
            token.set_source(Source::Environment);
        }
        token
    }

    fn check_comment(&mut self, piece: &Piece) {
        let raw = self.raw(piece);
        let Some(at) = raw.rfind('\\').filter(|&at| at > 0) else {
            return;
        };
        let span = self.within(piece, at..at + 1);
        self.diagnostics.push(
            Diagnostic::warning(BACKSLASH_IN_COMMENT, span, "backslash in a comment")
                .label("Caddy reads the next line as if it stood on the line of the comment")
                .help("write the comment without a backslash, so that Caddy reads the file alike"),
        );
    }

    fn check_end(&mut self, piece: &Piece, mark: char, end: End) {
        if end == End::Closed {
            return;
        }
        let at = self.raw(piece).find(mark).unwrap_or(0);
        let span = self.within(piece, at..at + 1);
        self.diagnostics.push(
            Diagnostic::warning(UNCLOSED_QUOTE, span, "this quote is never closed")
                .label("everything from here to the end of the file is one word")
                .help(format!("close it with another `{mark}`")),
        );
    }

    fn heredoc(&mut self, piece: &Piece) -> String {
        let raw = self.raw(piece);
        let heredoc = heredoc::read(raw);
        let marker = heredoc::marker(raw);
        let indent = raw.get(heredoc.indent.clone()).unwrap_or("");
        let closing = self.within(piece, raw.len() - marker.len()..raw.len());
        for line in &heredoc.mismatched {
            let message =
                format!("this line of the heredoc is indented less than its end `{marker}`");
            let caddys = format!(
                "mismatched leading whitespace in heredoc <<{marker} on line #{} [{}], expected whitespace [{indent}] to match the closing marker",
                self.line(piece.range.start + line.start),
                raw.get(line.clone()).unwrap_or("")
            );
            self.diagnostics.push(
                Diagnostic::error(HEREDOC_INDENT, self.within(piece, line.clone()), message)
                    .label(format!("must begin with {}", visible(indent)))
                    .also(
                        closing,
                        "the indentation of the closing marker is taken off each line",
                    )
                    .help("indent every line at least as the closing marker, with the same blanks")
                    .caddys(caddys),
            );
        }
        if heredoc.mismatched.is_empty() && !indent.trim().is_empty() {
            let span = self.within(piece, heredoc.indent);
            let message = format!("the text before the closing marker `{marker}` is lost");
            self.diagnostics.push(
                Diagnostic::warning(HEREDOC_TEXT, span, message)
                    .label("not part of the heredoc")
                    .help(format!("write `{marker}` on a line of its own, or choose a marker that is not in the text")),
            );
        }
        heredoc.text
    }

    fn unclosed_heredoc(&mut self, piece: &Piece) {
        let marker = heredoc::marker(self.raw(piece));
        let span = self.within(piece, 0..marker.len() + 2);
        let caddys = format!(
            "incomplete heredoc <<{marker} on line #{}, expected ending marker {marker}",
            self.line(piece.range.end)
        );
        self.diagnostics.push(
            Diagnostic::error(
                UNCLOSED_HEREDOC,
                span,
                format!("heredoc `<<{marker}` is never closed"),
            )
            .label("it begins here")
            .help(format!(
                "write `{marker}` on a line of its own after the text"
            ))
            .caddys(caddys),
        );
    }

    fn wrong_heredoc(&mut self, piece: &Piece) {
        let raw = self.raw(piece);
        let marker = heredoc::marker(raw);
        let span = self.span(piece.range.clone());
        let line = self.line(piece.range.start);
        let only = "must contain only alphanumeric characters, dashes and underscores; got";
        let diagnostic = if raw.starts_with("<<<") {
            let message = "a heredoc begins with two `<`, not more";
            Diagnostic::error(HEREDOC_MARKER, span, message)
                .help(format!(
                    "write `<<{}`, or quote it if no heredoc is meant",
                    raw.trim_start_matches('<')
                ))
                .caddys(format!(
                    "too many '<' for heredoc on line #{line}; only use two, for example <<END"
                ))
        } else if marker.is_empty() {
            Diagnostic::error(HEREDOC_MARKER, span, "a heredoc needs a marker after `<<`")
                .help("write a marker, as in `<<END`, or `\\<<` if no heredoc is meant")
                .caddys(format!(
                    "missing opening heredoc marker on line #{line}; {only} empty string"
                ))
        } else {
            let message = format!("`{}` is no marker for a heredoc", marker.escape_debug());
            Diagnostic::error(HEREDOC_MARKER, span, message)
                .label("only letters, digits, `-` and `_`")
                .help("write a marker, as in `<<END`, or `\\<<` if no heredoc is meant")
                .caddys(format!("heredoc marker on line #{line} {only} '{marker}'"))
        };
        self.diagnostics.push(diagnostic);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    Open,
}

/// A word without quotes: a backslash stays, save before `<` (no heredoc) and at the end.
fn bare(raw: &str) -> String {
    if !raw.contains(['\\', '\r']) {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut escaped = false;
    for char in raw.chars().filter(|char| !char.is_whitespace()) {
        if char == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && char != '<' {
            text.push('\\');
        }
        escaped = false;
        text.push(char);
    }
    text
}

/// The text in double quotes: only the quote itself can be escaped.
fn quoted(raw: &str) -> (String, End) {
    let (lead, body) = raw.split_once('"').unwrap_or(("", raw));
    let mut text = String::with_capacity(body.len());
    let mut escaped = !lead.is_empty();
    for char in body.chars() {
        if escaped {
            if char != '"' {
                text.push('\\');
            }
            escaped = false;
        } else if char == '\\' {
            escaped = true;
            continue;
        } else if char == '"' {
            return (text, End::Closed);
        }
        text.push(char);
    }
    (text, End::Open)
}

fn without_returns(raw: &str) -> String {
    raw.replace('\r', "")
}

fn visible(blanks: &str) -> String {
    format!("`{}`", blanks.escape_debug())
}
