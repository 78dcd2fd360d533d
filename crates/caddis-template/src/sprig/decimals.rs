//! Calculations with decimal places, in which `0.1 + 0.2` is `0.3`.

use crate::{Error, Result, Value};

/// What is done with numbers, from left to right.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A number as digits and how many of them stand behind the point.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    places: u32,
}

/// How many places a quotient has.
const PLACES: u32 = 16;

/// What comes out.
pub(super) fn calculated(operation: Operation, numbers: &[f64]) -> Result<Value> {
    let Some((first, rest)) = numbers.split_first() else {
        return Ok(Value::Float(0.0));
    };
    if matches!(operation, Operation::Divide) && rest.contains(&0.0) {
        return Err(Error::new("decimal division by 0"));
    }
    let exact = rest.iter().try_fold(Decimal::of(*first)?, |left, right| {
        left.with(operation, Decimal::of(*right)?)
    });
    Ok(Value::Float(match exact {
        Ok(decimal) => decimal.float(),
        // More digits than are kept: as near as floats come.
        Err(_) => rest.iter().fold(*first, |left, right| match operation {
            Operation::Add => left + right,
            Operation::Subtract => left - right,
            Operation::Multiply => left * right,
            Operation::Divide => left / right,
        }),
    }))
}

impl Decimal {
    fn of(number: f64) -> Result<Self> {
        let text = format!("{number}");
        let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole}{places}").parse();
        Ok(Self {
            digits: digits.map_err(|_| too_long())?,
            places: u32::try_from(places.len()).map_err(|_| too_long())?,
        })
    }

    fn with(self, operation: Operation, other: Self) -> Result<Self> {
        let places = self.places.max(other.places);
        let result = match operation {
            Operation::Add => (self.at(places)?.checked_add(other.at(places)?), places),
            Operation::Subtract => (self.at(places)?.checked_sub(other.at(places)?), places),
            Operation::Multiply => (
                self.digits.checked_mul(other.digits),
                self.places + other.places,
            ),
            Operation::Divide => {
                let scaled = self.at(places + PLACES)?;
                let by = other.at(places)?;
                (rounded_quotient(scaled, by), PLACES)
            }
        };
        let digits = result.0.ok_or_else(too_long)?;
        let places = result.1;
        Ok(Self { digits, places })
    }

    fn at(self, places: u32) -> Result<i128> {
        let scale = 10_i128.checked_pow(places - self.places);
        let digits = scale.and_then(|scale| self.digits.checked_mul(scale));
        digits.ok_or_else(too_long)
    }

    fn float(self) -> f64 {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs();
        let text = format!("{sign}{digits}e-{}", self.places);
        text.parse().unwrap_or_default()
    }
}

fn rounded_quotient(left: i128, right: i128) -> Option<i128> {
    let quotient = left.checked_div(right)?;
    let rest = left.checked_rem(right)?;
    if rest.unsigned_abs() * 2 < right.unsigned_abs() {
        return Some(quotient);
    }
    let sign = if (left < 0) == (right < 0) { 1 } else { -1 };
    quotient.checked_add(sign)
}

fn too_long() -> Error {
    Error::new("a number has too many digits")
}
