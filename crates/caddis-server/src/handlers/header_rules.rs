//! Rules that edit a header: delete all, add, set, delete, replace, in this order.

use std::borrow::Cow;

use caddis_ir::{HeaderReplacement, HeaderRules, Path};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use regex::Regex;

use crate::Request;
use crate::builder::Builder;
use crate::matchers::regexp;
use crate::placeholders::{FieldName, Template, Unknown, Values, header_value};

/// Prepared rules.
pub(crate) struct Rules {
    delete_all: bool,
    add: Vec<(FieldName, Vec<Template>)>,
    set: Vec<(FieldName, Vec<Template>)>,
    delete: Vec<Deletion>,
    replace: Vec<(Fields, Vec<Replacement>)>,
    reads_request: bool,
}

enum Deletion {
    Named(FieldName),
    /// Lower case, with `*` at one end or both.
    Wildcard(Template),
}

enum Fields {
    All,
    Named(FieldName),
}

struct Replacement {
    search: Search,
    replace: Template,
}

enum Search {
    Text(Template),
    Expression(Regex),
}

/// A header that is edited, and where placeholders find their values meanwhile.
pub(crate) trait Target {
    fn values(&self) -> Values<'_>;
    fn headers(&mut self) -> &mut HeaderMap;
}

impl Target for Request {
    fn values(&self) -> Values<'_> {
        Values::of(self)
    }

    fn headers(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

/// The header of a response, with the values of the request that it answers.
pub(crate) struct Onto<'a> {
    pub(crate) headers: &'a mut HeaderMap,
    pub(crate) values: &'a Values<'a>,
}

impl Target for Onto<'_> {
    fn values(&self) -> Values<'_> {
        Values {
            response: Some(self.headers),
            ..*self.values
        }
    }

    fn headers(&mut self) -> &mut HeaderMap {
        self.headers
    }
}

impl Rules {
    pub(crate) fn build(config: &HeaderRules, at: &Path, builder: &mut Builder<'_>) -> Self {
        let mut fields = |key: &str, rules: &std::collections::BTreeMap<String, Vec<String>>| {
            let mut built = Vec::new();
            for (name, values) in rules {
                let at = at.key(key).key(name);
                let values = (values.iter().enumerate())
                    .map(|(index, value)| builder.template_known(value, &at.index(index)))
                    .collect::<Vec<_>>();
                built.extend(field_name(name, &at, builder).map(|name| (name, values)));
            }
            built
        };
        let (add, set) = (fields("add", &config.add), fields("set", &config.set));
        let mut delete = Vec::new();
        for (index, name) in config
            .delete
            .iter()
            .enumerate()
            .filter(|(_, name)| *name != "*")
        {
            let at = at.key("delete").index(index);
            if name.starts_with('*') || name.ends_with('*') {
                let template = builder.template_known(name, &at);
                delete.push(Deletion::Wildcard(template));
            } else {
                delete.extend(field_name(name, &at, builder).map(Deletion::Named));
            }
        }
        let mut replace = Vec::new();
        for (name, replacements) in &config.replace {
            let at = at.key("replace").key(name);
            let fields = if name == "*" {
                Some(Fields::All)
            } else {
                field_name(name, &at, builder).map(Fields::Named)
            };
            let replacements = (replacements.iter().enumerate())
                .filter_map(|(index, rule)| Replacement::build(rule, &at.index(index), builder))
                .collect();
            replace.extend(fields.map(|fields| (fields, replacements)));
        }
        Self {
            delete_all: config.delete.iter().any(|name| name == "*"),
            reads_request: has_placeholder(config),
            add,
            set,
            delete,
            replace,
        }
    }

    /// Whether a placeholder in them may read the header of the request.
    pub(crate) fn reads_request(&self) -> bool {
        self.reads_request
    }

