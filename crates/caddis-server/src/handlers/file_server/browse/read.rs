//! Reads a folder, and writes the list of its files in the form that the client likes.

use std::fs;
use std::io;

use time::OffsetDateTime;

use super::entry::{self, Entry, Targets};
use super::order::Order;
use super::{json, page, table};
use crate::files::os_path;
use crate::handlers::file_server::hide::Hidden;

/// What a list is made of.
#[derive(Debug)]
pub(crate) struct List {
    pub(super) folder: Vec<u8>,
    /// The path that the client asked for, for the page.
    pub(super) path: String,
    pub(super) hidden: Hidden,
    pub(super) limit: usize,
    pub(super) targets: Targets,
    pub(super) form: Form,
    pub(super) order: Order,
    /// A list that has not changed since then is not sent.
    pub(super) unless_since: Option<OffsetDateTime>,
}

/// What a client likes to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Json,
    Text,
}

impl Form {
    /// Its `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// A list.
#[derive(Debug)]
pub(crate) enum Listed {
    Unchanged,
    Written {
        text: String,
        form: Form,
        modified: OffsetDateTime,
    },
}

impl List {
    /// Reads the folder.
    pub(crate) fn write(&self) -> io::Result<Listed> {
        let known = fs::metadata(os_path(&self.folder))?;
        let mut modified = entry::modified(&known);
        let mut entries = Vec::new();
        for found in fs::read_dir(os_path(&self.folder))?.take(self.limit) {
            let found = found?;
            if self
                .hidden
                .hides(found.path().as_os_str().as_encoded_bytes())
            {
                continue;
            }
            // One that has gone meanwhile is not there.
            if let Ok(entry) = Entry::of(&found, self.targets) {
                modified = modified.max(entry.modified);
                entries.push(entry);
            }
        }
        let whole = modified.replace_nanosecond(0).unwrap_or(modified);
        if self.unless_since.is_some_and(|since| whole <= since) {
            return Ok(Listed::Unchanged);
        }
        self.order.apply(&mut entries);
        let text = match self.form {
            Form::Page => page::written(&self.path, &entries, &self.order),
            Form::Json => json::written(&entries),
            Form::Text => table::written(&entries),
        };
        Ok(Listed::Written {
            text,
            form: self.form,
            modified,
        })
    }
}
