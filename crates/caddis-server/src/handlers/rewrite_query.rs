//! Changes of the parameters of a query; the query is written anew, sorted by name, as Go does it.

use std::collections::BTreeMap;

use caddis_ir::{ParameterReplacement, ParameterValue, Path, QueryRewrite};
use regex::Regex;

use super::rewrite_path::replaced;
use crate::builder::Builder;
use crate::matchers::regexp;
use crate::placeholders::{Template, Values};
use crate::uri;

/// Prepared changes, made in this order.
pub(super) struct QueryChanges {
    rename: Vec<(Template, Template)>,
    set: Vec<(Template, Template)>,
    add: Vec<(Template, Template)>,
    replace: Vec<Replacement>,
    delete: Vec<Template>,
}

struct Replacement {
    search: Search,
    replace: Template,
}

enum Search {
    Text(Template),
    Expression(Regex),
}

type Parameters = BTreeMap<Vec<u8>, Vec<Vec<u8>>>;

impl QueryChanges {
    pub(super) fn build(config: &QueryRewrite, at: &Path, builder: &mut Builder<'_>) -> Self {
        let mut pairs = |key: &str, pairs: &[ParameterValue]| {
            let at = at.key(key);
            let pair = |(index, pair): (usize, &ParameterValue)| {
                let at = at.index(index);
                let name = builder.template(&pair.key, &at.key("key"));
                (name, builder.template(&pair.val, &at.key("val")))
            };
            pairs.iter().enumerate().map(pair).collect()
        };
        let (rename, set, add) = (
            pairs("rename", &config.rename),
            pairs("set", &config.set),
            pairs("add", &config.add),
        );
        let at_replace = at.key("replace");
        let replace = (config.replace.iter().enumerate())
            .filter_map(|(index, rule)| Replacement::build(rule, &at_replace.index(index), builder))
            .collect();
        let at_delete = at.key("delete");
        let delete = (config.delete.iter().enumerate())
            .map(|(index, name)| builder.template(name, &at_delete.index(index)))
            .collect();
        Self {
            rename,
            set,
            add,
            replace,
            delete,
        }
    }

    pub(super) fn apply(&self, query: &[u8], values: &Values<'_>) -> Vec<u8> {
        let mut parameters = read(&String::from_utf8_lossy(query));
        for (from, to) in filled(&self.rename, values) {
            if !to.is_empty()
                && let Some(found) = parameters.remove(&from)
            {
                parameters.insert(to, found);
            }
        }
        for (name, value) in filled(&self.set, values) {
            parameters.insert(name, vec![value]);
        }
        for (name, value) in filled(&self.add, values) {
            parameters.entry(name).or_default().push(value);
        }
        for replacement in &self.replace {
            replacement.apply(&mut parameters, values);
        }
        for name in &self.delete {
            parameters.remove(&*name.fill(values));
        }
        written(&parameters)
    }
}

/// Pairs for one request; one without a name is passed over.
fn filled(
    pairs: &[(Template, Template)],
    values: &Values<'_>,
) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    pairs.iter().filter_map(|(name, value)| {
        let name = name.fill(values).into_owned();
        (!name.is_empty()).then(|| (name, value.fill(values).into_owned()))
    })
}

impl Replacement {
    fn build(config: &ParameterReplacement, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let search = if config.search_regexp.is_empty() {
            Search::Text(builder.template_known(&config.search, &at.key("search")))
        } else {
            let at = at.key("search_regexp");
            Search::Expression(regexp::compile(&config.search_regexp, &at, builder)?)
        };
        Some(Self {
            search,
            replace: builder.template_known(&config.replace, &at.key("replace")),
        })
    }

    /// Caddy 2.11.4 replaces in all parameters, whichever the rule names (`rewrite/query.caddyfile` shows it).
    fn apply(&self, parameters: &mut Parameters, values: &Values<'_>) {
        let with = self.replace.fill(values);
        for value in parameters.values_mut().flatten() {
            *value = match &self.search {
                Search::Text(text) => replaced(value, &text.fill(values), &with, None),
                Search::Expression(regex) => {
                    let text = String::from_utf8_lossy(value);
                    let with = String::from_utf8_lossy(&with);
                    regex.replace_all(&text, &*with).into_owned().into_bytes()
                }
            };
        }
    }
}

fn read(query: &str) -> Parameters {
    let mut parameters = Parameters::new();
    for (name, value) in uri::query_pairs(query) {
        let values = parameters.entry(name.into_owned()).or_default();
        values.push(value.into_owned());
    }
    parameters
}

fn written(parameters: &Parameters) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, values) in parameters {
        for value in values {
            if !out.is_empty() {
                out.push(b'&');
            }
            uri::query_escape(name, &mut out);
            out.push(b'=');
            uri::query_escape(value, &mut out);
        }
    }
    out
}
