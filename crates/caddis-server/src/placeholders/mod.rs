//! Placeholders such as `{http.request.uri}`: read once when the config is built, filled for each request.

mod name;
mod scan;
mod template;
mod uri;
mod value;
mod world;

pub(crate) use template::{Template, Unknown, header_value};
pub(crate) use value::Values;
