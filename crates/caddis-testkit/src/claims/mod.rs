//! What always holds, whatever is written and whatever is sent; the fuzz targets and the tests ask the same.

mod conversation;
mod framing;
mod headers;
mod json;
mod paths;
mod placeholders;
mod requests;
mod served;
mod texts;
mod upstream;

pub use headers::headers;
pub use json::json;
pub use paths::paths;
pub use placeholders::placeholders;
pub use requests::requests;
pub use texts::{adapt, expand, format, lex};
