//! `copy_response_headers`: copy header fields of the answer that is being handled.

use caddis_ir::{CopyResponseHeaders, Path};
use http::HeaderName;

use crate::builder::Builder;
use crate::handlers::reverse_proxy::Handled;
use crate::{Context, Edit, Node, Request, Result};

struct CopyHeaders {
    /// These; all if empty.
    include: Box<[HeaderName]>,
    /// But for these.
    exclude: Box<[HeaderName]>,
}

/// Prepares the copy.
pub(crate) fn build(
    config: &CopyResponseHeaders,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    if !config.include.is_empty() && !config.exclude.is_empty() {
        let what = "cannot define both 'exclude' and 'include' lists at the same time";
        builder.error(at, what);
    }
    let mut names = |names: &[String], key: &str| {
        let mut read = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if let Ok(name) = name.parse::<HeaderName>() {
                read.push(name);
            } else {
                let message = format!("`{name}` is not the name of a header field");
                builder.error(&at.key(key).index(index), message);
            }
        }
        read.into_boxed_slice()
    };
    let copy = CopyHeaders {
        include: names(&config.include, "include"),
        exclude: names(&config.exclude, "exclude"),
    };
    Node::edit(copy, next)
}

impl CopyHeaders {
    fn takes(&self, name: &HeaderName) -> bool {
        (self.include.is_empty() || self.include.contains(name)) && !self.exclude.contains(name)
    }
}

impl Edit for CopyHeaders {
    fn edit(&self, request: &mut Request) -> Result<()> {
        let answer = Handled::of(request, "copy_response_headers")?;
        let context = Context::of(request);
        answer.with_headers(|headers| {
            let mut notes = context.notes();
            let to = notes.response_headers();
            for (name, value) in headers.iter().filter(|(name, _)| self.takes(name)) {
                to.append(name, value.clone());
            }
        });
        Ok(())
    }
}
