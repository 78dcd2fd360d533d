//! The functions and operators of expressions, with the types that they take and give.

use super::types::Type::{self, Any, Bool, Bytes, Double, Dyn, Int, String, Uint};
use cel::common::ast::operators;

/// What may be called, how, and what comes out.
pub(super) struct Overload {
    name: &'static str,
    arguments: &'static [Type],
    result: Type,
}

const fn overload(name: &'static str, arguments: &'static [Type], result: Type) -> Overload {
    Overload {
        name,
        arguments,
        result,
    }
}

/// Those that stand before their arguments.
const GLOBAL: &[Overload] = &[
    overload(operators::ADD, &[Int, Int], Int),
    overload(operators::ADD, &[Uint, Uint], Uint),
    overload(operators::ADD, &[Double, Double], Double),
    overload(operators::ADD, &[String, String], String),
    overload(operators::ADD, &[Bytes, Bytes], Bytes),
    overload(operators::SUBSTRACT, &[Int, Int], Int),
    overload(operators::SUBSTRACT, &[Uint, Uint], Uint),
    overload(operators::SUBSTRACT, &[Double, Double], Double),
    overload(operators::MULTIPLY, &[Int, Int], Int),
    overload(operators::MULTIPLY, &[Uint, Uint], Uint),
    overload(operators::MULTIPLY, &[Double, Double], Double),
    overload(operators::DIVIDE, &[Int, Int], Int),
    overload(operators::DIVIDE, &[Uint, Uint], Uint),
    overload(operators::DIVIDE, &[Double, Double], Double),
    overload(operators::MODULO, &[Int, Int], Int),
    overload(operators::MODULO, &[Uint, Uint], Uint),
    overload(operators::NEGATE, &[Int], Int),
    overload(operators::NEGATE, &[Double], Double),
    overload(operators::LOGICAL_NOT, &[Bool], Bool),
    overload(operators::LOGICAL_AND, &[Bool, Bool], Bool),
    overload(operators::LOGICAL_OR, &[Bool, Bool], Bool),
    overload(operators::NOT_STRICTLY_FALSE, &[Bool], Bool),
    overload("size", &[String], Int),
    overload("size", &[Bytes], Int),
    overload("int", &[Int], Int),
    overload("int", &[Uint], Int),
    overload("int", &[Double], Int),
    overload("int", &[String], Int),
    overload("uint", &[Int], Uint),
    overload("uint", &[Uint], Uint),
    overload("uint", &[Double], Uint),
    overload("uint", &[String], Uint),
    overload("double", &[Int], Double),
    overload("double", &[Uint], Double),
    overload("double", &[Double], Double),
    overload("double", &[String], Double),
    overload("string", &[Int], String),
    overload("string", &[Uint], String),
    overload("string", &[Double], String),
    overload("string", &[String], String),
    overload("string", &[Bytes], String),
    overload("string", &[Bool], String),
    overload("bool", &[Bool], Bool),
    overload("bool", &[String], Bool),
    overload("bytes", &[String], Bytes),
    overload("bytes", &[Bytes], Bytes),
    overload("matches", &[String, String], Bool),
    overload("strings.quote", &[String], String),
    overload("math.ceil", &[Double], Double),
    overload("math.floor", &[Double], Double),
    overload("math.round", &[Double], Double),
    overload("math.trunc", &[Double], Double),
    overload("math.isInf", &[Double], Bool),
    overload("math.isNaN", &[Double], Bool),
    overload("math.isFinite", &[Double], Bool),
    overload("math.abs", &[Int], Int),
    overload("math.abs", &[Uint], Uint),
    overload("math.abs", &[Double], Double),
    overload("math.sign", &[Int], Int),
    overload("math.sign", &[Uint], Uint),
    overload("math.sign", &[Double], Double),
    overload("math.bitAnd", &[Int, Int], Int),
    overload("math.bitAnd", &[Uint, Uint], Uint),
    overload("math.bitOr", &[Int, Int], Int),
    overload("math.bitOr", &[Uint, Uint], Uint),
    overload("math.bitXor", &[Int, Int], Int),
    overload("math.bitXor", &[Uint, Uint], Uint),
    overload("math.bitNot", &[Int], Int),
    overload("math.bitNot", &[Uint], Uint),
    overload("math.bitShiftLeft", &[Int, Int], Int),
    overload("math.bitShiftLeft", &[Uint, Int], Uint),
    overload("math.bitShiftRight", &[Int, Int], Int),
    overload("math.bitShiftRight", &[Uint, Int], Uint),
];

/// Those that stand behind their first argument.
const MEMBERS: &[Overload] = &[
    overload("size", &[String], Int),
    overload("size", &[Bytes], Int),
    overload("startsWith", &[String, String], Bool),
    overload("endsWith", &[String, String], Bool),
    overload("contains", &[String, String], Bool),
    overload("matches", &[String, String], Bool),
    overload("charAt", &[String, Int], String),
    overload("indexOf", &[String, String], Int),
    overload("indexOf", &[String, String, Int], Int),
    overload("lastIndexOf", &[String, String], Int),
    overload("lastIndexOf", &[String, String, Int], Int),
    overload("lowerAscii", &[String], String),
    overload("upperAscii", &[String], String),
    overload("replace", &[String, String, String], String),
    overload("replace", &[String, String, String, Int], String),
    overload("substring", &[String, Int], String),
    overload("substring", &[String, Int, Int], String),
    overload("trim", &[String], String),
    overload("reverse", &[String], String),
];

