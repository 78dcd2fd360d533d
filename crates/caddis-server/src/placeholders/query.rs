//! The query of a rewrite: what placeholders put into it is escaped.

use caddis_ir::Path;

use super::{Template, Values};
use crate::builder::Builder;

/// A query with placeholders.
pub(crate) struct QueryTemplate(Vec<Component>);

/// A name, or the value after a `=`.
struct Component {
    is_value: bool,
    template: Template,
}

impl QueryTemplate {
    pub(crate) fn build(query: &str, at: &Path, builder: &mut Builder<'_>) -> Self {
        let mut components = Vec::new();
        for pair in query.split('&') {
            for (index, text) in pair.split('=').enumerate() {
                components.push(Component {
                    is_value: index > 0,
                    template: builder.template(text, at),
                });
            }
        }
        Self(components)
    }

    /// The query for one request. The query of the request itself, where a name stands, is escaped already.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        for component in &self.0 {
            let filled = component
                .template
                .fill_for_query(values, !component.is_value);
            if component.is_value {
                out.push(b'=');
            } else if !out.is_empty() && !filled.is_empty() {
                out.push(b'&');
            }
            out.extend_from_slice(&filled);
        }
        out
    }
}
