//! Changes of the path that a rewrite makes on its escaped form, as Go keeps a path in both forms.

use std::borrow::Cow;

use caddis_ir::{Path, PathReplacement, TextReplacement};
use regex::Regex;

use crate::builder::Builder;
use crate::matchers::regexp;
use crate::placeholders::{Template, Values};
use crate::uri::{self, Slashes};

/// A replacement of text in path and query.
pub(super) struct InTarget {
    find: Template,
    replace: Template,
    slashes: Slashes,
    /// How often at most; everywhere if `None`.
    limit: Option<usize>,
}

/// A replacement in the path by regular expression.
pub(super) struct InPath {
    find: Regex,
    replace: Template,
}

impl InTarget {
    /// Nothing is looked for: nothing is replaced.
    pub(super) fn build(
        config: &TextReplacement,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Option<Self> {
        if config.find.is_empty() {
            return None;
        }
        Some(Self {
            find: builder.template(&config.find, &at.key("find")),
            replace: builder.template(&config.replace, &at.key("replace")),
            slashes: slashes_of(config.find.as_bytes()),
            limit: usize::try_from(config.limit)
                .ok()
                .filter(|limit| *limit > 0),
        })
    }

    pub(super) fn apply(
        &self,
        path: &mut Vec<u8>,
        query: &mut Option<Vec<u8>>,
        values: &Values<'_>,
    ) {
        let (find, with) = (self.find.fill(values), self.replace.fill(values));
        *path = changed(path, |path| {
            let path = uri::clean(path.into(), self.slashes);
            replaced(&path, &find, &with, self.limit)
        });
        if let Some(query) = query {
            *query = replaced(query, &find, &with, self.limit);
        }
    }
}

impl InPath {
    pub(super) fn build(
        config: &PathReplacement,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Option<Self> {
        if config.find.is_empty() {
            return None;
        }
        let find = regexp::compile(&config.find, &at.key("find"), builder)?;
        let replace = builder.template(&config.replace, &at.key("replace"));
        Some(Self { find, replace })
    }

    pub(super) fn apply(&self, path: &mut Vec<u8>, values: &Values<'_>) {
        let with = self.replace.fill_text(values);
        *path = changed(path, |path| {
            let text = String::from_utf8_lossy(path);
            self.find
                .replace_all(&text, &*with)
                .into_owned()
                .into_bytes()
        });
    }
}

/// Takes a prefix away: whatever the case of its letters, and an escape in the path is what it stands for unless
/// the prefix has the escape too.
pub(super) fn strip_prefix(path: &[u8], prefix: &[u8]) -> Vec<u8> {
    let prefix: Cow<'_, [u8]> = if prefix.starts_with(b"/") {
        prefix.into()
    } else {
        [b"/", prefix].concat().into()
    };
    let path = uri::clean(path.into(), slashes_of(&prefix));
    let mut rest: &[u8] = &path;
    for &wanted in prefix.iter() {
        let (unit, after) = uri::unit(rest);
        let decodes = unit.len() > 1 && wanted != b'%';
        let found = if decodes {
            percent_encoding::percent_decode(unit).next()
        } else {
            rest.first().copied()
        };
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(&wanted)) {
            return path.into_owned();
        }
        rest = if decodes {
            after
        } else {
            rest.get(1..).unwrap_or_default()
        };
    }
    rest.to_vec()
}

/// Takes a suffix away, whatever the case of its letters.
pub(super) fn strip_suffix(path: &[u8], suffix: &[u8]) -> Vec<u8> {
    let path = uri::clean(path.into(), slashes_of(suffix));
    let (kept, end) = path.split_at(path.len().saturating_sub(suffix.len()));
    if end.eq_ignore_ascii_case(suffix) {
        return kept.to_vec();
    }
    path.into_owned()
}

fn slashes_of(text: &[u8]) -> Slashes {
    if text.windows(2).any(|pair| pair == b"//") {
        Slashes::Kept
    } else {
        Slashes::Merged
    }
}

/// The escaped path after a change. What can be decoded is; else the decoded path is changed, and escaped anew.
fn changed(path: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let raw = change(path);
    let decoded: Vec<u8> = percent_encoding::percent_decode(&raw).collect();
    let is_read = uri::is_well_escaped(&raw) && !decoded.is_empty();
    if is_read && raw != decoded && uri::may_be_sent(&raw) {
        return raw;
    }
    let decoded = if is_read {
        decoded
    } else {
        change(&percent_encoding::percent_decode(path).collect::<Vec<u8>>())
    };
    let mut out = Vec::with_capacity(decoded.len());
    uri::path_escape(&decoded, &mut out);
    out
}

/// A text with what is found in it replaced, as often as the limit says. Nothing is found between all letters.
pub(super) fn replaced(text: &[u8], find: &[u8], with: &[u8], limit: Option<usize>) -> Vec<u8> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(text.len());
    let mut written = 0;
    for at in starts(text, find).take(limit) {
        out.extend_from_slice(text.get(written..at).unwrap_or_default());
        out.extend_from_slice(with);
        written = at + find.len();
    }
    out.extend_from_slice(text.get(written..).unwrap_or_default());
    out
}

fn starts<'a>(text: &'a [u8], find: &'a [u8]) -> Box<dyn Iterator<Item = usize> + 'a> {
    if !find.is_empty() {
        return Box::new(memchr::memmem::find_iter(text, find));
    }
    let is_start = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80);
    Box::new((0..=text.len()).filter(is_start))
}
