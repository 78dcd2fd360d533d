//! The lines of a script, one after the other, and what was found wrong with them.

use caddis_source::{Code, Diagnostic, FileId, Span, suggest};
use regex::Error as RegexError;

use super::line::{Kind, Line};
use crate::Pattern;

const NOT_A_LINE: Code = Code("spec/not-a-line");
const NOT_THERE_YET: Code = Code("spec/not-there-yet");
const UNCLOSED: Code = Code("spec/unclosed-heredoc");
const NOT_A_PATTERN: Code = Code("spec/not-a-pattern");

/// What begins a line that is part of the design and not there yet.
const LATER: [(&str, &str); 5] = [
    ("<=", "recorded answers (`<=`)"),
    ("^=", "recorded requests (`^=`)"),
    ("clock ", "a start time of the clock (`clock`)"),
    ("profile ", "`profile`"),
    ("@reload", "`@reload`"),
];

/// The words with which a setup line can begin.
const SETUP: [&str; 6] = ["config", "env", "file", "password", "upstream", "log"];

/// A cursor over the lines of a script.
pub(super) struct Reader<'a> {
    /// The script.
    pub file: FileId,
    lines: Vec<(usize, &'a str)>,
    at: usize,
    /// What was found wrong so far.
    pub found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let at = start;
            start += line.len();
            let line = line.strip_suffix('\n').unwrap_or(line);
            (at, line.strip_suffix('\r').unwrap_or(line))
        });
        Self {
            file,
            lines: lines.collect(),
            at: 0,
            found: Vec::new(),
        }
    }

    /// The next line that is neither blank nor a comment, unless it begins something that the caller does not want.
    pub(super) fn next_if(&mut self, wanted: impl Fn(Kind) -> bool) -> Option<(Line<'a>, Span)> {
        while let Some(&(start, text)) = self.lines.get(self.at) {
            let span = Span::new(self.file, start, start + text.len());
            match Line::read(text) {
                Some(line) if matches!(line.kind, Kind::blank | Kind::comment) => self.at += 1,
                Some(line) if line.kind == Kind::recorded => {
                    self.at += 1;
                    self.found.push(not_a_line(span, text));
                }
                Some(line) if wanted(line.kind) => {
                    self.at += 1;
                    return Some((line, span));
                }
                Some(_) => return None,
                None => {
                    self.at += 1;
                    self.found.push(not_a_line(span, text));
                }
            }
        }
        None
    }

    /// The lines up to the marker, each with its line end.
    pub(super) fn heredoc(&mut self, opening: Span, marker: &str) -> String {
        let mut text = String::new();
        while let Some(&(_, line)) = self.lines.get(self.at) {
            self.at += 1;
            if line.trim() == marker {
                return text;
            }
            text.push_str(line);
            text.push('\n');
        }
        self.error(UNCLOSED, opening, format!("`<<{marker}` is never closed"))
            .hint(format!("write a line with `{marker}` alone after the text"));
        text
    }

    /// Reads a pattern, or says what is wrong with it.
    pub(super) fn pattern(
        &mut self,
        span: Span,
        pattern: Result<Pattern, RegexError>,
    ) -> Option<Pattern> {
        let error = pattern.map_err(|error| error.to_string());
        error
            .map_err(|error| {
                let last = error.lines().last().unwrap_or("").trim().to_owned();
                self.error(NOT_A_PATTERN, span, "this is not a regular expression")
                    .hint(last);
            })
            .ok()
    }

    /// Notes an error.
    pub(super) fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Noted<'_> {
        self.found.push(Diagnostic::error(code, span, message));
        Noted(&mut self.found)
    }
}

/// An error that was just noted, to be given a help.
pub(super) struct Noted<'a>(&'a mut Vec<Diagnostic>);

impl Noted<'_> {
    /// Says what to write instead.
    pub(super) fn hint(self, help: impl Into<String>) {
        if let Some(last) = self.0.pop() {
            self.0.push(last.help(help));
        }
    }
}

fn not_a_line(span: Span, text: &str) -> Diagnostic {
    if let Some((_, what)) = LATER.iter().find(|(start, _)| text.starts_with(start)) {
        return Diagnostic::error(NOT_THERE_YET, span, format!("{what} cannot be tested yet"))
            .help("take the line out, and expect the values that matter with `<` and `^`");
    }
    let diagnostic = Diagnostic::error(NOT_A_LINE, span, format!("`{text}` cannot be read"));
    match help(text) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// What lines that begin like this look like.
fn help(text: &str) -> Option<String> {
    let known = match text.as_bytes() {
        [b'>', ..] => {
            "`> METHOD http[s]://HOST/PATH`, then `> Name: value`, `>| body line`, `>@ FILE` or `>* SIZE`"
        }
        [b'<', ..] => {
            "`< STATUS`, `< abort`, `< Name: value`, `<! Name`, `<| body line`, `<{ JSON` or `<+ chunk`"
        }
        [b'^', ..] => {
            "`^ none`, `^> UPSTREAM METHOD PATH`, `^> Name: value`, `^! Name`, `^| body line` or `^< UPSTREAM STATUS|refuse|timeout`"
        }
        [b'\t', b'\t', ..] => {
            "in a stub: `STATUS`, `Name: value`, `| body line` or `|+ [delay] chunk`"
        }
        [b'\t', ..] => {
            "below `upstream`: one tab, then `METHOD PATH`; two tabs, then what it answers"
        }
        [b' ', ..] => "indent with tabs",
        [b'@', ..] => {
            "`@peer IP`, `@proto h1|h2`, `@env NAME=VALUE`, `@repeat N` or `@clock +DURATION`"
        }
        _ => {
            let word = text.split(' ').next()?;
            return Some(match suggest(word, SETUP) {
                Some(near) => format!("{near}: `{}`", usage(near)),
                None => "lines begin with `config`, `env`, `file`, `password`, `upstream`, `===`, `---`, `@`, `>`, `<`, `^`, `log` or `#`".into(),
            });
        }
    };
    Some(format!("write {known}"))
}

fn usage(word: &str) -> &'static str {
    match word {
        "config" => "config PATH` or `config <<EOF",
        "env" => "env NAME=VALUE",
        "file" => "file NAME <<EOF",
        "password" => "password[!] USER PLAIN",
        "upstream" => "upstream NAME at HOST:PORT",
        _ => "log LEVEL {JSON}",
    }
}
