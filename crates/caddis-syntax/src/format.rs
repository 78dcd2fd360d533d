//! The formatter: other white space, the same words.

use crate::lex::{Kind, Piece, lex};

/// Deeper blocks are not indented further, as in Caddy.
const MAX_INDENT: usize = 10;
const BYTE_ORDER_MARK: &str = "\u{FEFF}";
/// One empty line is kept where there are several.
const MAX_LINE_ENDS: usize = 2;

/// The text as `caddy fmt` writes it; only white space changes.
pub fn format(text: &str) -> String {
    let items = items(text);
    let mut output = Output::default();
    for item in &items {
        output.item(item);
    }
    output.finish()
}

/// Something to be written.
struct Item<'a> {
    part: Part<'a>,
    gap: Gap,
}

enum Part<'a> {
    ByteOrderMark,
    Open,
    Close,
    Word(&'a str),
    /// A word, or a rest of the file, after which no line end may be added.
    Last(&'a str),
    /// A word that would be something else if the line ended right after it.
    Fragile(&'a str),
    Comment(&'a str),
    /// A backslash that takes a line end away.
    Join,
}

/// The white space before something.
#[derive(Clone, Copy, Default)]
struct Gap {
    any: bool,
    line_ends: usize,
}

fn items(text: &str) -> Vec<Item<'_>> {
    let pieces: Vec<Piece> = lex(text).collect();
    let mut reader = Reader {
        items: Vec::with_capacity(pieces.len()),
        gap: Gap::default(),
        inline: false,
    };
    let glued = if is_balanced(text, &pieces) {
        Glued::Stays
    } else {
        Glued::Splits
    };
    for piece in pieces {
        let raw = text.get(piece.range).unwrap_or("");
        match piece.kind {
            Kind::Gap => reader.gap(raw),
            Kind::Bare if glued == Glued::Splits => reader.split(raw),
            Kind::Bare => reader.word(raw),
            Kind::Angle => reader.push(Part::Fragile(raw)),
            Kind::Comment => reader.push(Part::Comment(raw)),
            Kind::UnclosedHeredoc => reader.push(Part::Last(raw)),
            Kind::Double if !is_closed(raw, '"') => reader.push(Part::Last(raw)),
            Kind::Back if !is_closed(raw, '`') => reader.push(Part::Last(raw)),
            Kind::Bom => reader.push(Part::ByteOrderMark),
            Kind::Double | Kind::Back | Kind::Heredoc | Kind::WrongHeredoc => {
                reader.push(Part::Word(raw));
            }
        }
    }
    reader.items
}

/// What becomes of braces that stand within other words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glued {
    Stays,
    /// As in Caddy; only where the braces do not match anyway.
    Splits,
}

fn is_balanced(text: &str, pieces: &[Piece]) -> bool {
    let mut depth = 0_usize;
    for piece in pieces.iter().filter(|piece| piece.kind == Kind::Bare) {
        match text.get(piece.range.clone()) {
            Some("{") => depth += 1,
            Some("}") => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            Some(_) | None => {}
        }
    }
    depth == 0
}

/// True if a quoted word has its closing mark.
fn is_closed(raw: &str, mark: char) -> bool {
    let body = raw.split_once(mark).map_or("", |(_, body)| body);
    let Some(inside) = body.strip_suffix(mark) else {
        return false;
    };
    let backslashes = inside.chars().rev().take_while(|&char| char == '\\');
    mark == '`' || backslashes.count() % 2 == 0
}

/// True if a word ends with a backslash that is no part of it.
fn drops_backslash(raw: &str) -> bool {
    let raw = raw.trim_end_matches('\r');
    let backslashes = raw.chars().rev().take_while(|&char| char == '\\');
    backslashes.count() % 2 == 1
}

struct Reader<'a> {
    items: Vec<Item<'a>>,
    gap: Gap,
    /// A brace stands within a word, so that a closing one may, too.
    inline: bool,
}

impl<'a> Reader<'a> {
    fn push(&mut self, part: Part<'a>) {
        let gap = std::mem::take(&mut self.gap);
        self.items.push(Item { part, gap });
    }

    fn gap(&mut self, raw: &str) {
        let mut escaped = false;
        for byte in raw.bytes() {
            match byte {
                b'\\' => escaped = true,
                b'\n' if escaped => {
                    escaped = false;
                    self.push(Part::Join);
                }
                b'\n' => {
                    self.gap.any = true;
                    self.gap.line_ends += 1;
                }
                _ => self.gap.any |= !escaped,
            }
        }
        if escaped {
            self.push(Part::Join);
        }
    }

    fn word(&mut self, raw: &'a str) {
        self.push(match raw {
            "{" => Part::Open,
            "}" => Part::Close,
            _ if drops_backslash(raw) => Part::Fragile(raw),
            _ => Part::Word(raw),
        });
    }

