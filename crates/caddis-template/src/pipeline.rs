//! What pipelines come to: commands, their arguments, fields and methods.

use gotmpl::parse::{CommandNode, Expr, Number, PipeNode, SmolStr};

use crate::args::wrong;
use crate::run::{Frame, Run};
use crate::{Args, Error, Function, Result, Value, builtins, moment, sprig};

impl Run<'_> {
    /// The value of a pipeline, which goes to the variables that it names.
    pub(crate) fn pipe(
        &mut self,
        pipe: &PipeNode,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Value> {
        self.budget.enter()?;
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(command, value, dot, frame)?);
        }
        let value = value.unwrap_or_default();
        for name in &pipe.decl {
            frame.bind(name, value.clone(), pipe.is_assign)?;
        }
        self.budget.leave();
        Ok(value)
    }

    fn command(
        &mut self,
        command: &CommandNode,
        last: Option<Value>,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Value> {
        self.step()?;
        let Some((first, rest)) = command.args.split_first() else {
            return Err(Error::new("empty command"));
        };
        let (fields, start) = match first {
            Expr::Identifier(_, name) => return self.function(name, rest, last, dot, frame),
            Expr::Field(_, fields) => (fields, dot.clone()),
            Expr::Variable(_, name, fields) if !fields.is_empty() => {
                (fields, frame.variable(name)?)
            }
            Expr::Chain(_, inner, fields) => (fields, self.expr(inner, dot, frame)?),
            Expr::Nil(_) => return Err(Error::new("nil is not a command")),
            other => {
                if last.is_some() || !rest.is_empty() {
                    return Err(Error::new("can't give argument to non-function"));
                }
                return self.expr(other, dot, frame);
            }
        };
        let mut args = self.values(rest, dot, frame)?;
        args.extend(last);
        self.fields(start, fields, &args)
    }

    fn values(&mut self, args: &[Expr], dot: &Value, frame: &mut Frame) -> Result<Vec<Value>> {
        let values = args.iter().map(|arg| self.expr(arg, dot, frame));
        values.collect()
    }

    fn expr(&mut self, expr: &Expr, dot: &Value, frame: &mut Frame) -> Result<Value> {
        Ok(match expr {
            Expr::Dot(_) => dot.clone(),
            Expr::Field(_, fields) => self.fields(dot.clone(), fields, &[])?,
            Expr::Variable(_, name, fields) => self.fields(frame.variable(name)?, fields, &[])?,
            Expr::Identifier(_, name) => self.function(name, &[], None, dot, frame)?,
            Expr::String(_, text) => Value::Text(text.clone()),
            Expr::Number(_, Number::Int(number)) => Value::Int(*number),
            Expr::Number(_, Number::Float(number)) => Value::Float(*number),
            Expr::Number(_, Number::Uint(number)) => {
                return Err(Error::new(format!("{number} overflows int")));
            }
            Expr::Bool(_, is) => Value::Bool(*is),
            Expr::Nil(_) => Value::Nil,
            Expr::Pipe(_, pipe) => self.pipe(pipe, dot, frame)?,
            Expr::Chain(_, inner, fields) => {
                let start = self.expr(inner, dot, frame)?;
                self.fields(start, fields, &[])?
            }
        })
    }

    /// Fields of fields; the last one may be a method with arguments.
    fn fields(&mut self, start: Value, fields: &[SmolStr], args: &[Value]) -> Result<Value> {
        let mut value = start;
        for (index, name) in fields.iter().enumerate() {
            let args = if index + 1 == fields.len() { args } else { &[] };
            value = field(&value, name, args)?;
            self.budget.made(&value)?;
        }
        Ok(value)
    }

    fn function(
        &mut self,
        name: &str,
        args: &[Expr],
        last: Option<Value>,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Value> {
        if matches!(name, "and" | "or") {
            return self.first_that_decides(name, args, last, dot, frame);
        }
        let mut values = self.values(args, dot, frame)?;
        values.extend(last);
        let value = self.call(name, &values);
        let value = value.map_err(|error| error.calling(name))?;
        self.budget.made(&value)?;
        Ok(value)
    }

    /// `and` and `or`: arguments after the one that decides are not looked at.
    fn first_that_decides(
        &mut self,
        name: &str,
        args: &[Expr],
        last: Option<Value>,
        dot: &Value,
        frame: &mut Frame,
    ) -> Result<Value> {
        let decides = name == "or";
        let mut value = None;
        for arg in args {
            let next = self.expr(arg, dot, frame)?;
            if next.is_true() == decides {
                return Ok(next);
            }
            value = Some(next);
        }
        last.or(value).ok_or_else(|| {
            Error::new(format!(
                "wrong number of args for {name}: want at least 1 got 0"
            ))
        })
    }

    fn call(&mut self, name: &str, args: &[Value]) -> Result<Value> {
        let world = self.world;
        if world.knows(name) {
            return world.call(name, args, self);
        }
        let Some(function) = sprig::find(name).or_else(|| builtins::find(name)) else {
            return Err(Error::new(format!("function \"{name}\" not defined")));
        };
        let Function { arity, call } = function;
        if !arity.contains(&args.len()) {
            let at_least = if *arity.end() == usize::MAX {
                "at least "
            } else {
                ""
            };
            let (want, got) = (arity.start(), args.len());
            let message =
                format!("wrong number of args for {name}: want {at_least}{want} got {got}");
            return Err(Error::new(message));
        }
        call(&Args(args), self)
    }

    /// A number of steps that something takes.
    pub(crate) fn steps(&mut self, steps: usize) -> Result<()> {
        self.budget.steps(steps)
    }

    /// Whether a text of so many bytes may be made.
    pub(crate) fn room(&self, bytes: usize) -> Result<()> {
        self.budget.room(bytes)
    }
}

fn field(value: &Value, name: &str, args: &[Value]) -> Result<Value> {
    let found = match value {
        Value::Dict(dict) => {
            if !args.is_empty() {
                let message = format!("{name} is not a method but has arguments");
                return Err(Error::new(message));
            }
            Some(Ok(dict.get_or_zero(name)))
        }
        Value::Object(object) => object.member(name, args),
        Value::Time(time) => moment::member(time, name, args),
        Value::Nil => return Err(Error::new(format!("nil data; no entry for key \"{name}\""))),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let type_name = value.type_name();
        Err(Error::new(format!(
            "can't evaluate field {name} in type {type_name}"
        )))
    })
}

/// An integer of any type.
pub(crate) fn any_int(value: &Value) -> Result<i64> {
    match value {
        Value::Int(number) | Value::Int64(number) => Ok(*number),
        Value::Byte(number) => Ok(i64::from(*number)),
        other => Err(wrong("integer", other)),
    }
}
