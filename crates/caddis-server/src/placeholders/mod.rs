//! Placeholders such as `{http.request.uri}`: read once when the config is built, filled for each request.

mod field_name;
mod file;
mod name;
mod query;
mod scan;
mod template;
#[cfg(test)]
mod tests;
mod uri;
mod value;
mod world;

pub(crate) use field_name::FieldName;
pub use name::fills;
pub(crate) use query::QueryTemplate;
pub(crate) use template::{Template, Unknown, header_value};
pub(crate) use value::Values;
pub(crate) use world::{global, globals};
