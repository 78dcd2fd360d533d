//! Regular expressions, compiled once each.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

/// The expressions of a config by their text; `None` for what cannot be compiled.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    known: RefCell<HashMap<String, Option<Regex>>>,
}

impl Regexes {
    /// The expression of this text.
    pub(super) fn of(&self, text: &str) -> Option<Regex> {
        if let Some(known) = self.known.borrow().get(text) {
            return known.clone();
        }
        let regex = Regex::new(text).ok();
        self.known
            .borrow_mut()
            .insert(text.to_owned(), regex.clone());
        regex
    }
}
