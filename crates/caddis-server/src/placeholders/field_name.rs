//! Names of header fields, which may have placeholders.

use caddis_ir::Path;
use http::HeaderName;

use super::{Template, Unknown, Values};
use crate::builder::Builder;

/// The name of a header field.
pub(crate) enum FieldName {
    /// Always the same.
    Fixed(HeaderName),
    /// Filled for each request.
    Filled(Template),
}

impl FieldName {
    /// Reads a name.
    pub(crate) fn build(
        name: &str,
        unknown: Unknown,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Option<Self> {
        let template = match Template::parse(name, unknown, builder.environment) {
            Ok(template) => template,
            Err(message) => {
                builder.error(at, message);
                return None;
            }
        };
        let Some(text) = template.constant() else {
            return Some(Self::Filled(template));
        };
        if let Ok(name) = text.parse() {
            return Some(Self::Fixed(name));
        }
        builder.error(at, format!("`{text}` is not the name of a header field"));
        None
    }

    /// The name for one request; none if what came out is not one, which Go drops as well.
    pub(crate) fn of(&self, values: &Values<'_>) -> Option<HeaderName> {
        match self {
            Self::Fixed(name) => Some(name.clone()),
            Self::Filled(template) => HeaderName::from_bytes(&template.fill(values)).ok(),
        }
    }
}
