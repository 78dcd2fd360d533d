//! Edits of headers, as `header`, `request_header`, `header_up` and `header_down` write them.

use caddis_ir::{HeaderReplacement, HeaderRules, RequireResponse, ResponseHeaderRules};
use caddis_source::Code;

use crate::{Args, Result, Token, read};

const DEFAULT_IN_REQUEST: Code = Code("header/default-in-request");

const DEFAULT_IN_PROXY: Code = Code("header/default-in-proxy");

/// One edit of a header.
pub(super) enum Edit<'a> {
    Add(&'a str, &'a str),
    Delete(&'a str),
    /// Set, if the response has no such field.
    Default(&'a str, &'a str),
    Set(&'a str, &'a str, When),
    Replace {
        field: &'a str,
        search: &'a str,
        with: &'a str,
        when: When,
    },
}

/// When a response is edited: `>` puts it off until the header is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    AtOnce,
    Deferred,
}

/// The edit that a field with its mark stands for, and up to two arguments behind it.
pub(super) fn edit<'a>(field: &'a str, args: &mut Args<'a>) -> Edit<'a> {
    let value = args.optional().map_or("", Token::text);
    let replacement = args.optional().map(Token::text);
    let when = if field.starts_with('>') {
        When::Deferred
    } else {
        When::AtOnce
    };
    match (field.split_at_checked(1), replacement) {
        (Some(("+", name)), _) => Edit::Add(name, value),
        (Some(("-", name)), _) => Edit::Delete(name),
        (Some(("?", name)), _) => Edit::Default(name, value),
        (_, Some(with)) => Edit::Replace {
            field: field.trim_start_matches(['+', '-', '?', '>']),
            search: value,
            with,
            when,
        },
        (Some((">", name)), None) => Edit::Set(name, value, when),
        (_, None) => Edit::Set(field, value, when),
    }
}

/// Adds an edit of a request; `field` is where it stands.
pub(super) fn apply_to_request(
    rules: &mut HeaderRules,
    edit: &Edit<'_>,
    field: &Token,
) -> Result<()> {
    if let Edit::Default(name, value) = edit {
        return Err(field
            .error(DEFAULT_IN_REQUEST, "`?` is for headers of responses only")
            .label("this edits a request")
            .help(format!(
                "write `{name} {value}` behind a matcher `header !{name}`"
            )));
    }
    apply(rules, edit);
    Ok(())
}

/// Adds an edit of an upstream's response, which is made in any case when it comes.
pub(super) fn apply_to_upstream_response(
    rules: &mut HeaderRules,
    edit: &Edit<'_>,
    field: &Token,
) -> Result<()> {
    if let Edit::Default(name, value) = edit {
        return Err(field
            .error(DEFAULT_IN_PROXY, "`header_down` does not take `?`")
            .help(format!("write `header ?{name} {value}` beside the proxy")));
    }
    apply(rules, edit);
    Ok(())
}

/// Adds an edit of a response.
pub(super) fn apply_to_response(rules: &mut ResponseHeaderRules, edit: &Edit<'_>) {
    apply(&mut rules.rules, edit);
    match edit {
        Edit::Default(field, _) => {
            let require = rules.require.get_or_insert_with(RequireResponse::default);
            require.headers.insert((*field).into(), None);
        }
        Edit::Delete(_) => rules.deferred = true,
        Edit::Set(_, _, when) | Edit::Replace { when, .. } => {
            rules.deferred |= *when == When::Deferred;
        }
        Edit::Add(..) => {}
    }
}

fn apply(rules: &mut HeaderRules, edit: &Edit<'_>) {
    match *edit {
        Edit::Add(field, value) => {
            let values = rules.add.entry(read::canonical_header(field)).or_default();
            values.push(value.into());
        }
        Edit::Delete(field) => rules.delete.push(field.into()),
        Edit::Default(field, value) | Edit::Set(field, value, _) => {
            let values = vec![value.into()];
            rules.set.insert(read::canonical_header(field), values);
        }
        Edit::Replace {
            field,
            search,
            with,
            ..
        } => {
            let replacement = HeaderReplacement {
                search: String::new(),
                search_regexp: search.into(),
                replace: with.into(),
            };
            let replacements = rules.replace.entry(field.into()).or_default();
            replacements.push(replacement);
        }
    }
}
