//! `query`: parameters of the query.

use std::collections::BTreeMap;

use caddis_ir::Path;

use super::Look;
use crate::builder::Builder;
use crate::placeholders::Template;
use crate::uri;

/// Parameters that all have to have one of the values asked for.
pub(super) struct QueryMatcher(Vec<(Template, Vec<Template>)>);

impl QueryMatcher {
    pub(super) fn build(
        parameters: &BTreeMap<String, Vec<String>>,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let mut built = Vec::new();
        for (name, values) in parameters {
            let at = at.key(name);
            let values = (values.iter().enumerate())
                .map(|(index, value)| builder.template(value, &at.index(index)))
                .collect();
            built.push((builder.template(name, &at), values));
        }
        Self(built)
    }

    /// With no parameters asked for, an empty query matches. A query that is not well formed matches nothing.
    pub(super) fn matches(&self, look: &Look<'_>) -> bool {
        let query = look.request.uri().query().unwrap_or_default();
        if self.0.is_empty() && uri::query_pairs(query).next().is_none() {
            return true;
        }
        if !uri::is_well_formed_query(query) || self.0.is_empty() {
            return false;
        }
        self.0.iter().all(|(name, values)| {
            let name = name.fill(&look.values);
            uri::query_pairs(query)
                .filter(|(key, _)| **key == *name)
                .any(|(_, actual)| {
                    values.iter().any(|wanted| {
                        let wanted = wanted.fill(&look.values);
                        *wanted == *b"*" || wanted == actual
                    })
                })
        })
    }
}
