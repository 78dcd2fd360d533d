//! `format filter`: fields that are taken out of the entries of a log, or changed.

use std::collections::BTreeMap;

use caddis_ir::{FieldFilter, FilterEncoder, RegexpOperation};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::{log_encoder, log_field};
use crate::origins::{At, Trail};
use crate::routes::warn_of_ignored;
use crate::{Args, Result, Token};

const TWICE: Code = Code("log/filter-twice");
const REPLACED: Code = Code("log/filter-replaced");

/// The filters of fields, as they are read: those by patterns are put together at the end.
#[derive(Default)]
struct Fields {
    filters: BTreeMap<String, FieldFilter>,
    patterns: BTreeMap<String, Vec<RegexpOperation>>,
    trail: Trail,
}

/// Reads the block of `format filter`; warnings go to `found`.
pub(super) fn read(
    args: &mut Args<'_>,
    trail: &mut Trail,
    found: &mut Vec<Diagnostic>,
) -> Result<FilterEncoder> {
    let mut wrap = None;
    let mut fields = Fields::default();
    // With an argument, Caddy does not look at the block either.
    let lines = if args.peek().is_none() {
        args.options()
    } else {
        &[]
    };
    found.extend(warn_of_ignored(args));
    for line in lines {
        match line.name().text() {
            "wrap" => wrap = log_encoder::wrapped(line, trail, found)?,
            "fields" => {
                let mut inner = Args::new(line, "fields { <field> <filter> … }");
                inner.no_more()?;
                for line in inner.options() {
                    fields.read(line, found)?;
                }
            }
            _ => fields.read(line, found)?,
        }
    }
    let own = std::mem::take(&mut fields.trail);
    trail.children.push((At::Key("fields"), own));
    let fields = fields.finish();
    Ok(FilterEncoder { wrap, fields })
}

impl Fields {
    fn read(&mut self, line: &Line, found: &mut Vec<Diagnostic>) -> Result<()> {
        let mut args = Args::new(line, "<field> <filter> …");
        let field = args.name();
        let kind = args.required("a filter")?;
        let filter = log_field::read(kind, &mut args)?;
        found.extend(warn_of_ignored(&args));
        let name = field.text().to_owned();
        let place = (At::Name(name.clone()), Trail::at(line.span()));
        match filter {
            FieldFilter::Regexp(operation) => {
                if self.filters.contains_key(&name) {
                    found.push(replaced(field));
                }
                let operations = self.patterns.entry(name).or_default();
                operations.push(operation);
                if operations.len() > 1 {
                    log_field::check(operations, kind)?;
                }
            }
            _ if self.patterns.contains_key(&name) || self.filters.contains_key(&name) => {
                return Err(twice(field));
            }
            filter => {
                self.filters.insert(name, filter);
            }
        }
        self.trail.children.push(place);
        Ok(())
    }

    /// Several patterns of a field are one filter.
    fn finish(mut self) -> BTreeMap<String, FieldFilter> {
        for (name, mut operations) in self.patterns {
            let only = (operations.len() == 1).then(|| operations.pop()).flatten();
            let filter = match only {
                Some(operation) => FieldFilter::Regexp(operation),
                None => FieldFilter::MultiRegexp {
                    operations: Some(operations),
                },
            };
            self.filters.insert(name, filter);
        }
        self.filters
    }
}

fn twice(field: &Token) -> Diagnostic {
    let message = format!("the field `{}` has a filter already", field.text());
    field
        .error(TWICE, message)
        .help("write one filter for a field; only `regexp` can be there several times")
}

fn replaced(field: &Token) -> Diagnostic {
    let message = format!("the other filter of the field `{}` is lost", field.text());
    field
        .warning(REPLACED, message)
        .label("this one replaces it, as in Caddy")
        .help("write one filter for a field; only `regexp` can be there several times")
}
