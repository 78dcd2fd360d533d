//! `header`: fields of a header, with `*` at either end.

use std::collections::BTreeMap;

use caddis_ir::Path;
use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;

use crate::build::Builder;
use crate::placeholders::{Template, Values};

/// Fields that all have to be as asked for.
pub(crate) struct HeaderMatcher(Vec<Field>);

struct Field {
    /// `None` for a name that no header can have.
    name: Option<HeaderName>,
    wanted: Wanted,
}

enum Wanted {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// One of its values is one of these.
    OneOf(Vec<Value>),
}

/// A value, by how it is compared.
struct Value {
    template: Template,
}

impl HeaderMatcher {
    pub(crate) fn build(
        fields: &BTreeMap<String, Option<Vec<String>>>,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let mut built = Vec::new();
        for (name, values) in fields {
            let at = at.key(name);
            let wanted = match values.as_deref() {
                None => Wanted::Absent,
                Some([]) => Wanted::Present,
                Some(values) => Wanted::OneOf(
                    (values.iter().enumerate())
                        .map(|(index, value)| Value {
                            template: builder.template(value, &at.index(index)),
                        })
                        .collect(),
                ),
            };
            let name = name.parse().ok();
            built.push(Field { name, wanted });
        }
        Self(built)
    }

    pub(crate) fn matches(&self, headers: &HeaderMap, values: &Values<'_>) -> bool {
        self.0.iter().all(|field| field.matches(headers, values))
    }
}

impl Field {
    fn matches(&self, headers: &HeaderMap, values: &Values<'_>) -> bool {
        let Some(name) = &self.name else {
            return matches!(self.wanted, Wanted::Absent);
        };
        match &self.wanted {
            Wanted::Absent => !headers.contains_key(name),
            Wanted::Present => headers.contains_key(name),
            Wanted::OneOf(wanted) => headers.get_all(name).iter().any(|actual| {
                let actual = actual.as_bytes();
                wanted.iter().any(|wanted| wanted.matches(actual, values))
            }),
        }
    }
}

impl Value {
    fn matches(&self, actual: &[u8], values: &Values<'_>) -> bool {
        let wanted = self.template.fill(values);
        let after_star = wanted.strip_prefix(b"*");
        let before_star = wanted.strip_suffix(b"*");
        match (after_star, before_star) {
            (Some(b""), _) => true,
            (Some(rest), Some(_)) => {
                let part = rest.strip_suffix(b"*").unwrap_or(rest);
                memchr::memmem::find(actual, part).is_some()
            }
            (Some(suffix), None) => actual.ends_with(suffix),
            (None, Some(prefix)) => actual.starts_with(prefix),
            // The value may be a token: how long this takes must not tell how much of it was right.
            (None, None) => actual.ct_eq(&wanted).into(),
        }
    }
}
