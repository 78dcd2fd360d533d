//! `sampling` in the block of `log`: of many equal entries some are written.

use caddis_ir::LogSampling;
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::routes::warn_of_ignored;
use crate::{Args, Result, Token, read, run_on};

const OPTIONS: &[&str] = &["interval", "first", "thereafter"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("interval", 1), ("first", 1), ("thereafter", 1)];

const NOT_A_COUNT: Code = Code("log/not-a-count");

/// Reads `sampling { … }`; warnings go to `found`.
pub(super) fn read(line: &Line, found: &mut Vec<Diagnostic>) -> Result<LogSampling> {
    let mut args = Args::new(line, "sampling { interval, first, thereafter }");
    let mut sampling = LogSampling::default();
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        let name = line.name();
        match name.text() {
            "interval" => {
                let mut own = Args::new(line, "interval <duration>");
                let time = read::duration(own.required("a duration")?)?;
                sampling.interval = Some(time).filter(|time| time.0 != 0);
                own.finish()?;
            }
            "first" => sampling.first = count(line, "first <count>")?,
            "thereafter" => sampling.thereafter = count(line, "thereafter <count>")?,
            _ => return Err(args.unknown(name, OPTIONS)),
        }
    }
    found.extend(warn_of_ignored(&args));
    Ok(sampling)
}

fn count(line: &Line, syntax: &'static str) -> Result<Option<i64>> {
    let count = Args::new(line, syntax).only("a number of entries")?;
    self::number(count).map(|count| Some(count).filter(|count| *count != 0))
}

fn number(token: &Token) -> Result<i64> {
    token.text().parse().map_err(|_| {
        token
            .error(NOT_A_COUNT, format!("`{}` is not a number", token.text()))
            .label("expected a number of entries")
    })
}