    /// Edits a header.
    pub(crate) fn apply(&self, target: &mut impl Target) {
        if self.delete_all {
            target.headers().clear();
        }
        for (name, templates) in &self.add {
            let Some(name) = name.of(&target.values()) else {
                continue;
            };
            for template in templates {
                let value = template.fill_header(&target.values());
                // A request has one host: Go keeps it beside the header, so that the new one takes its place.
                if name == header::HOST {
                    target.headers().insert(name.clone(), value);
                } else {
                    target.headers().append(name.clone(), value);
                }
            }
        }
        for (name, templates) in &self.set {
            let values = target.values();
            if let Some(name) = name.of(&values) {
                let value = joined(templates, &values);
                target.headers().insert(name, value);
            }
        }
        for deletion in &self.delete {
            deletion.apply(target);
        }
        for (fields, replacements) in &self.replace {
            for replacement in replacements {
                replacement.apply(fields, target);
            }
        }
    }
}

fn field_name(name: &str, at: &Path, builder: &mut Builder<'_>) -> Option<FieldName> {
    FieldName::build(name, Unknown::Kept, at, builder)
}

fn has_placeholder(config: &HeaderRules) -> bool {
    let fields = config.add.iter().chain(&config.set);
    let texts = fields.flat_map(|(name, values)| values.iter().chain([name]));
    let replaced = config.replace.iter().flat_map(|(name, rules)| {
        let texts = rules.iter().flat_map(|rule| [&rule.search, &rule.replace]);
        texts.chain([name])
    });
    texts
        .chain(&config.delete)
        .chain(replaced)
        .any(|text| text.contains('{'))
}

/// Several values to set become one, with commas between them.
fn joined(templates: &[Template], values: &Values<'_>) -> HeaderValue {
    if let [template] = templates {
        return template.fill_header(values);
    }
    let filled: Vec<_> = templates
        .iter()
        .map(|template| template.fill(values))
        .collect();
    header_value(filled.join(&b','))
}

impl Deletion {
    fn apply(&self, target: &mut impl Target) {
        let values = target.values();
        let pattern = match self {
            Self::Named(name) => {
                if let Some(name) = name.of(&values) {
                    target.headers().remove(name);
                }
                return;
            }
            Self::Wildcard(template) => template.fill(&values).to_ascii_lowercase(),
        };
        let headers = target.headers();
        let matching: Vec<HeaderName> = headers
            .keys()
            .filter(|name| is_like(name.as_str().as_bytes(), &pattern))
            .cloned()
            .collect();
        for name in matching {
            headers.remove(name);
        }
    }
}

fn is_like(name: &[u8], pattern: &[u8]) -> bool {
    match (pattern.strip_prefix(b"*"), pattern.strip_suffix(b"*")) {
        (Some(rest), Some(_)) => {
            let part = rest.strip_suffix(b"*").unwrap_or_default();
            memchr::memmem::find(name, part).is_some()
        }
        (Some(suffix), None) => name.ends_with(suffix),
        (None, Some(prefix)) => name.starts_with(prefix),
        (None, None) => name == pattern,
    }
}

impl Replacement {
    fn build(rule: &HeaderReplacement, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let search = if rule.search_regexp.is_empty() {
            Search::Text(builder.template_known(&rule.search, &at.key("search")))
        } else {
            Search::Expression(regexp::compile(
                &rule.search_regexp,
                &at.key("search_regexp"),
                builder,
            )?)
        };
        let replace = builder.template_known(&rule.replace, &at.key("replace"));
        Some(Self { search, replace })
    }

    fn apply(&self, fields: &Fields, target: &mut impl Target) {
        let values = target.values();
        let only = match fields {
            Fields::All => None,
            Fields::Named(name) => match name.of(&values) {
                None => return,
                name => name,
            },
        };
        let replace = self.replace.fill_text(&values).into_owned();
        let search = match &self.search {
            Search::Text(template) => template.fill_text(&values).into_owned(),
            Search::Expression(_) => String::new(),
        };
        for (name, value) in target.headers() {
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            let text = String::from_utf8_lossy(value.as_bytes());
            let replaced = match &self.search {
                Search::Text(_) => Cow::Owned(text.replace(&search, &replace)),
                Search::Expression(regex) => regex.replace_all(&text, replace.as_str()),
            };
            if replaced != text {
                *value = header_value(replaced.into_owned().into_bytes());
            }
        }
    }
}
