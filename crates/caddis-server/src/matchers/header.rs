//! `header`: fields of a header, with `*` at either end.

use std::borrow::Cow;
use std::collections::BTreeMap;

use caddis_ir::Path;
use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;

use crate::builder::Builder;
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
        Self::read(fields, |name, index, value| {
            builder.template(value, &at.key(name).index(index))
        })
    }

    /// The same with braces that stand for themselves, as Caddy has it for the header of an answer.
    pub(crate) fn as_written(fields: &BTreeMap<String, Option<Vec<String>>>) -> Self {
        Self::read(fields, |_, _, value| Template::text(value))
    }

    fn read(
        fields: &BTreeMap<String, Option<Vec<String>>>,
        mut template: impl FnMut(&str, usize, &str) -> Template,
    ) -> Self {
        let mut built = Vec::new();
        for (name, values) in fields {
            let wanted = match values.as_deref() {
                None => Wanted::Absent,
                Some([]) => Wanted::Present,
                Some(values) => Wanted::OneOf(
                    (values.iter().enumerate())
                        .map(|(index, value)| Value {
                            template: template(name, index, value),
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
        let fill = |template| Template::fill(template, values);
        self.0.iter().all(|field| field.matches(headers, fill))
    }

    /// The same for one whose values are as they are written.
    pub(crate) fn matches_as_written(&self, headers: &HeaderMap) -> bool {
        let text = |template| Template::constant(template).unwrap_or_default().as_bytes();
        let fill = |template| Cow::Borrowed(text(template));
        self.0.iter().all(|field| field.matches(headers, fill))
    }
}

impl Field {
    fn matches<'a>(
        &'a self,
        headers: &HeaderMap,
        fill: impl Fn(&'a Template) -> Cow<'a, [u8]>,
    ) -> bool {
        let Some(name) = &self.name else {
            return matches!(self.wanted, Wanted::Absent);
        };
        match &self.wanted {
            Wanted::Absent => !headers.contains_key(name),
            Wanted::Present => headers.contains_key(name),
            Wanted::OneOf(wanted) => headers.get_all(name).iter().any(|actual| {
                let actual = actual.as_bytes();
                let mut wanted = wanted.iter();
                wanted.any(|wanted| is_like(actual, &fill(&wanted.template)))
            }),
        }
    }
}

fn is_like(actual: &[u8], wanted: &[u8]) -> bool {
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
        (None, None) => actual.ct_eq(wanted).into(),
    }
}
