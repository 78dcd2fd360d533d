//! Numbers that are no whole ones, as Go writes them in JSON: `1e+21`, `0.000001`, `5` for `5.0`.

use std::io::{Result, Write};

use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// From here on Go writes an exponent.
const LARGE: f64 = 1e21;

/// Below this, too.
const SMALL: f64 = 1e-6;

/// A number as it is read back after it was written; `None` for what JSON cannot say.
pub fn number(number: f64) -> Option<Value> {
    if !number.is_finite() {
        return None;
    }
    serde_json::from_str(&written(number)).ok()
}

fn written(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (SMALL..LARGE).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    if size < SMALL {
        text
    } else {
        text.replace('e', "e+")
    }
}

/// Writes JSON on one line, with Go's numbers.
pub(crate) struct Compact;

impl Formatter for Compact {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> Result<()> {
        writer.write_all(written(value).as_bytes())
    }
}

/// Writes JSON indented by tabs, with Go's numbers.
pub(crate) struct Pretty(PrettyFormatter<'static>);

impl Pretty {
    pub(crate) fn new() -> Self {
        Self(PrettyFormatter::with_indent(b"\t"))
    }
}

impl Formatter for Pretty {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> Result<()> {
        Compact.write_f64(writer, value)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        CompactFormatter.end_object_key(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::{number, written};

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        let cases = [
            (5.0, "5"),
            (-0.0, "-0"),
            (0.25, "0.25"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (9_223_372_036_854_775_807.0, "9223372036854776000"),
            (123_456_789.123_456_789, "123456789.12345679"),
        ];
        for (value, text) in cases {
            assert_eq!(written(value), text);
            assert_eq!(number(value), serde_json::from_str(text).ok());
        }
        assert_eq!(number(f64::INFINITY), None);
        assert_eq!(number(f64::NAN), None);
    }
}
