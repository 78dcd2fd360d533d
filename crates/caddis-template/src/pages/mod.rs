//! What pages are made of: Markdown, front matter, markup, numbers for people.

mod footnotes;
mod front_matter;
mod functions;
mod humanize;
mod markdown;
mod markup;
mod plain;
mod yaml;

pub use front_matter::split_front_matter;
pub(crate) use functions::find;
pub use humanize::humanize;
pub use markdown::markdown;
pub use markup::strip_html;
pub(crate) use plain::from_json;
