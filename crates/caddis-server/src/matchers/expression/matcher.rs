//! The matcher: an expression, read, checked and compiled.

use std::sync::Arc;

use caddis_ir::{Expression, Path};
use cel::Env;
use cel::common::ast::{CallExpr, IdedExpr};
use regex::Regex;

use super::condition::Condition;
use super::environment::environment;
use super::operand::{Build, Operand, Within};
use super::types::Type;
use super::{calls, check, source};
use crate::builder::Builder;
use crate::matchers::{Look, Sets, regexp};
use crate::placeholders::PlaceholderName;
use crate::{Request, Result};

/// A condition that a request has to meet.
pub(crate) struct ExpressionMatcher(Condition);

impl ExpressionMatcher {
    /// Compiles an expression; `None` if something is wrong with it, which is noted.
    pub(crate) fn build(config: &Expression, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let env = Arc::clone(builder.cel.get_or_insert_with(environment));
        let text = source::expanded(&config.expr);
        let wrong = |message: &str| format!("`{}`: {message}", config.expr);
        let expression = match env.parser().parse(&text) {
            Ok(expression) => expression,
            Err(errors) => {
                let first = errors.errors.first().map(|error| error.msg.as_str());
                builder.error(at, wrong(first.unwrap_or("it cannot be read")));
                return None;
            }
        };
        match check::check(&expression) {
            Ok(Type::Bool) => {}
            Ok(other) => {
                let message = format!("its type is {other}, and it has to be true or false");
                builder.error(at, wrong(&message));
                return None;
            }
            Err(message) => {
                builder.error(at, wrong(&message));
                return None;
            }
        }
        let mut compiler = Compiler {
            config,
            at,
            env,
            builder,
        };
        Some(Self(Condition::build(&expression, &mut compiler)))
    }

    /// Whether a disk has to be asked.
    pub(crate) fn asks_disk(&self) -> bool {
        self.0.asks_disk()
    }

    /// Whether it holds; waits for the disk.
    pub(crate) async fn matches_after_asking(&self, request: &mut Request) -> Result<bool> {
        self.0.holds_after_asking(request).await
    }

    /// Whether it holds; an error is noted, and makes an answer of its own.
    pub(crate) fn matches(&self, look: &Look<'_>) -> bool {
        self.0.holds(look).unwrap_or_else(|error| {
            look.fail(error);
            false
        })
    }
}

/// What is at hand while an expression is compiled.
pub(super) struct Compiler<'a, 'b> {
    config: &'a Expression,
    at: &'a Path,
    env: Arc<Env>,
    builder: &'a mut Builder<'b>,
}

impl Compiler<'_, '_> {
    pub(super) fn operand(&mut self, expression: &IdedExpr) -> Operand {
        let env = Arc::clone(&self.env);
        Operand::build(expression, &env, self)
    }

    pub(super) fn regex(&mut self, pattern: &str) -> Option<Regex> {
        regexp::compile(pattern, self.at, self.builder)
    }
}

/// Placeholders that are times in Caddy; the library is built without them.
const TIMES: [&str; 2] = ["http.request.duration", "time.now"];

impl Build for Compiler<'_, '_> {
    fn placeholder(&mut self, name: &str) -> PlaceholderName {
        if TIMES.contains(&name) {
            let message = format!("caddis does not have the time `{{{name}}}` in expressions yet");
            self.builder.error(self.at, message);
        }
        PlaceholderName::build(name, self.at, self.builder)
    }

    fn matcher(&mut self, call: &CallExpr, place: Within) -> Sets {
        match calls::matcher(call, &self.config.name) {
            Ok(set) => {
                if place == Within::Operand && set.file.is_some() {
                    let message = "`file` has to stand alone, or with `&&`, `||` and `!`";
                    self.builder.error(self.at, message);
                }
                Sets::build(&[set], self.at, self.builder)
            }
            Err(message) => {
                let message = format!("`{}`: {message}", self.config.expr);
                self.builder.error(self.at, message);
                Sets::default()
            }
        }
    }
}
