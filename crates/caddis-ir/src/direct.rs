//! The config as JSON text without a JSON value in between, which for a large one costs more than all else.
//!
//! Keys are sorted within modules: mostly they are in order, and else the text of the members is moved.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::json::{MODULE_KEYS, compact_value, push_escaped, sort};
use crate::numbers::Compact;

/// The text of a value on one line; `None` if it holds something that this way does not know.
pub(crate) fn compact(value: &impl Serialize) -> Option<String> {
    let mut writer = Writer::default();
    let mut serializer = serde_json::Serializer::with_formatter(Nowhere, &mut writer);
    value.serialize(&mut serializer).ok()?;
    String::from_utf8(writer.text).ok()
}

/// The text so far. It is kept here and not behind `io::Write`, because members are moved within it.
#[derive(Default)]
struct Writer {
    text: Vec<u8>,
    /// The objects that are open, outermost first.
    objects: Vec<Object>,
    /// The members of the open objects so far.
    members: Vec<Member>,
    moved: Vec<u8>,
}

struct Object {
    /// Where its brace stands.
    start: usize,
    /// The number of its first member.
    first: usize,
    /// It is a module, or lies within one: known as soon as the key that names it is written.
    is_sorted: bool,
    /// An object in it was written before that was known.
    has_unsorted: bool,
}

struct Member {
    /// Without its quotes.
    key: Range<usize>,
    end: usize,
}

impl Writer {
    fn push(&mut self, byte: u8) {
        self.text.push(byte);
    }

    fn key(&self, member: &Member) -> &[u8] {
        &self.text[member.key.clone()]
    }

    fn close_member(&mut self) -> Option<()> {
        let end = self.text.len();
        let member = self.members.last_mut()?;
        member.end = end;
        let object = self.objects.last_mut()?;
        let key = &self.text[member.key.clone()];
        if !object.is_sorted && is_text(&self.text, member) {
            object.is_sorted = MODULE_KEYS.iter().any(|name| name.as_bytes() == key);
        }
        Some(())
    }

    fn close_object(&mut self) -> Option<()> {
        let object = self.objects.pop()?;
        let is_module = object.is_sorted || self.is_format(&object);
        if is_module {
            let members = &self.members[object.first..];
            let has_escapes = members.iter().any(|own| self.key(own).contains(&b'\\'));
            if object.has_unsorted || has_escapes {
                self.sort_all(&object)?;
            } else if !members.is_sorted_by(|a, b| self.key(a) <= self.key(b)) {
                self.sort_members(&object);
            }
        }
        self.members.truncate(object.first);
        Some(())
    }

    /// The format of a pair of files is a setting, the one of a log is a module.
    fn is_format(&self, object: &Object) -> bool {
        let members = &self.members[object.first..];
        let has = |name: &[u8]| {
            let found = |own: &&Member| self.key(own) == name && is_text(&self.text, own);
            members.iter().find(found).is_some()
        };
        has(b"format") && !has(b"certificate") && !has(b"private_key")
    }

    fn sort_members(&mut self, object: &Object) {
        let mut members: Vec<Range<usize>> = self.members[object.first..]
            .iter()
            .map(|member| member.key.start - 1..member.end)
            .collect();
        let key = |member: &Range<usize>| {
            let quoted = &self.text[member.start + 1..];
            let end = quoted.iter().position(|byte| *byte == b'"');
            &quoted[..end.unwrap_or(0)]
        };
        members.sort_by(|a, b| key(a).cmp(key(b)));
        self.moved.clear();
        for member in members {
            if !self.moved.is_empty() {
                self.moved.push(b',');
            }
            self.moved.extend_from_slice(&self.text[member]);
        }
        self.text.truncate(object.start + 1);
        self.text.extend_from_slice(&self.moved);
        self.text.push(b'}');
    }

    /// The long way, for a module whose name stands behind objects that are in it, or with keys that are escaped.
    fn sort_all(&mut self, object: &Object) -> Option<()> {
        let mut value = serde_json::from_slice(&self.text[object.start..]).ok()?;
        sort(&mut value);
        self.text.truncate(object.start);
        self.text
            .extend_from_slice(compact_value(&value).as_bytes());
        Some(())
    }
}

fn is_text(text: &[u8], member: &Member) -> bool {
    // Behind the key are its closing quote and a colon.
    text.get(member.key.end + 2) == Some(&b'"')
}

