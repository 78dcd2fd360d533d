//! Words folded to lines and blocks, without recursion: the depth of a config is not the depth of a stack.

use caddis_source::{Code, Diagnostic, Span};

use crate::expand::Words;
use crate::limits::MAX_DEPTH;
use crate::token::{Quote, Token};
use crate::tree::{Block, Line};
use crate::words::Word;

const UNCLOSED_BLOCK: Code = Code("syntax/unclosed-block");
const SURPLUS_BRACE: Code = Code("syntax/surplus-brace");
const BRACE_ON_NEW_LINE: Code = Code("syntax/brace-on-new-line");
const BRACE_NOT_LAST: Code = Code("syntax/brace-not-last");
const CLOSING_NOT_ALONE: Code = Code("syntax/closing-brace-not-alone");
const EMPTY_BRACES: Code = Code("syntax/empty-braces");
const ANONYMOUS_BLOCK: Code = Code("syntax/anonymous-block");
const TOO_DEEP: Code = Code("syntax/too-deep");

/// Whether a site stands in braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Braces {
    Present,
    Absent,
}

/// Reads up to the closing brace, or to the end of the file.
pub(crate) fn block(words: &mut Words<'_>, open: Span, braces: Braces) -> Block {
    let mut fold = Fold {
        words,
        braces,
        outer: Vec::new(),
        inner: Frame::new(open),
        glued: None,
        last: Last::Other,
    };
    while let Some(word) = fold.words.next() {
        if let Some(block) = fold.word(word) {
            return block;
        }
    }
    fold.end()
}

/// What is said of a `}` too many.
pub(crate) fn surplus_brace(token: &Token) -> Diagnostic {
    token
        .error(SURPLUS_BRACE, "this `}` closes nothing")
        .help("remove it, or open a block before it with `{` at the end of a line")
}

struct Fold<'w, 'a> {
    words: &'w mut Words<'a>,
    braces: Braces,
    /// The blocks around the innermost one, outermost first.
    outer: Vec<Frame>,
    inner: Frame,
    /// A word like `handle{`, where a space was probably forgotten.
    glued: Option<Token>,
    /// The word that was taken last.
    last: Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    ClosingBrace,
    Other,
}

struct Frame {
    open: Span,
    lines: Vec<Line>,
    /// The line under way; in an outer block, the line that opened the next one.
    line: Vec<Token>,
}

impl Frame {
    fn new(open: Span) -> Self {
        Self {
            open,
            lines: Vec::new(),
            line: Vec::new(),
        }
    }

    fn end_line(&mut self, block: Option<Block>) {
        if !self.line.is_empty() {
            // The room is kept for the next line, and the words get no more than they need.
            let words = self.line.drain(..).collect();
            self.lines.push(Line { words, block });
        }
    }
}

impl Fold<'_, '_> {
    /// Takes one word; the whole block, if this was its closing brace.
    fn word(&mut self, word: Word) -> Option<Block> {
        let Word { token, first } = word;
        self.last = match token.text() {
            "}" => Last::ClosingBrace,
            _ => Last::Other,
        };
        if first {
            self.inner.end_line(None);
        }
        if token.is_bare("{") {
            self.open(&token, first);
            return None;
        }
        if token.is_bare("}") {
            return self.close(&token);
        }
        if token.is_bare("{}") && self.ends_line() {
            self.empty_braces(&token);
            return None;
        }
        if token.quote() == Quote::Bare && token.text().ends_with('{') && self.ends_line() {
            self.glued = Some(token.clone());
        }
        self.inner.line.push(token);
        None
    }

    fn ends_line(&mut self) -> bool {
        self.words.peek().is_none_or(|next| next.first)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.words.diagnostics.push(diagnostic);
    }

    fn open(&mut self, token: &Token, first: bool) {
        if first {
            self.take_line_before(token);
        }
        if self.inner.line.is_empty() {
            self.report(
                token
                    .error(ANONYMOUS_BLOCK, "this block has no name")
                    .help("write a directive before `{`, or remove the braces"),
            );
            self.words.raw_block(token.span());
            return;
        }
        if !self.ends_line() {
            self.report(behind_opening(token));
        }
        if self.outer.len() + 1 >= MAX_DEPTH {
            let message = format!("blocks are nested deeper than {MAX_DEPTH}");
            self.report(token.error(TOO_DEEP, message));
            self.words.raw_block(token.span());
            self.inner.end_line(None);
            return;
        }
        let outer = std::mem::replace(&mut self.inner, Frame::new(token.span()));
        self.outer.push(outer);
    }

