//! Handlers that send or change content: files, encodings, templates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scalar::status;
use crate::{HeaderRules, RequireResponse, StatusCode};

/// Compresses answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encode {
    /// How.
    #[serde(skip_serializing_if = "Encoders::is_empty")]
    pub encodings: Encoders,
    /// Their names, the best first; of what a client takes as gladly, the first is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<String>,
    /// Shorter answers are left as they are; 512 bytes if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub minimum_length: i64,
    /// Which answers; those of a type that is text if not given.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matcher: Option<RequireResponse>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The encodings that answers can have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encoders {
    /// gzip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gzip: Option<Gzip>,
    /// Zstandard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zstd: Option<Zstd>,
}

impl Encoders {
    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// gzip (RFC 1952).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gzip {
    /// From -3 to 9, more is smaller and slower; 5 if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub level: i64,
}

/// Zstandard (RFC 8878).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Zstd {
    /// `fastest`, `default`, `better` or `best`; `default` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// Whether a checksum is sent; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<bool>,
}

/// Serves files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileServer {
    /// The file system, by name; the one of the request if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fs: String,
    /// The folder that files are below; the root of the site if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root: String,
    /// Files and folders that are not there: names, or paths with a slash in them; both with `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<String>,
    /// What is sent for a folder; `index.html` and `index.txt` if not given, nothing if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_names: Option<Vec<String>>,
    /// Lists of the files in folders without such a file; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browse: Option<Browse>,
    /// Whether folders are redirected to their path with a slash, and files to theirs without; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_uris: Option<bool>,
    /// The status of answers; 200 if not given, and that of an error within error routes.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "status")]
    pub status_code: Option<StatusCode>,
    /// Hand a request for a file that is not there on to the next handler.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pass_thru: bool,
    /// Files beside the one that is asked for, which hold it compressed.
    #[serde(skip_serializing_if = "Precompressed::is_empty")]
    pub precompressed: Precompressed,
    /// Their names, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub precompressed_order: Vec<String>,
    /// Endings of files beside the one that is asked for, which hold its `ETag`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etag_file_extensions: Vec<String>,
}

/// Lists of the files in folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Browse {
    /// The template of the page; a built-in one if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template_file: String,
    /// Show where symbolic links lead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reveal_symlinks: bool,
    /// `name`, `namedirfirst`, `size` or `time`, then `asc` or `desc`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<String>,
    /// The most files of a page; 10 000 if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub file_limit: i64,
}

/// Which compressed files may lie beside a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Precompressed {
    /// `.br`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub br: Option<Brotli>,
    /// `.gz`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gzip: Option<Gzip>,
    /// `.zst`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zstd: Option<Zstd>,
}

impl Precompressed {
    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Brotli, of files that are compressed already. It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brotli {}

/// Runs templates over answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Templates {
    /// The folder from which templates read files; the root of the site if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file_root: String,
    /// The types of answers that are templates; HTML, Markdown and plain text if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mime_types: Vec<String>,
    /// What actions stand between; `{{` and `}}` if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delimiters: Vec<String>,
    /// Modules that add functions, by name; there is none.
    #[serde(
        rename = "match",
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "no_modules"
    )]
    pub functions: BTreeMap<String, Value>,
}

/// Functions of templates come from plugins only.
fn no_modules<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Value>, D::Error> {
    let modules = BTreeMap::<String, Value>::deserialize(deserializer)?;
    match modules.keys().next() {
        None => Ok(modules),
        Some(name) => Err(serde::de::Error::custom(format!(
            "unknown module: http.handlers.templates.functions.{name}"
        ))),
    }
}

/// Sends resources before they are asked for, over HTTP/2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// What is sent; what the `Link` fields of the answer name besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<PushResource>,
    /// Edits of the header that the requests for them would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<HeaderRules>,
}

/// Something that is sent before it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PushResource {
    /// `GET` or `HEAD`; `GET` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
}
