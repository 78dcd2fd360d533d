//! Distinguished names of certificates, written as Go writes them: RFC 2253, with an order of its own.

use std::io::Write as _;

use x509_parser::prelude::{AttributeTypeAndValue, X509Name};

/// The attributes that Go has names for, in its order, and whether it knows several of one kind.
const KNOWN: [(&str, &str, bool); 9] = [
    ("2.5.4.6", "C", true),
    ("2.5.4.8", "ST", true),
    ("2.5.4.7", "L", true),
    ("2.5.4.9", "STREET", true),
    ("2.5.4.17", "POSTALCODE", true),
    ("2.5.4.10", "O", true),
    ("2.5.4.11", "OU", true),
    ("2.5.4.3", "CN", false),
    ("2.5.4.5", "SERIALNUMBER", false),
];
const PRINTABLE_STRING: u8 = 0x13;
const UTF8_STRING: u8 = 0x0c;

/// Writes a name: the attributes that Go knows from the last to the first, then the others in the same way.
pub(crate) fn write(name: &X509Name<'_>, out: &mut Vec<u8>) {
    let all: Vec<(String, &AttributeTypeAndValue<'_>)> = (name.iter_attributes())
        .map(|one| (one.attr_type().to_id_string(), one))
        .collect();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for (id, key, many) in KNOWN.iter().rev() {
        let values = all.iter().filter(|(of, _)| of == id);
        let mut values: Vec<&str> = values.filter_map(|(_, one)| one.as_str().ok()).collect();
        if !many {
            // The last one counts.
            values = values.pop().into_iter().collect();
        }
        let mut part = Vec::new();
        for value in values {
            if !part.is_empty() {
                part.push(b'+');
            }
            part.extend_from_slice(key.as_bytes());
            part.push(b'=');
            escape(value, &mut part);
        }
        parts.push(part);
    }
    let known = |id: &str| KNOWN.iter().any(|(known, ..)| *known == id);
    for (id, one) in all.iter().rev().filter(|(id, _)| !known(id)) {
        let mut part = Vec::new();
        // Writing to memory does not fail.
        let _ = write!(part, "{id}=#");
        for byte in der(one) {
            let _ = write!(part, "{byte:02x}");
        }
        parts.push(part);
    }
    parts.retain(|part| !part.is_empty());
    out.extend(parts.join(&b','));
}

fn escape(value: &str, out: &mut Vec<u8>) {
    let last = value.len().saturating_sub(1);
    for (at, byte) in value.bytes().enumerate() {
        let escaped = match byte {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => true,
            b' ' => at == 0 || at == last,
            b'#' => at == 0,
            _ => false,
        };
        if escaped {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

/// A value as Go writes it again: texts are of one of two kinds, whatever they were of before.
fn der(attribute: &AttributeTypeAndValue<'_>) -> Vec<u8> {
    let Ok(text) = attribute.as_str() else {
        return tagged(attribute.attr_value().data, UTF8_STRING);
    };
    let is_printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if text.bytes().all(is_printable) {
        PRINTABLE_STRING
    } else {
        UTF8_STRING
    };
    tagged(text.as_bytes(), tag)
}

fn tagged(value: &[u8], tag: u8) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = length.get(zeros..).unwrap_or_default();
    let mut der = vec![tag];
    match length {
        [] => der.push(0),
        [short] if *short < 0x80 => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(value);
    der
}

#[cfg(test)]
mod tests {
    use super::{escape, tagged};

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let mut out = Vec::new();
        escape("#a,# \"b\" ", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"\#a\,# \"b\"\ "#);
    }

    #[test]
    fn long_values_have_long_lengths() {
        assert_eq!(tagged(b"ab", 0x13), [0x13, 2, b'a', b'b']);
        assert_eq!(tagged(b"", 0x13), [0x13, 0]);
        assert_eq!(tagged(&[0; 300], 0x0c)[..4], [0x0c, 0x82, 1, 44]);
    }
}
