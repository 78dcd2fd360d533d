//! A list as JSON.

use serde::Serialize;
use time::format_description::well_known::Rfc3339;

use super::entry::Entry;

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    size: u64,
    url: &'a str,
    mod_time: String,
    mode: u32,
    is_dir: bool,
    is_symlink: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    symlink_path: Option<&'a str>,
}

/// Writes a list as Go writes JSON: so that it can stand in HTML, and `null` for one without entries.
pub(super) fn written(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "null\n".into();
    }
    let lines: Vec<_> = entries.iter().map(line).collect();
    let text = serde_json::to_string(&lines).unwrap_or_default();
    let mut escaped = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            _ => escaped.push(letter),
        }
    }
    escaped.push('\n');
    escaped
}

fn line(entry: &Entry) -> Line<'_> {
    Line {
        name: &entry.name,
        size: entry.size,
        url: &entry.url,
        mod_time: entry.modified.format(&Rfc3339).unwrap_or_default(),
        mode: entry.mode,
        is_dir: entry.is_folder,
        is_symlink: entry.is_link,
        symlink_path: entry.target.as_deref(),
    }
}
