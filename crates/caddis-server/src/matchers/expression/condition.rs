//! A compiled expression. What is logic and Caddy's own is evaluated here, the rest by the CEL library.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use regex::Regex;

use super::calls;
use super::matcher::Compiler;
use super::operand::{Build as _, Operand, Within};
use crate::matchers::{Look, Sets, failed};
use crate::placeholders::{PlaceholderName, Value};
use crate::{Request, Result};

/// A condition.
pub(super) enum Condition {
    Constant(bool),
    Not(Box<Self>),
    /// Both, or one of them.
    Both(Box<(Self, Self)>),
    Either(Box<(Self, Self)>),
    Matcher(Sets),
    /// A placeholder is this text.
    Is(PlaceholderName, Box<str>),
    /// A text matches a pattern.
    Matches(Text, Regex),
    Operand(Operand),
}

/// Where the text comes from that has to match a pattern.
pub(super) enum Text {
    Placeholder(PlaceholderName),
    Operand(Operand),
}

impl Condition {
    pub(super) fn build(expression: &IdedExpr, compiler: &mut Compiler<'_, '_>) -> Self {
        match &expression.expr {
            Expr::Literal(LiteralValue::Boolean(value)) => Self::Constant(*value.inner()),
            Expr::Call(call) => Self::of_call(call, expression, compiler),
            _ => Self::Operand(compiler.operand(expression)),
        }
    }

    fn of_call(call: &CallExpr, whole: &IdedExpr, compiler: &mut Compiler<'_, '_>) -> Self {
        if calls::is_matcher(call) {
            return Self::Matcher(compiler.matcher(call, Within::Condition));
        }
        match (&*call.func_name, call.target.as_deref(), &*call.args) {
            (operators::LOGICAL_NOT, None, [inner]) => {
                Self::Not(Box::new(Self::build(inner, compiler)))
            }
            (operators::LOGICAL_AND, None, [one, two]) => {
                let one = Self::build(one, compiler);
                Self::Both(Box::new((one, Self::build(two, compiler))))
            }
            (operators::LOGICAL_OR, None, [one, two]) => {
                let one = Self::build(one, compiler);
                Self::Either(Box::new((one, Self::build(two, compiler))))
            }
            (operators::EQUALS, None, [one, two]) if is_comparison(one, two) => {
                Self::comparison(one, two, compiler)
            }
            (operators::NOT_EQUALS, None, [one, two]) if is_comparison(one, two) => {
                Self::Not(Box::new(Self::comparison(one, two, compiler)))
            }
            ("matches", Some(text), [pattern]) | ("matches", None, [text, pattern])
                if calls::literal(pattern).is_some() =>
            {
                Self::pattern(text, pattern, compiler)
            }
            _ => Self::Operand(compiler.operand(whole)),
        }
    }

    fn comparison(one: &IdedExpr, two: &IdedExpr, compiler: &mut Compiler<'_, '_>) -> Self {
        let text = calls::literal(two).unwrap_or_default();
        let name = placeholder(one).unwrap_or_default();
        Self::Is(compiler.placeholder(name), text.into())
    }

    fn pattern(text: &IdedExpr, pattern: &IdedExpr, compiler: &mut Compiler<'_, '_>) -> Self {
        let pattern = calls::literal(pattern).unwrap_or_default();
        let Some(regex) = compiler.regex(pattern) else {
            return Self::Constant(false);
        };
        let text = match placeholder(text) {
            Some(name) => Text::Placeholder(compiler.placeholder(name)),
            None => Text::Operand(compiler.operand(text)),
        };
        Self::Matches(text, regex)
    }

    /// Whether it holds for a request. As in CEL, an error in one half counts only if the other half does not decide.
    pub(super) fn holds(&self, look: &Look<'_>) -> std::result::Result<bool, String> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Not(inner) => Ok(!inner.holds(look)?),
            Self::Both(both) => both_hold(both, look, false).map(|decided| !decided),
            Self::Either(both) => both_hold(both, look, true),
            Self::Matcher(sets) => Ok(sets.matches(look)),
            Self::Is(name, text) => Ok(match name.value(&look.values) {
                Value::Text(found) => *found == *text.as_bytes(),
                _ => false,
            }),
            Self::Matches(text, regex) => Ok(regex.is_match(&text.of(look)?)),
            Self::Operand(operand) => match operand.value(look)? {
                cel::Value::Bool(value) => Ok(value),
                other => Err(format!("{:?} is neither true nor false", other.type_of())),
            },
        }
    }
}

impl Condition {
    /// Whether a disk has to be asked.
    pub(super) fn asks_disk(&self) -> bool {
        match self {
            Self::Matcher(sets) => sets.ask_disk(),
            Self::Not(inner) => inner.asks_disk(),
            Self::Both(both) | Self::Either(both) => both.0.asks_disk() || both.1.asks_disk(),
            Self::Constant(_) | Self::Is(..) | Self::Matches(..) | Self::Operand(_) => false,
        }
    }

    /// The same as `holds`; waits for the disk.
    pub(super) async fn holds_after_asking(&self, request: &mut Request) -> Result<bool> {
        let (both, decides) = match self {
            Self::Matcher(sets) => return Box::pin(sets.matches_after_asking(request)).await,
            Self::Not(inner) => {
                return Ok(!Box::pin(inner.holds_after_asking(request)).await?);
            }
            Self::Both(both) => (both, false),
            Self::Either(both) => (both, true),
            Self::Constant(_) | Self::Is(..) | Self::Matches(..) | Self::Operand(_) => {
                let holds = self.holds(&Look::new(request));
                return holds.map_err(|why| failed(&why));
            }
        };
        let one = Box::pin(both.0.holds_after_asking(request)).await;
        if matches!(one, Ok(value) if value == decides) {
            return Ok(decides);
        }
        if Box::pin(both.1.holds_after_asking(request)).await? == decides {
            return Ok(decides);
        }
        one
    }
}

/// Whether one of the halves has the value that decides.
fn both_hold(
    (one, two): &(Condition, Condition),
    look: &Look<'_>,
    decides: bool,
) -> std::result::Result<bool, String> {
    let one = one.holds(look);
    if one == Ok(decides) {
        return Ok(true);
    }
    if two.holds(look)? == decides {
        return Ok(true);
    }
    one.map(|_| false)
}

fn is_comparison(one: &IdedExpr, two: &IdedExpr) -> bool {
    placeholder(one).is_some() && calls::literal(two).is_some()
}

fn placeholder(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Call(call) => calls::placeholder(call),
        _ => None,
    }
}

impl Text {
    fn of(&self, look: &Look<'_>) -> std::result::Result<String, String> {
        let value = match self {
            Self::Placeholder(name) => match name.value(&look.values) {
                Value::Text(text) => return Ok(String::from_utf8_lossy(&text).into_owned()),
                other => format!("{other:?}"),
            },
            Self::Operand(operand) => match operand.value(look)? {
                cel::Value::String(text) => return Ok(text.to_string()),
                other => format!("{:?}", other.type_of()),
            },
        };
        Err(format!("`matches` does not take {value}"))
    }
}
