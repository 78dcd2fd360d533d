//! Fixes for what the language itself says: the word that was meant.

use caddis_source::Fix;

use crate::context::Context;
use crate::finding::Finding;
use crate::rule::{Rule, Safety};

const DID_YOU_MEAN: &str = "did you mean `";
const WRITE: &str = "write `";

/// Adds the edit that the help of a finding speaks of.
pub(crate) fn fix(finding: Finding, rule: &'static Rule, cx: &Context) -> Finding {
    if rule.fix == Safety::None || finding.diagnostic.fixes().is_some() {
        return finding;
    }
    let Some(span) = finding.span() else {
        return finding;
    };
    if let Some(text) = rewritten(rule, cx.sources.slice(span)) {
        return finding.fix(
            rule.fix,
            Fix::replace(format!("write `{text}`"), span, text),
        );
    }
    let meant = |start: &str| {
        let mut helps = finding.diagnostic.helps().iter();
        helps.find_map(|help| {
            help.strip_prefix(start)?
                .split('`')
                .next()
                .map(str::to_owned)
        })
    };
    let written = cx.sources.slice(span);
    let is_word = !written.is_empty() && !written.contains([' ', '\n', '"', '`', '{']);
    match meant(DID_YOU_MEAN).or_else(|| meant(WRITE)) {
        Some(meant) if is_word && is_plain(&meant) => {
            let title = format!("write `{meant}`");
            finding.fix(rule.fix, Fix::replace(title, span, meant))
        }
        Some(_) | None => finding,
    }
}

fn is_plain(word: &str) -> bool {
    let word = word.strip_prefix('@').unwrap_or(word);
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !word.is_empty() && word.chars().all(is_letter)
}

/// What a word becomes by a rule that is about how it is written.
fn rewritten(rule: &Rule, written: &str) -> Option<String> {
    match rule.code.0 {
        "COR021" => {
            let bare = written.strip_suffix('{')?;
            (!bare.is_empty() && !bare.ends_with(' ')).then(|| format!("{bare} {{"))
        }
        "DEP006" => {
            let (before, rest) = written.split_once("{args.")?;
            let (number, after) = rest.split_once('}')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| format!("{before}{{args[{number}]}}{after}"))
        }
        _ => None,
    }
}