/// What a call gives, by the types of its arguments; the error names those that do not go together.
pub(super) fn result(
    name: &str,
    is_member: bool,
    arguments: &[Type],
) -> Result<Type, std::string::String> {
    if let Some(result) = generic(name, is_member, arguments) {
        return Ok(result);
    }
    let overloads = if is_member { MEMBERS } else { GLOBAL };
    let mut known = overloads.iter().filter(|one| one.name == name).peekable();
    if known.peek().is_none() && !is_generic(name, is_member) {
        return Err(if LATER.contains(&name) {
            format!("caddis does not have `{name}` of expressions yet")
        } else {
            format!("there is no function `{name}`")
        });
    }
    let mut fitting = known.filter(|one| {
        one.arguments.len() == arguments.len()
            && (one.arguments.iter().zip(arguments)).all(|(wanted, given)| given.fits(wanted))
    });
    let first = fitting.next().ok_or_else(|| mismatch(name, arguments))?;
    let is_one = fitting.all(|other| other.result == first.result);
    Ok(if is_one { first.result.clone() } else { Dyn })
}

/// Caddy has them, and the library that evaluates expressions here is built without times.
const LATER: [&str; 12] = [
    "timestamp",
    "duration",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];

fn mismatch(name: &str, arguments: &[Type]) -> std::string::String {
    let types: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    let name = name.trim_matches(['_', '@']);
    format!("`{name}` does not take ({})", types.join(", "))
}

/// The names that [`generic`] knows.
fn is_generic(name: &str, is_member: bool) -> bool {
    const NAMES: [&str; 14] = [
        operators::EQUALS,
        operators::NOT_EQUALS,
        operators::LESS,
        operators::LESS_EQUALS,
        operators::GREATER,
        operators::GREATER_EQUALS,
        operators::IN,
        operators::INDEX,
        operators::CONDITIONAL,
        "type",
        "dyn",
        "lists.range",
        "math.@max",
        "math.@min",
    ];
    const MEMBERS: [&str; 7] = [
        "slice", "sort", "distinct", "reverse", "join", "split", "format",
    ];
    if is_member {
        MEMBERS.contains(&name)
    } else {
        NAMES.contains(&name)
    }
}

/// What takes lists and maps of any type, or several arguments that must be alike.
fn generic(name: &str, is_member: bool, arguments: &[Type]) -> Option<Type> {
    let size = || match arguments {
        [Type::List(_) | Type::Map(..)] if name == "size" => Some(Int),
        _ => None,
    };
    let found = if is_member {
        of_lists(name, arguments)
    } else {
        operator(name, arguments)
    };
    found.or_else(size)
}

fn operator(name: &str, arguments: &[Type]) -> Option<Type> {
    Some(match (name, arguments) {
        (operators::EQUALS | operators::NOT_EQUALS, [one, two]) if one.fits(two) => Bool,
        (
            operators::LESS
            | operators::LESS_EQUALS
            | operators::GREATER
            | operators::GREATER_EQUALS,
            [one, two],
        ) if one.fits(two) && is_ordered(one) && is_ordered(two) => Bool,
        (operators::ADD, [one @ Type::List(_), two @ Type::List(_)]) => one.joined(two)?,
        (operators::ADD, [one @ Type::List(_), two] | [two, one @ Type::List(_)])
            if two.is_open() =>
        {
            one.clone()
        }
        (operators::IN, [element, Type::List(of) | Type::Map(of, _)]) if element.fits(of) => Bool,
        (operators::IN, [_, list]) if list.is_open() => Bool,
        (operators::INDEX, [Type::List(of), index]) if index.fits(&Int) => (**of).clone(),
        (operators::INDEX, [Type::Map(key, value), index]) if index.fits(key) => (**value).clone(),
        (operators::INDEX, [list, _]) if list.is_open() => Dyn,
        (operators::CONDITIONAL, [condition, one, two]) if condition.fits(&Bool) => {
            one.joined(two)?
        }
        ("type", [_]) => Type::Meta,
        ("dyn", [_]) => Dyn,
        ("lists.range", [count]) if count.fits(&Int) => Type::list(Int),
        ("math.@max" | "math.@min", [Type::List(of)]) if is_number(of) => Dyn,
        ("math.@max" | "math.@min", numbers)
            if !numbers.is_empty() && numbers.iter().all(is_number) =>
        {
            Dyn
        }
        _ => return None,
    })
}

fn of_lists(name: &str, arguments: &[Type]) -> Option<Type> {
    let (this, rest) = arguments.split_first()?;
    let is_list = matches!(this, Type::List(_) | Any | Dyn);
    Some(match (name, rest) {
        ("slice", [from, to]) if is_list && from.fits(&Int) && to.fits(&Int) => this.clone(),
        ("sort" | "distinct", []) if is_list => this.clone(),
        ("reverse", []) if matches!(this, Type::List(_)) => this.clone(),
        ("join", []) if this.fits(&Type::list(String)) => String,
        ("join", [between]) if this.fits(&Type::list(String)) && between.fits(&String) => String,
        ("split", [by]) if this.fits(&String) && by.fits(&String) => Type::list(String),
        ("split", [by, most]) if this.fits(&String) && by.fits(&String) && most.fits(&Int) => {
            Type::list(String)
        }
        ("format", [values]) if this.fits(&String) && values.fits(&Type::list(Dyn)) => String,
        _ => return None,
    })
}

fn is_ordered(one: &Type) -> bool {
    one.is_open() || matches!(one, Bool | Int | Uint | Double | String | Bytes)
}

fn is_number(one: &Type) -> bool {
    one.is_open() || matches!(one, Int | Uint | Double)
}