fn or_unknown(found: Option<()>) -> io::Result<()> {
    found.ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// Within modules, a number passes through a float.
fn is_exact(number: u64) -> Option<()> {
    (number <= 1 << f64::MANTISSA_DIGITS).then_some(())
}

/// What has no function here would be lost, so that it ends the writing.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Formatter for &mut Writer {
    fn write_null<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        CompactFormatter.write_null(&mut self.text)
    }

    fn write_bool<W: ?Sized + Write>(&mut self, _: &mut W, value: bool) -> io::Result<()> {
        CompactFormatter.write_bool(&mut self.text, value)
    }

    fn write_i32<W: ?Sized + Write>(&mut self, _: &mut W, value: i32) -> io::Result<()> {
        CompactFormatter.write_i32(&mut self.text, value)
    }

    fn write_i64<W: ?Sized + Write>(&mut self, _: &mut W, value: i64) -> io::Result<()> {
        or_unknown(is_exact(value.unsigned_abs()))?;
        CompactFormatter.write_i64(&mut self.text, value)
    }

    fn write_u8<W: ?Sized + Write>(&mut self, _: &mut W, value: u8) -> io::Result<()> {
        CompactFormatter.write_u8(&mut self.text, value)
    }

    fn write_u16<W: ?Sized + Write>(&mut self, _: &mut W, value: u16) -> io::Result<()> {
        CompactFormatter.write_u16(&mut self.text, value)
    }

    fn write_u32<W: ?Sized + Write>(&mut self, _: &mut W, value: u32) -> io::Result<()> {
        CompactFormatter.write_u32(&mut self.text, value)
    }

    fn write_u64<W: ?Sized + Write>(&mut self, _: &mut W, value: u64) -> io::Result<()> {
        or_unknown(is_exact(value))?;
        CompactFormatter.write_u64(&mut self.text, value)
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, value: f64) -> io::Result<()> {
        Compact.write_f64(&mut self.text, value)
    }

    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b'"');
        Ok(())
    }

    fn end_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b'"');
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        _: &mut W,
        text: &str,
    ) -> io::Result<()> {
        push_escaped(&mut self.text, text);
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        _: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        CompactFormatter.write_char_escape(&mut self.text, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b'[');
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b']');
        Ok(())
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        CompactFormatter.begin_array_value(&mut self.text, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let is_sorted = self.objects.last_mut().is_some_and(|outer| {
            outer.has_unsorted |= !outer.is_sorted;
            outer.is_sorted
        });
        let object = Object {
            start: self.text.len(),
            first: self.members.len(),
            is_sorted,
            has_unsorted: false,
        };
        self.objects.push(object);
        self.push(b'{');
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b'}');
        or_unknown(self.close_object())
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        CompactFormatter.begin_object_key(&mut self.text, first)?;
        let start = self.text.len() + 1;
        self.members.push(Member {
            key: start..start,
            end: start,
        });
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let end = self.text.len() - 1;
        or_unknown(self.members.last_mut().map(|member| member.key.end = end))
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(b':');
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        or_unknown(self.close_member())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::compact;
    use crate::json::{compact_value, sort_modules};

    #[test]
    fn the_short_way_and_the_long_way_write_the_same() {
        let values = [
            json!({"b": {"handler": "x", "a": [{"z": 1, "b": {}, "a": -2}]}, "a": 1.5e30}),
            json!({"b": {"z": {"d": 1, "c": 2}, "handler": "late"}, "a": null}),
            json!([{"format": "json", "fields": {"b": 1, "a": 2}}, {"format": "pem", "certificate": "c", "a": true}]),
            json!({"handler": "x", "set": {"a<b": 1, "a\"": 2, "a!": 3, "a": 4}, "e": "<\u{2028}\n"}),
            json!({"handler": {"b": 1, "a": 2}, "module": 3}),
        ];
        for value in values {
            let mut sorted = value.clone();
            sort_modules(&mut sorted);
            assert_eq!(compact(&value), Some(compact_value(&sorted)), "{value}");
        }
        assert_eq!(compact(&Value::Null).as_deref(), Some("null"));
    }

    #[test]
    fn what_has_no_way_here_is_not_lost() {
        assert_eq!(compact(&json!({"a": 1}).as_object().map(|_| 1_u128)), None);
    }
}