    /// Lets a brace on a new line belong to the line before, as it was probably meant.
    fn take_line_before(&mut self, token: &Token) {
        if let Some(line) = self.inner.lines.pop_if(|line| line.block.is_none()) {
            self.inner.line = line.words;
            self.report(
                token
                    .error(BRACE_ON_NEW_LINE, "this `{` stands on a line of its own")
                    .help("write `{` at the end of the line before"),
            );
        }
    }

    fn close(&mut self, token: &Token) -> Option<Block> {
        if self.outer.is_empty() && self.braces == Braces::Absent {
            let diagnostic = self.with_glued(surplus_brace(token));
            if self.inner.line.is_empty() {
                // Caddy ends the site here, though it began without a brace.
                self.report(diagnostic.as_warning().label("ends the site, as in Caddy"));
                return Some(self.closed(token.span()));
            }
            self.report(diagnostic);
            return None;
        }
        if !self.inner.line.is_empty() {
            self.report(
                token
                    .error(CLOSING_NOT_ALONE, "`}` stands behind other words")
                    .label("Caddy takes it for one more argument")
                    .help("write `}` on a line of its own; quote it if it is an argument: `\"}\"`"),
            );
        }
        let block = self.closed(token.span());
        let Some(outer) = self.outer.pop() else {
            return Some(block);
        };
        self.inner = outer;
        self.inner.end_line(Some(block));
        if let Some(next) = self.words.peek().filter(|next| !next.first) {
            let diagnostic = behind_closing(&next.token);
            self.report(diagnostic);
        }
        None
    }

    /// The innermost block, which ends here.
    fn closed(&mut self, close: Span) -> Block {
        self.inner.end_line(None);
        Block {
            open: self.inner.open,
            lines: std::mem::take(&mut self.inner.lines),
            close,
        }
    }

    fn empty_braces(&mut self, token: &Token) {
        self.report(
            token
                .error(EMPTY_BRACES, "`{}` opens no block")
                .help("remove it, or write `{` and, on the next line, `}`"),
        );
    }

    /// Points at a forgotten space that may be the reason.
    fn with_glued(&mut self, diagnostic: Diagnostic) -> Diagnostic {
        match self.glued.take() {
            Some(glued) => diagnostic.also(glued.span(), "is a space missing before this brace?"),
            None => diagnostic,
        }
    }

    /// The file has ended: whatever is open is closed, and reported if it had a brace.
    fn end(mut self) -> Block {
        loop {
            let open = self.inner.open;
            if !self.outer.is_empty() {
                self.report(unclosed(open));
            } else if self.braces == Braces::Present {
                // Caddy looks at the last word of the file only, whichever block it closes.
                let diagnostic = unclosed(open);
                self.report(match self.last {
                    Last::ClosingBrace => diagnostic.as_warning(),
                    Last::Other => diagnostic,
                });
            }
            let block = self.closed(open);
            let Some(outer) = self.outer.pop() else {
                return block;
            };
            self.inner = outer;
            self.inner.end_line(Some(block));
        }
    }
}

/// What is said of a `{` without its `}`.
/// An error for a word behind the closing brace of a block.
pub(crate) fn behind_closing(word: &Token) -> Diagnostic {
    word.error(CLOSING_NOT_ALONE, "something follows `}` on the same line")
        .help("begin a new line after `}`")
}

/// An error for a brace that does not end its line.
pub(crate) fn behind_opening(brace: &Token) -> Diagnostic {
    let message = "`{` is followed by something on the same line";
    brace
        .error(BRACE_NOT_LAST, message)
        .help("begin a new line after `{`; quote a brace that opens no block: `\"{\"`")
}

pub(crate) fn unclosed(open: Span) -> Diagnostic {
    Diagnostic::error(UNCLOSED_BLOCK, open, "this block is never closed")
        .label("opened here")
        .help("write `}` on a line of its own where it ends")
}
