//! A cursor over the arguments of one line, and the block behind it.

use caddis_source::{Code, Diagnostic, Span, suggest};
use caddis_syntax::{Block, Line};

use crate::{Result, Token, caddys_words};

pub(crate) const MISSING: Code = Code("args/missing");
pub(crate) const SURPLUS: Code = Code("args/surplus");
pub(crate) const UNKNOWN_OPTION: Code = Code("args/unknown-option");
pub(crate) const NO_BLOCK: Code = Code("args/no-block");
pub(crate) const TWICE: Code = Code("args/twice");
pub(crate) const NOT_YET: Code = Code("args/not-yet");

/// The arguments of one line, read from left to right, and the block behind it.
pub(crate) struct Args<'a> {
    line: &'a Line,
    /// How a usage line looks; shown with every error about the arguments.
    syntax: &'static str,
    next: usize,
    block_read: bool,
}

impl<'a> Args<'a> {
    /// The arguments of a line, after its name.
    pub(crate) fn new(line: &'a Line, syntax: &'static str) -> Self {
        Self {
            line,
            syntax,
            next: 1,
            block_read: false,
        }
    }

    /// The line's name.
    pub(crate) fn name(&self) -> &'a Token {
        self.line.name()
    }

    /// The whole line.
    pub(crate) fn line(&self) -> &'a Line {
        self.line
    }

    /// From the name to the last argument.
    pub(crate) fn span(&self) -> Span {
        self.line.span()
    }

    /// The next argument, without taking it.
    pub(crate) fn peek(&self) -> Option<&'a Token> {
        self.line.words.get(self.next)
    }

    /// The next argument, if there is one.
    pub(crate) fn optional(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    /// The next argument, or an error that says what is missing: "`redir` needs a target".
    pub(crate) fn required(&mut self, what: &str) -> Result<&'a Token> {
        self.optional()
            .ok_or_else(|| self.with_usage(self.missing(what)))
    }

    /// The only argument, or an error for none and for more than one.
    pub(crate) fn only(&mut self, what: &str) -> Result<&'a Token> {
        let token = self.required(what)?;
        self.finish()?;
        Ok(token)
    }

    /// All arguments, at least one of them.
    pub(crate) fn at_least_one(&mut self, what: &str) -> Result<&'a [Token]> {
        match self.rest() {
            [] => Err(self.with_usage(self.missing(what))),
            some => Ok(some),
        }
    }

    /// An error for an argument that is missing, with the reason if it was taken for a matcher.
    pub(crate) fn missing(&self, what: &str) -> Diagnostic {
        let message = format!("`{}` needs {what}", self.name().text());
        let error = Diagnostic::error(MISSING, self.span(), message);
        match self.path_matcher() {
            Some(path) => error.label(format!("`{}` was read as a path matcher", path.text())),
            None => error,
        }
    }

    /// The path that was taken for the matcher, if nothing stands behind it.
    pub(crate) fn path_matcher(&self) -> Option<&'a Token> {
        match self.line.arguments() {
            [path] if self.next == 2 && path.text().starts_with('/') => Some(path),
            _ => None,
        }
    }

    /// All arguments that are left.
    pub(crate) fn rest(&mut self) -> &'a [Token] {
        let rest = &self.line.words[self.next.min(self.line.words.len())..];
        self.next = self.line.words.len();
        rest
    }

    /// How many arguments are left.
    pub(crate) fn left(&self) -> usize {
        self.line.words.len().saturating_sub(self.next)
    }

    /// The lines of the block, if there is one; each gets an `Args` of its own with [`Args::new`].
    pub(crate) fn block(&mut self) -> Option<&'a Block> {
        self.block_read = true;
        self.line.block.as_ref()
    }

    /// The lines of the block, none if there is no block.
    pub(crate) fn options(&mut self) -> &'a [Line] {
        self.block().map_or(&[], |block| &block.lines)
    }

    /// The block, if nobody asked for it.
    pub(crate) fn unread_block(&self) -> Option<&'a Block> {
        self.line.block.as_ref().filter(|_| !self.block_read)
    }

    /// Refuses arguments that are left, and a block that was not asked for.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.no_more()?;
        match self.unread_block() {
            None => Ok(()),
            Some(block) => {
                let message = format!("`{}` does not take a block", self.name().text());
                Err(self.with_usage(Diagnostic::error(NO_BLOCK, block.open, message)))
            }
        }
    }

    /// Refuses arguments that are left, and a block with something in it: in some places Caddy sees no empty one.
    pub(crate) fn finish_but_for_empty_block(&mut self) -> Result<()> {
        let is_empty = |block: &Block| block.lines.is_empty();
        if self.unread_block().is_some_and(is_empty) {
            self.block_read = true;
        }
        self.finish()
    }

    /// Refuses arguments that are left.
    pub(crate) fn no_more(&self) -> Result<()> {
        let Some(token) = self.peek() else {
            return Ok(());
        };
        let message = format!("`{}` does not take `{}`", self.name().text(), token.text());
        Err(self.with_usage(token.error(SURPLUS, message)))
    }

    /// Refuses everything but a matcher, which was read before.
    pub(crate) fn only_a_matcher(&self) -> Result<()> {
        self.no_more()
            .map_err(|error| match self.path_matcher_before() {
                Some(path) => error.help(format!(
                    "for several paths, write `@paths path {} …` above, and `{} @paths`",
                    path.text(),
                    self.name().text()
                )),
                None => error.help("a matcher starts with `/` (a path) or `@` (a name)"),
            })
    }

    fn path_matcher_before(&self) -> Option<&'a Token> {
        self.line.arguments().first().filter(|_| self.next == 2)
    }

    /// The arguments that nobody read; the driver warns of them, because Caddy drops them silently.
    pub(crate) fn unread(&self) -> &'a [Token] {
        &self.line.words[self.next.min(self.line.words.len())..]
    }

    /// An error for an option that this line's directive does not have, with "did you mean".
    pub(crate) fn unknown(&self, option: &Token, known: &[&str]) -> Diagnostic {
        let message = format!("`{}` has no option `{}`", self.name().text(), option.text());
        let error = option.error(UNKNOWN_OPTION, message);
        let error = match caddys_words::unknown_option(self.name().text(), option) {
            Some(words) => error.caddys(words).caddys_at(option.span()),
            None => error,
        };
        match suggest(option.text(), known.iter().copied()) {
            Some(name) => error.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => error,
            None => error.help(format!("it has {}", known.join(", "))),
        }
    }

    /// An error for an option of Caddy's that is not there yet.
    pub(crate) fn not_yet(&self, option: &Token) -> Diagnostic {
        let message = format!(
            "`{}` of `{}` is an option of Caddy that caddis does not have yet",
            option.text(),
            self.name().text()
        );
        option.error(NOT_YET, message).label("not there yet")
    }

    /// An error for something that is said twice.
    pub(crate) fn twice(&self, what: &Token) -> Diagnostic {
        let message = format!("`{}` has `{}` twice", self.name().text(), what.text());
        what.error(TWICE, message).help("write it once")
    }

    /// Adds the usage line to an error about the arguments.
    pub(crate) fn with_usage(&self, error: Diagnostic) -> Diagnostic {
        if self.syntax.is_empty() {
            error
        } else {
            error.help(format!("usage: {}", self.syntax))
        }
    }
}
