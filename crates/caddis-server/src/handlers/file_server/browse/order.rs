//! In which order a list is, and which part of it is shown.

use std::cmp::Ordering;

use super::entry::Entry;

/// What a list is ordered by. What is no known word leaves it as the disk has it, as in Caddy.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(super) by: String,
    /// `desc`, or anything else.
    pub(super) direction: String,
    pub(super) offset: Option<usize>,
    pub(super) limit: Option<usize>,
}

/// The words for what a list can be ordered by.
pub(super) const WORDS: [&str; 4] = ["name", "namedirfirst", "size", "time"];

/// The words for directions.
pub(super) const DIRECTIONS: [&str; 2] = ["asc", "desc"];

impl Order {
    /// Orders a list, and cuts it.
    pub(super) fn apply(&self, entries: &mut Vec<Entry>) {
        let compare: fn(&Entry, &Entry) -> Ordering = match self.by.as_str() {
            "name" => by_name,
            "namedirfirst" => by_folder,
            "size" => by_size,
            "time" => |one, other| one.modified.cmp(&other.modified),
            _ => |_, _| Ordering::Equal,
        };
        if self.is_descending() {
            entries.sort_by(|one, other| compare(other, one));
        } else {
            entries.sort_by(compare);
        }
        let offset = self.offset.filter(|offset| *offset <= entries.len());
        entries.drain(..offset.unwrap_or(0));
        let limit = self.limit.filter(|limit| *limit > 0);
        entries.truncate(limit.unwrap_or(usize::MAX));
    }

    pub(super) fn is_descending(&self) -> bool {
        self.direction == "desc"
    }
}

fn by_name(one: &Entry, other: &Entry) -> Ordering {
    one.name.to_lowercase().cmp(&other.name.to_lowercase())
}

fn by_folder(one: &Entry, other: &Entry) -> Ordering {
    (other.is_folder.cmp(&one.is_folder)).then_with(|| by_name(one, other))
}

/// How large folders are says nothing: they come first.
fn by_size(one: &Entry, other: &Entry) -> Ordering {
    match (one.is_folder, other.is_folder) {
        (true, true) => by_name(one, other),
        (false, false) => one.size.cmp(&other.size),
        (is_first, _) => {
            if is_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}
