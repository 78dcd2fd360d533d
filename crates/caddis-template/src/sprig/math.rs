//! Functions of numbers.

use super::cast::{float, int};
use super::decimals::{Operation, calculated};
use crate::args::{Args, Function, at_least, exactly};
use crate::printed::printed;
use crate::value::Of;
use crate::{Error, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "atoi" => exactly(1, |args, _| {
            Ok(Value::Int(args.text(0)?.parse().unwrap_or_default()))
        }),
        "int" => exactly(1, |args, _| Ok(Value::Int(int(args.any(0))))),
        "int64" => exactly(1, |args, _| Ok(Value::Int64(int(args.any(0))))),
        "float64" => exactly(1, |args, _| Ok(Value::Float(float(args.any(0))))),
        "toDecimal" => exactly(1, |args, _| {
            let number = i64::from_str_radix(&printed(args.any(0)), 8);
            Ok(Value::Int64(number.unwrap_or_default()))
        }),
        "add" => at_least(0, |args, _| {
            let numbers = args.all().iter().map(int);
            Ok(Value::Int64(numbers.fold(0, i64::wrapping_add)))
        }),
        "add1" => exactly(1, |args, _| {
            Ok(Value::Int64(int(args.any(0)).wrapping_add(1)))
        }),
        "sub" => exactly(2, |args, _| {
            Ok(Value::Int64(
                int(args.any(0)).wrapping_sub(int(args.any(1))),
            ))
        }),
        "mul" => at_least(1, |args, _| {
            let numbers = args.all().iter().map(int);
            Ok(Value::Int64(numbers.fold(1, i64::wrapping_mul)))
        }),
        "div" => exactly(2, |args, _| divided(args, i64::wrapping_div)),
        "mod" => exactly(2, |args, _| divided(args, i64::wrapping_rem)),
        "max" | "biggest" => at_least(1, |args, _| {
            Ok(Value::Int64(
                args.all().iter().map(int).max().unwrap_or_default(),
            ))
        }),
        "min" => at_least(1, |args, _| {
            Ok(Value::Int64(
                args.all().iter().map(int).min().unwrap_or_default(),
            ))
        }),
        "maxf" => at_least(1, |args, _| {
            let numbers = args.all().iter().map(float);
            Ok(Value::Float(numbers.fold(f64::NEG_INFINITY, f64::max)))
        }),
        "minf" => at_least(1, |args, _| {
            let numbers = args.all().iter().map(float);
            Ok(Value::Float(numbers.fold(f64::INFINITY, f64::min)))
        }),
        "add1f" => exactly(1, |args, _| {
            calculated(Operation::Add, &[float(args.any(0)), 1.0])
        }),
        "addf" => at_least(0, |args, _| of_floats(Operation::Add, args)),
        "subf" => at_least(1, |args, _| of_floats(Operation::Subtract, args)),
        "mulf" => at_least(1, |args, _| of_floats(Operation::Multiply, args)),
        "divf" => at_least(1, |args, _| of_floats(Operation::Divide, args)),
        "ceil" => exactly(1, |args, _| Ok(Value::Float(float(args.any(0)).ceil()))),
        "floor" => exactly(1, |args, _| Ok(Value::Float(float(args.any(0)).floor()))),
        "round" => at_least(2, round),
        "randInt" => exactly(2, rand_int),
        "until" => exactly(1, |args, run| {
            let count = args.int(0)?;
            let numbers = counted(0, count, count.signum(), run)?;
            Ok(ints(numbers))
        }),
        "untilStep" => exactly(3, |args, run| {
            let numbers = counted(args.int(0)?, args.int(1)?, args.int(2)?, run)?;
            Ok(ints(numbers))
        }),
        "seq" => at_least(0, seq),
        _ => None,
    }
}

fn divided(args: &Args<'_>, divide: fn(i64, i64) -> i64) -> Result<Value> {
    let (left, right) = (int(args.any(0)), int(args.any(1)));
    if right == 0 {
        return Err(Error::new("runtime error: integer divide by zero"));
    }
    Ok(Value::Int64(divide(left, right)))
}

fn of_floats(operation: Operation, args: &Args<'_>) -> Result<Value> {
    let numbers: Vec<f64> = args.all().iter().map(float).collect();
    calculated(operation, &numbers)
}

fn round(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let places = i32::try_from(args.int(1)?).unwrap_or(0);
    let up_from = args.all().get(2).map_or(0.5, float);
    let scale = 10_f64.powi(places);
    let scaled = float(args.any(0)) * scale;
    let whole = if scaled.fract() >= up_from {
        scaled.ceil()
    } else {
        scaled.floor()
    };
    Ok(Value::Float(whole / scale))
}

fn rand_int(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let (from, to) = (args.int(0)?, args.int(1)?);
    if from >= to {
        return Err(Error::new("invalid argument to Intn"));
    }
    Ok(Value::Int(rand::random_range(from..to)))
}

fn ints(numbers: Vec<i64>) -> Value {
    Value::list_of(Of::Int, numbers.into_iter().map(Value::Int).collect())
}

/// Numbers from one to before another; none if the step leads away from it.
fn counted(from: i64, to: i64, step: i64, run: &mut Run<'_>) -> Result<Vec<i64>> {
    let distance = i128::from(to) - i128::from(from);
    if distance == 0 || step == 0 || (distance > 0) != (step > 0) {
        return Ok(Vec::new());
    }
    let (distance, width) = (distance.unsigned_abs(), u128::from(step.unsigned_abs()));
    let count = usize::try_from(distance.div_ceil(width)).unwrap_or(usize::MAX);
    run.steps(count)?;
    let mut number = from;
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        numbers.push(number);
        number = number.saturating_add(step);
    }
    Ok(numbers)
}

fn seq(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let numbers: Vec<i64> = (0..args.all().len())
        .map(|index| args.int(index))
        .collect::<Result<_>>()?;
    let toward = |from: i64, to: i64| if to < from { -1 } else { 1 };
    let (from, to, step) = match numbers.as_slice() {
        [to] => (1, *to, toward(1, *to)),
        [from, to] => (*from, *to, toward(*from, *to)),
        [from, step, to] => (*from, *to, *step),
        _ => return Ok("".into()),
    };
    let numbers = counted(from, to.saturating_add(toward(from, to)), step, run)?;
    let texts: Vec<_> = numbers.iter().map(i64::to_string).collect();
    Ok(texts.join(" ").into())
}