    /// Takes braces off a word, where Caddy does.
    fn split(&mut self, mut raw: &'a str) {
        while let Some(rest) = raw.strip_prefix('}')
            && (self.gap.any || !self.inline)
        {
            self.push(Part::Close);
            raw = rest;
        }
        let (word, opens) = match raw.strip_suffix('{') {
            Some(word) => (word, true),
            None => (raw, false),
        };
        let mut closes = 0;
        let mut word = word;
        while let Some(rest) = word.strip_suffix('}')
            && !self.inline
            && !word.contains('{')
        {
            word = rest;
            closes += 1;
        }
        self.inline |= word.contains('{');
        match word {
            "" => {}
            "}" => self.push(Part::Word(word)),
            _ => self.word(word),
        }
        for _ in 0..closes {
            self.push(Part::Close);
        }
        if opens {
            self.inline = false;
            self.push(Part::Open);
        }
    }
}

#[derive(Default)]
struct Output<'a> {
    text: String,
    depth: usize,
    /// Where the line stands that is being written.
    line: Line<'a>,
    /// Line ends that are already written, and so do not count once more.
    written: usize,
    end: End,
}

#[derive(Default, PartialEq)]
enum Line<'a> {
    /// Nothing is written in it, or only a closing brace.
    #[default]
    Start,
    /// A line with this word in front.
    Begun(&'a str),
}

/// How the text may end.
#[derive(Default, PartialEq)]
enum End {
    #[default]
    Line,
    /// The blanks at the end of the last comment go.
    Comment,
    Nothing,
    /// A line end needs a space before it.
    SpaceAndLine,
}

impl<'a> Output<'a> {
    fn item(&mut self, item: &Item<'a>) {
        let gap = self.remaining(item.gap);
        match item.part {
            Part::Open => self.open(gap),
            Part::Close => self.close(),
            Part::ByteOrderMark => self.text.push_str(BYTE_ORDER_MARK),
            Part::Word(raw) => self.place(raw, gap),
            Part::Last(raw) => {
                self.place(raw, gap);
                self.end = End::Nothing;
            }
            Part::Fragile(raw) => {
                self.place(raw, gap);
                self.end = End::SpaceAndLine;
            }
            Part::Comment(raw) => {
                self.place(raw, gap);
                self.line_end();
                self.written = 1;
                self.end = End::Comment;
            }
            Part::Join => {
                self.place("\\", gap);
                self.text.push('\n');
            }
        }
    }

    /// The gap without the line ends that are written already.
    fn remaining(&mut self, gap: Gap) -> Gap {
        let written = std::mem::take(&mut self.written);
        Gap {
            line_ends: gap.line_ends.saturating_sub(written),
            ..gap
        }
    }

    fn place(&mut self, raw: &'a str, gap: Gap) {
        if !self.is_empty() {
            for _ in 0..gap.line_ends.min(MAX_LINE_ENDS) {
                self.line_end();
            }
        }
        match self.line {
            Line::Start => {
                if self.depth == 0 && self.text.ends_with('}') {
                    self.line_end();
                    self.line_end();
                }
                if self.text.is_empty() && raw.starts_with(BYTE_ORDER_MARK) {
                    // At the very start it would be no part of the word.
                    self.text.push(' ');
                }
                self.indent();
                self.line = Line::Begun(raw);
            }
            Line::Begun(_) if gap.any => self.text.push(' '),
            Line::Begun(_) => {}
        }
        self.text.push_str(raw);
        self.end = End::Line;
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() || self.text == BYTE_ORDER_MARK
    }

    fn line_end(&mut self) {
        // Without the space, a heredoc would begin here, or the line end would be taken away.
        if self.end == End::SpaceAndLine {
            self.text.push(' ');
            self.end = End::Line;
        }
        self.text.push('\n');
        self.line = Line::Start;
    }

    fn indent(&mut self) {
        for _ in 0..self.depth.min(MAX_INDENT) {
            self.text.push('\t');
        }
    }

    fn open(&mut self, gap: Gap) {
        match self.line {
            Line::Start if self.text.ends_with('}') => {
                self.line_end();
                if self.depth == 0 {
                    self.line_end();
                }
                self.indent();
            }
            Line::Start => self.indent(),
            // The block after an import of the top level is that of the global options. Caddy joins the two
            // if there is an empty line between them or a comment before, and so changes what they mean.
            Line::Begun("import") if self.depth == 0 && gap.line_ends > 0 => self.line_end(),
            Line::Begun(_) => self.text.push(' '),
        }
        self.text.push('{');
        self.end = End::Line;
        self.line_end();
        self.depth += 1;
        self.written = usize::MAX;
    }

    fn close(&mut self) {
        if !self.is_empty() && !self.text.ends_with('\n') {
            self.line_end();
        }
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text.push('}');
        self.line = Line::Start;
        self.end = End::Line;
    }

    fn finish(mut self) -> String {
        match self.end {
            End::Nothing => return self.text,
            End::SpaceAndLine => self.text.push_str(" \n"),
            End::Line => self.end_at(self.text.trim_end_matches('\n').len()),
            End::Comment => self.end_at(self.text.trim_end().len()),
        }
        self.text
    }

    fn end_at(&mut self, length: usize) {
        self.text.truncate(length);
        self.text.push('\n');
    }
}
