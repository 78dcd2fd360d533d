//! `printf`: Go's verbs, for the types that templates have.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use crate::printed::{DIGITS, general, print_into, printed, with_exponent};
use crate::{Result, Run, Value};

/// A verb with what stands before it.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the flags that Go has"
)]
struct Verb {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// Its argument was named by its number.
    numbered: bool,
    letter: char,
}

/// The widest that a value is made.
const MAX_WIDTH: usize = 1_000_000;

/// The most digits behind a point.
const MAX_PRECISION: usize = 60_000;

/// Fills a format.
pub(crate) fn printf(format: &str, args: &[Value], run: &mut Run<'_>) -> Result<String> {
    let mut out = String::new();
    let mut letters = format.chars().peekable();
    let (mut next, mut is_numbered) = (0_usize, false);
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let verb = read(&mut letters, args, &mut next);
        is_numbered |= verb.numbered;
        match verb.letter {
            '%' => out.push('%'),
            '\0' => out.push_str("%!(NOVERB)"),
            _ => {
                match args.get(next) {
                    Some(value) => {
                        let text = formatted(&verb, value, run)?;
                        pad(&mut out, &verb, value, &text);
                    }
                    None => void(write!(out, "%!{}(MISSING)", verb.letter)),
                }
                next = next.saturating_add(1);
            }
        }
        run.step()?;
        run.room(out.len())?;
    }
    let extra = args.get(next..).filter(|extra| !extra.is_empty());
    if let Some(extra) = extra.filter(|_| !is_numbered) {
        let one = |value: &Value| format!("{}={}", value.type_name(), printed(value));
        let extra: Vec<_> = extra.iter().map(one).collect();
        void(write!(out, "%!(EXTRA {})", extra.join(", ")));
    }
    Ok(out)
}

fn void(_: std::fmt::Result) {}

fn read(letters: &mut Peekable<Chars<'_>>, args: &[Value], next: &mut usize) -> Verb {
    let mut verb = Verb::default();
    while let Some(letter) = letters.peek() {
        match letter {
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            '#' => verb.sharp = true,
            ' ' => verb.space = true,
            '0' => verb.zero = true,
            _ => break,
        }
        letters.next();
    }
    verb.numbered = number(letters, next);
    verb.width = size(letters, args, next);
    if letters.next_if_eq(&'.').is_some() {
        verb.numbered |= number(letters, next);
        let precision = size(letters, args, next).unwrap_or(0);
        verb.precision = Some(precision.min(MAX_PRECISION));
    }
    verb.numbered |= number(letters, next);
    verb.letter = letters.next().unwrap_or('\0');
    verb
}

/// Goes on at another argument: `[2]`.
fn number(letters: &mut Peekable<Chars<'_>>, next: &mut usize) -> bool {
    if letters.next_if_eq(&'[').is_none() {
        return false;
    }
    let mut digits = String::new();
    for letter in letters.by_ref().take_while(|letter| *letter != ']') {
        digits.push(letter);
    }
    let found = digits
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1));
    *next = found.unwrap_or(usize::MAX - 1);
    true
}

fn size(letters: &mut Peekable<Chars<'_>>, args: &[Value], next: &mut usize) -> Option<usize> {
    if letters.next_if_eq(&'*').is_some() {
        let value = args.get(*next);
        *next = next.saturating_add(1);
        return match value {
            Some(Value::Int(size)) => usize::try_from(*size).ok().map(|size| size.min(MAX_WIDTH)),
            _ => None,
        };
    }
    let mut found = None;
    while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
        letters.next();
        let size: usize = found.unwrap_or(0);
        found = Some((size * 10 + digit as usize).min(MAX_WIDTH));
    }
    found
}

