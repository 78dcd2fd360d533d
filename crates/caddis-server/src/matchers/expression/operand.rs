//! Parts of an expression that the CEL library evaluates, with what Caddy's own calls in them stand for.

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr};
use cel::objects::Key;
use cel::{Context, Env};
use serde_json::Value as Json;

use super::calls;
use crate::matchers::{Look, Sets};
use crate::placeholders::{PlaceholderName, Value};

/// A part that the library evaluates.
pub(super) struct Operand {
    expression: IdedExpr,
    /// What the variables `@0`, `@1`, … stand for.
    slots: Vec<Slot>,
    env: Arc<Env>,
}

enum Slot {
    Placeholder(PlaceholderName),
    Matcher(Sets),
}

/// How calls are built, and what is wrong with them.
pub(super) trait Build {
    fn placeholder(&mut self, name: &str) -> PlaceholderName;
    fn matcher(&mut self, call: &CallExpr, place: Within) -> Sets;
}

/// Where a matcher is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// Its answer decides.
    Condition,
    /// Its answer is a value for the library, which cannot wait.
    Operand,
}

impl Operand {
    pub(super) fn build(expression: &IdedExpr, env: &Arc<Env>, build: &mut impl Build) -> Self {
        let mut expression = expression.clone();
        let mut slots = Vec::new();
        replace_calls(&mut expression, &mut slots, build);
        Self {
            expression,
            slots,
            env: Arc::clone(env),
        }
    }

    /// Its value for one request.
    pub(super) fn value(&self, look: &Look<'_>) -> Result<cel::Value, String> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (index, slot) in self.slots.iter().enumerate() {
            let value = match slot {
                Slot::Placeholder(name) => of_value(&name.value(&look.values)),
                Slot::Matcher(sets) => cel::Value::Bool(sets.matches(look)),
            };
            context.add_variable_from_value(variable(index), value);
        }
        cel::Value::resolve(&self.expression, &context).map_err(|error| error.to_string())
    }
}

fn variable(index: usize) -> String {
    format!("@{index}")
}

/// Puts variables in the place of Caddy's own calls, all the way down.
fn replace_calls(expression: &mut IdedExpr, slots: &mut Vec<Slot>, build: &mut impl Build) {
    if let Expr::Call(call) = &expression.expr {
        let slot = if let Some(name) = calls::placeholder(call) {
            Some(Slot::Placeholder(build.placeholder(name)))
        } else if calls::is_matcher(call) {
            Some(Slot::Matcher(build.matcher(call, Within::Operand)))
        } else {
            None
        };
        if let Some(slot) = slot {
            expression.expr = Expr::Ident(variable(slots.len()));
            slots.push(slot);
            return;
        }
    }
    let mut inner = |expression: &mut IdedExpr| replace_calls(expression, slots, build);
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target.as_deref_mut().map(&mut inner);
            call.args.iter_mut().for_each(inner);
        }
        Expr::Select(select) => inner(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(inner),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    inner(&mut entry.key);
                    inner(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(comprehension) => {
            inner(&mut comprehension.iter_range);
            inner(&mut comprehension.accu_init);
            inner(&mut comprehension.loop_cond);
            inner(&mut comprehension.loop_step);
            inner(&mut comprehension.result);
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}

fn of_value(value: &Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Int(value) => cel::Value::Int(*value),
        Value::Float(value) => cel::Value::Float(*value),
        Value::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        Value::Json(json) => of_json(json),
    }
}

fn of_json(json: &Json) -> cel::Value {
    match json {
        Json::Null => cel::Value::Null,
        Json::Bool(value) => cel::Value::Bool(*value),
        Json::Number(number) => cel::Value::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(of_json).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            let members = members.iter();
            let entries = members.map(|(name, member)| (Key::from(name.as_str()), of_json(member)));
            entries.collect::<HashMap<_, _>>().into()
        }
    }
}
