//! Finds what is wrong with the types of an expression before there is a request.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr,
};

use super::types::Type;
use super::{calls, functions};

/// The type of an expression; the error says what is wrong.
pub(super) fn check(expression: &IdedExpr) -> Result<Type, String> {
    Scope::default().check(expression)
}

/// The variables of the comprehensions around a part, innermost last.
#[derive(Default)]
struct Scope(Vec<(String, Type)>);

/// What can be named beside variables.
const TYPES: [&str; 9] = [
    "int",
    "uint",
    "double",
    "bool",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
];

impl Scope {
    fn check(&mut self, expression: &IdedExpr) -> Result<Type, String> {
        match &expression.expr {
            Expr::Literal(literal) => Ok(of_literal(literal)),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.field(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let of = self.common(list.elements.iter())?;
                Ok(Type::list(of))
            }
            Expr::Map(map) => {
                let mut keys = Vec::new();
                let mut values = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        keys.push(&entry.key);
                        values.push(&entry.value);
                    }
                }
                let key = self.common(keys.into_iter())?;
                Ok(Type::map(key, self.common(values.into_iter())?))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Struct(built) => Err(format!("there is no message `{}`", built.type_name)),
            Expr::Unspecified => Err("a part is missing".to_owned()),
        }
    }

    fn name(&self, name: &str) -> Result<Type, String> {
        let mut variables = self.0.iter().rev();
        if let Some((_, found)) = variables.find(|(own, _)| own == name) {
            return Ok(found.clone());
        }
        if TYPES.contains(&name) {
            return Ok(Type::Meta);
        }
        Err(format!("there is no variable `{name}`"))
    }

    fn field(&mut self, select: &SelectExpr) -> Result<Type, String> {
        let of = self.check(&select.operand)?;
        let field = match &of {
            Type::Map(key, value) if Type::String.fits(key) => (**value).clone(),
            open if open.is_open() => Type::Dyn,
            _ => return Err(format!("a {of} has no field `{}`", select.field)),
        };
        Ok(if select.test { Type::Bool } else { field })
    }

    fn call(&mut self, call: &CallExpr) -> Result<Type, String> {
        if calls::placeholder(call).is_some() {
            return Ok(Type::Any);
        }
        if calls::is_matcher(call) {
            // Its arguments are looked at where it is built.
            return Ok(Type::Bool);
        }
        let mut arguments = Vec::new();
        let mut name = call.func_name.clone();
        let mut is_member = false;
        match call.target.as_deref() {
            Some(IdedExpr {
                expr: Expr::Ident(space),
                ..
            }) if SPACES.contains(&space.as_str()) => name = format!("{space}.{name}"),
            Some(target) => {
                arguments.push(self.check(target)?);
                is_member = true;
            }
            None => {}
        }
        for argument in &call.args {
            arguments.push(self.check(argument)?);
        }
        functions::result(&name, is_member, &arguments)
    }

    /// The type that all of them have; `dyn` if they differ.
    fn common<'a>(
        &mut self,
        expressions: impl Iterator<Item = &'a IdedExpr>,
    ) -> Result<Type, String> {
        let mut common: Option<Type> = None;
        for expression in expressions {
            let next = self.check(expression)?;
            common = Some(match common {
                None => next,
                Some(before) => before.joined(&next).unwrap_or(Type::Dyn),
            });
        }
        Ok(common.unwrap_or(Type::Dyn))
    }

    fn comprehension(&mut self, of: &ComprehensionExpr) -> Result<Type, String> {
        let (first, second) = match self.check(&of.iter_range)? {
            Type::List(element) => ((*element).clone(), *element),
            Type::Map(key, value) => (*key, *value),
            Type::Dyn => (Type::Dyn, Type::Dyn),
            other => {
                let help = "write a list or a map, or `dyn(…)` around it";
                return Err(format!("a {other} has no elements: {help}"));
            }
        };
        let start = self.check(&of.accu_init)?;
        let outer = self.0.len();
        self.0.push((of.accu_var.clone(), start));
        self.0.push((of.iter_var.clone(), first));
        if let Some(name) = &of.iter_var2 {
            self.0.push((name.clone(), second));
        }
        self.check(&of.loop_cond)?;
        let step = self.check(&of.loop_step)?;
        self.0.truncate(outer);
        self.0.push((of.accu_var.clone(), step));
        let result = self.check(&of.result);
        self.0.truncate(outer);
        result
    }
}

/// What stands before the dot of functions.
const SPACES: [&str; 3] = ["math", "strings", "lists"];

fn of_literal(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::UInt(_) => Type::Uint,
    }
}
