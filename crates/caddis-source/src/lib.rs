//! Files, spans, import origins and diagnostics of a Caddyfile, and how they are drawn.

mod caddys;
mod diagnostic;
mod fix;
mod origin;
pub mod render;
mod sources;
mod span;
mod suggest;

pub use caddys::Caddys;
pub use diagnostic::{Code, Diagnostic, Label, Result, Severity};
pub use fix::{Edit, Fix};
pub use origin::{Import, OriginId};
pub use sources::{Position, Sources};
pub use span::{FileId, Span};
pub use suggest::suggest;
