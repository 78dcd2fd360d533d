//! `vars` and `vars_regexp`: variables, or a placeholder in braces, and the values that they may have.

use std::collections::BTreeMap;

use caddis_ir::{Path, Pattern};

use super::Look;
use super::regexp::Expression;
use crate::builder::Builder;
use crate::placeholders::{PlaceholderName, Template};

/// Variables of which one has to have one of its values.
pub(super) struct VarsMatcher(Vec<(Source, Vec<Template>)>);

/// Variables of which one has to match its expression.
pub(super) struct VarsRegexpMatcher(Vec<(Source, Expression)>);

/// Where a value comes from.
enum Source {
    Variable(Box<str>),
    Placeholder(PlaceholderName),
}

impl Source {
    fn build(key: &str, at: &Path, builder: &mut Builder<'_>) -> Self {
        let braced = key
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|name| !name.contains('{'));
        match braced {
            Some(name) => Self::Placeholder(PlaceholderName::build(name, at, builder)),
            None => Self::Variable(key.into()),
        }
    }

    fn text(&self, look: &Look<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Variable(name) => look.values.write_variable(name, &mut out),
            Self::Placeholder(name) => name.value(&look.values).write(&mut out),
        }
        out
    }
}

impl VarsMatcher {
    pub(super) fn build(
        config: &BTreeMap<String, Vec<String>>,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let mut built = Vec::new();
        for (key, values) in config {
            let at = at.key(key);
            let values = (values.iter().enumerate())
                .map(|(index, value)| builder.template(value, &at.index(index)))
                .collect();
            built.push((Source::build(key, &at, builder), values));
        }
        Self(built)
    }

    /// With nothing asked for, every request matches.
    pub(super) fn matches(&self, look: &Look<'_>) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|(source, wanted)| {
                let actual = source.text(look);
                let mut wanted = wanted.iter();
                wanted.any(|wanted| *wanted.fill(&look.values) == *actual)
            })
    }
}

impl VarsRegexpMatcher {
    pub(super) fn build(
        config: &BTreeMap<String, Pattern>,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let mut built = Vec::new();
        for (key, pattern) in config {
            let at = at.key(key);
            let expression = Expression::build(pattern, &at, builder);
            let source = Source::build(key, &at, builder);
            built.extend(expression.map(|expression| (source, expression)));
        }
        Self(built)
    }

    pub(super) fn matches(&self, look: &Look<'_>) -> bool {
        self.0
            .iter()
            .any(|(source, expression)| expression.matches(&source.text(look), look.values.context))
    }
}
