//! `hide`: files that are there and are not shown.

use std::borrow::Cow;

use super::names::Texts;
use crate::files;
use crate::matchers::glob;

/// What is hidden from a request.
#[derive(Clone, Debug)]
pub(super) struct Hidden {
    /// Names, or paths with a slash in them.
    pub(super) patterns: Texts,
    /// The folder that paths without a slash at their front are below.
    pub(super) working_folder: std::sync::Arc<[u8]>,
}

impl Hidden {
    /// Whether a file, or a folder that it is in, is hidden.
    pub(super) fn hides(&self, path: &[u8]) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let whole = self.absolute(path);
        self.patterns.iter().any(|pattern| {
            if !pattern.contains(&b'/') {
                let mut elements = whole.split(|byte| *byte == b'/');
                return elements.any(|element| glob::matches(pattern, element));
            }
            let pattern = self.absolute(pattern);
            let below = whole.strip_prefix(&*pattern);
            below.is_some_and(|below| below.is_empty() || below.starts_with(b"/"))
                || glob::matches(&pattern, &whole)
        })
    }

    fn absolute<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if path.starts_with(b"/") {
            return files::clean(path).into();
        }
        files::clean(&[&*self.working_folder, b"/", path].concat()).into()
    }
}
