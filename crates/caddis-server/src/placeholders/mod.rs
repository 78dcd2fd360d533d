//! Placeholders such as `{http.request.uri}`: read once when the config is built, filled for each request.

mod field_name;
mod file;
mod lookup;
mod name;
mod named;
mod names;
mod query;
mod scan;
mod template;
#[cfg(test)]
mod tests;
mod typed;
mod uri;
mod value;
mod world;

pub(crate) use field_name::FieldName;
pub use name::fills;
pub(crate) use named::PlaceholderName;
pub(crate) use names::{BODY, Names};
pub(crate) use query::QueryTemplate;
pub(crate) use template::{Template, Unknown, header_value};
pub use typed::Value;
pub(crate) use value::Values;
pub(crate) use world::{global, globals};