fn formatted(verb: &Verb, value: &Value, run: &mut Run<'_>) -> Result<String> {
    if matches!(verb.letter, 'v' | 's')
        && matches!(
            value,
            Value::List(_) | Value::Dict(_) | Value::Object(_) | Value::Time(_)
        )
        || (verb.letter == 'v' && !matches!(value, Value::Float(_)) && !verb.sharp)
    {
        let mut out = String::new();
        print_into(&mut out, value, &mut run.budget)?;
        return Ok(out);
    }
    Ok(match (verb.letter, value) {
        ('T', _) => value.type_name(),
        ('v', Value::Text(text)) => format!("{text:?}"),
        ('v', Value::Float(number)) => signed(verb, *number >= 0.0, general(*number, DIGITS)),
        ('v', _) => printed(value),
        ('t', Value::Bool(is)) => is.to_string(),
        (_, Value::Int(number) | Value::Int64(number)) => integer(verb, *number),
        (_, Value::Byte(number)) => integer(verb, i64::from(*number)),
        (_, Value::Float(number)) => floating(verb, *number),
        ('s', Value::Text(text)) => match verb.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_string(),
        },
        ('q', Value::Text(text)) => quoted(text),
        ('x', Value::Text(text)) => data_encoding::HEXLOWER.encode(text.as_bytes()),
        ('X', Value::Text(text)) => data_encoding::HEXUPPER.encode(text.as_bytes()),
        ('q' | 'd' | 'x', Value::List(list)) => {
            let mut items = Vec::new();
            for item in list.items() {
                run.step()?;
                items.push(match item {
                    Value::List(_) => bad(verb.letter, item),
                    item => formatted(verb, item, run)?,
                });
            }
            format!("[{}]", items.join(" "))
        }
        _ => bad(verb.letter, value),
    })
}

fn bad(letter: char, value: &Value) -> String {
    match value {
        Value::Nil => format!("%!{letter}(<nil>)"),
        _ => format!("%!{letter}({}={})", value.type_name(), printed(value)),
    }
}

fn integer(verb: &Verb, number: i64) -> String {
    let magnitude = number.unsigned_abs();
    let prefix = |prefix: &'static str| if verb.sharp { prefix } else { "" };
    let digits = match verb.letter {
        'd' => magnitude.to_string(),
        'b' => format!("{}{magnitude:b}", prefix("0b")),
        'o' => format!("{}{magnitude:o}", prefix("0")),
        'O' => format!("0o{magnitude:o}"),
        'x' => format!("{}{magnitude:x}", prefix("0x")),
        'X' => format!("{}{magnitude:X}", prefix("0X")),
        'c' => return letter(number).to_string(),
        'q' => return format!("'{}'", letter(number).escape_default()),
        'U' => return format!("U+{magnitude:04X}"),
        other => return bad(other, &Value::Int(number)),
    };
    let digits = match verb.precision {
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits,
    };
    let is_positive = number >= 0;
    let digits = if is_positive {
        digits
    } else {
        format!("-{digits}")
    };
    signed(verb, is_positive, digits)
}

fn letter(number: i64) -> char {
    let letter = u32::try_from(number).ok().and_then(char::from_u32);
    letter.unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn signed(verb: &Verb, is_positive: bool, digits: String) -> String {
    match (is_positive, verb.plus, verb.space) {
        (true, true, _) => format!("+{digits}"),
        (true, false, true) => format!(" {digits}"),
        _ => digits,
    }
}

fn floating(verb: &Verb, number: f64) -> String {
    let precision = verb.precision.unwrap_or(6);
    let text = match verb.letter {
        'f' | 'F' => format!("{number:.precision$}"),
        'e' | 'E' => {
            let text = format!("{number:.precision$e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            with_exponent(mantissa, exponent.parse().unwrap_or_default())
        }
        'g' | 'G' => match verb.precision {
            None => general(number, DIGITS),
            Some(precision) => rounded(number, precision.clamp(1, 17)),
        },
        other => return bad(other, &Value::Float(number)),
    };
    let text = match verb.letter {
        'E' | 'G' => text.to_uppercase(),
        _ => text,
    };
    signed(verb, number >= 0.0, text)
}

/// `%.3g`: so many digits that count, and no zeros behind them.
fn rounded(number: f64, digits: usize) -> String {
    let text = format!("{number:.*e}", digits - 1);
    let number: f64 = text.parse().unwrap_or(number);
    general(number, i32::try_from(digits).unwrap_or(21))
}

/// A text in quotes, with escapes for what cannot be seen.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\x0b' => out.push_str("\\v"),
            other if other.is_ascii_control() => {
                void(write!(out, "\\x{:02x}", u32::from(other)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn pad(out: &mut String, verb: &Verb, value: &Value, text: &str) {
    let length = text.chars().count();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    let is_number = matches!(
        value,
        Value::Int(_) | Value::Int64(_) | Value::Byte(_) | Value::Float(_)
    );
    if verb.minus {
        out.push_str(text);
        out.push_str(&" ".repeat(missing));
    } else if verb.zero && is_number {
        let (sign, digits) = match text.strip_prefix(['+', '-']) {
            Some(digits) => (&text[..1], digits),
            None => ("", text),
        };
        out.push_str(sign);
        out.push_str(&"0".repeat(missing));
        out.push_str(digits);
    } else {
        let filler = if verb.zero { "0" } else { " " };
        out.push_str(&filler.repeat(missing));
        out.push_str(text);
    }
}
