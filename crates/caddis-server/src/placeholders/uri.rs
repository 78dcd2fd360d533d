//! Placeholders of a request's target.

use http::Uri;

use crate::uri;

/// A part of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UriPart {
    /// Path and query, escaped.
    Whole,
    /// The same, escaped once more for a query.
    WholeEscaped,
    /// The path, decoded.
    Path,
    /// The path, escaped as it is; our own name, for what a rewrite does with the path.
    PathAsSent,
    /// The path, escaped for a query.
    PathEscaped,
    /// The last element of the path.
    File,
    /// The last element without its extension.
    FileBase,
    /// The extension with its dot.
    FileExt,
    /// The path up to its last slash, and that slash.
    Dir,
    /// An element of the path, counted from 0.
    Element(usize),
    /// The query as it stands.
    Query,
    /// The query, escaped once more.
    QueryEscaped,
    /// The query with its `?`, if it is not empty.
    PrefixedQuery,
    /// A parameter of the query.
    Parameter(Box<str>),
}

impl UriPart {
    /// Reads what stands after `uri` or `orig_uri`.
    pub(super) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "" => Self::Whole,
            "_escaped" => Self::WholeEscaped,
            ".path" => Self::Path,
            ".path_as_sent" => Self::PathAsSent,
            ".path_escaped" => Self::PathEscaped,
            ".path.file" => Self::File,
            ".path.file.base" => Self::FileBase,
            ".path.file.ext" => Self::FileExt,
            ".path.dir" => Self::Dir,
            ".query" => Self::Query,
            ".query_escaped" => Self::QueryEscaped,
            ".prefixed_query" => Self::PrefixedQuery,
            _ => {
                if let Some(parameter) = name.strip_prefix(".query.") {
                    return Some(Self::Parameter(parameter.into()));
                }
                let element = name.strip_prefix(".path.")?;
                return element.parse().ok().map(Self::Element);
            }
        })
    }

    /// Reads what stands after `orig_uri`, of which Caddy has less.
    pub(super) fn read_original(name: &str) -> Option<Self> {
        Self::read(name).filter(|part| match part {
            Self::Whole
            | Self::Path
            | Self::File
            | Self::Dir
            | Self::Element(_)
            | Self::Query
            | Self::PrefixedQuery => true,
            Self::WholeEscaped
            | Self::PathAsSent
            | Self::PathEscaped
            | Self::FileBase
            | Self::FileExt
            | Self::QueryEscaped
            | Self::Parameter(_) => false,
        })
    }

    /// Writes this part of a target.
    pub(super) fn write(&self, target: &Uri, out: &mut Vec<u8>) {
        let query = target.query().unwrap_or_default();
        match self {
            Self::Whole => out.extend_from_slice(whole(target).as_bytes()),
            Self::WholeEscaped => uri::query_escape(whole(target).as_bytes(), out),
            Self::Path => out.extend_from_slice(&uri::decoded_path(target)),
            Self::PathAsSent => out.extend_from_slice(target.path().as_bytes()),
            Self::PathEscaped => uri::query_escape(&uri::decoded_path(target), out),
            Self::File => out.extend_from_slice(file(&uri::decoded_path(target))),
            Self::FileBase => {
                let path = uri::decoded_path(target);
                let base = split_ext(file(&path)).0;
                // Go has no empty last element: that of `/` is `/`.
                out.extend_from_slice(if base.is_empty() { b"/" } else { base });
            }
            Self::FileExt => out.extend_from_slice(split_ext(file(&uri::decoded_path(target))).1),
            Self::Dir => {
                let path = uri::decoded_path(target);
                let file = file(&path).len();
                out.extend_from_slice(path.get(..path.len() - file).unwrap_or_default());
            }
            Self::Element(index) => {
                let path = uri::decoded_path(target);
                let path = path.strip_prefix(b"/").unwrap_or(&path);
                let element = path.split(|byte| *byte == b'/').nth(*index);
                out.extend_from_slice(element.unwrap_or_default());
            }
            Self::Query => out.extend_from_slice(query.as_bytes()),
            Self::QueryEscaped => uri::query_escape(query.as_bytes(), out),
            Self::PrefixedQuery if query.is_empty() => {}
            Self::PrefixedQuery => {
                out.push(b'?');
                out.extend_from_slice(query.as_bytes());
            }
            Self::Parameter(name) => {
                let mut first = true;
                for (key, value) in uri::query_pairs(query) {
                    if key == name.as_bytes() {
                        if !first {
                            out.push(b',');
                        }
                        first = false;
                        out.extend_from_slice(&value);
                    }
                }
            }
        }
    }
}

fn whole(target: &Uri) -> &str {
    target.path_and_query().map_or("", |path| path.as_str())
}

fn file(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    slash.and_then(|at| path.get(at + 1..)).unwrap_or(path)
}

/// A file name cut before its last dot.
fn split_ext(file: &[u8]) -> (&[u8], &[u8]) {
    let dot = file.iter().rposition(|byte| *byte == b'.');
    file.split_at(dot.unwrap_or(file.len()))
}
