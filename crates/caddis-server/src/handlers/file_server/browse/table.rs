//! A list as plain text: columns that stand below each other, with tabs between them.

use time::OffsetDateTime;
use time::macros::format_description;

use super::entry::Entry;
use super::size;

const TAB: usize = 8;

/// Writes a list as a table.
pub(super) fn written(entries: &[Entry]) -> String {
    let mut rows = vec![
        row("Name", "Size", "Modified"),
        row("----", "----", "--------"),
    ];
    rows.extend(entries.iter().map(|entry| {
        let name = entry.name.replace(char::is_control, " ");
        row(&name, &size::written(entry.size), &date(entry.modified))
    }));
    let width = |column: fn(&[String; 3]) -> &String| {
        let widest = rows.iter().map(|row| column(row).chars().count()).max();
        (widest.unwrap_or(0) + 1).next_multiple_of(TAB)
    };
    let (names, sizes) = (width(|row| &row[0]), width(|row| &row[1]));
    let mut table = String::new();
    for [name, size, modified] in &rows {
        push(&mut table, name, names);
        push(&mut table, size, sizes);
        table.push_str(modified);
        table.push('\n');
    }
    table
}

fn row(name: &str, size: &str, modified: &str) -> [String; 3] {
    [name, size, modified].map(str::to_owned)
}

fn push(table: &mut String, cell: &str, width: usize) {
    table.push_str(cell);
    let missing = width.saturating_sub(cell.chars().count());
    table.extend(std::iter::repeat_n('\t', missing.div_ceil(TAB)));
}

/// A time for people.
pub(super) fn date(time: OffsetDateTime) -> String {
    let format = format_description!(
        "[month repr:long] [day padding:none], [year] at [hour]:[minute]:[second]"
    );
    time.format(format).unwrap_or_default()
}
