//! Lines with one value: `lb_retries 3`, `dial_timeout 5s`, `root /srv`.

use caddis_ir::Duration;
use caddis_source::Code;
use caddis_syntax::Line;

use crate::{Args, Result, Token, read};

const NOT_AN_INTEGER: Code = Code("args/not-an-integer");

/// The line's text.
pub(super) fn text(line: &Line, syntax: &'static str, what: &str) -> Result<String> {
    Ok(Args::new(line, syntax).only(what)?.text().into())
}

/// The line's texts, at least one.
pub(super) fn texts(line: &Line, syntax: &'static str, what: &str) -> Result<Vec<String>> {
    let mut args = Args::new(line, syntax);
    let tokens = args.at_least_one(what)?;
    args.finish()?;
    Ok(tokens.iter().map(|token| token.text().into()).collect())
}

/// The line's duration, none for zero.
pub(super) fn time(line: &Line, syntax: &'static str) -> Result<Option<Duration>> {
    let token = Args::new(line, syntax).only("a duration")?;
    Ok(Some(read::duration(token)?).filter(|time| time.0 != 0))
}

/// The line's duration, where a bare number is in nanoseconds; none for zero.
pub(super) fn time_or_nanoseconds(line: &Line, syntax: &'static str) -> Result<Option<Duration>> {
    let token = Args::new(line, syntax).only("a duration")?;
    let time = match token.text().parse() {
        Ok(nanoseconds) => Duration(nanoseconds),
        Err(_) => read::duration(token)?,
    };
    Ok(Some(time).filter(|time| time.0 != 0))
}

/// The line's number.
pub(super) fn number(line: &Line, syntax: &'static str) -> Result<i64> {
    integer(Args::new(line, syntax).only("a number")?)
}

/// A whole number, with a sign if need be.
pub(super) fn integer(token: &Token) -> Result<i64> {
    let text = token.text();
    text.parse().map_err(|_| {
        token
            .error(NOT_AN_INTEGER, format!("`{text}` is not a whole number"))
            .label("expected digits")
    })
}

/// The line's number of bytes.
pub(super) fn size(line: &Line, syntax: &'static str) -> Result<i64> {
    bytes(Args::new(line, syntax).only("a size")?)
}

/// The line's number of bytes; -1 for `unlimited`.
pub(super) fn size_or_unlimited(line: &Line, syntax: &'static str) -> Result<i64> {
    let token = Args::new(line, syntax).only("a size")?;
    if token.text() == "unlimited" {
        return Ok(-1);
    }
    bytes(token)
}

fn bytes(token: &Token) -> Result<i64> {
    read::size(token).map(u64::cast_signed)
}

/// Checks that the line is its name and nothing else.
pub(super) fn word(line: &Line, syntax: &'static str) -> Result<()> {
    Args::new(line, syntax).finish()
}
