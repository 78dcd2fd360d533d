//! What a rewrite makes of a path.

use caddis_ir::Rewrite;

use super::matching::State;
use super::placeholders;

/// Changes path and method as the handler does.
pub(super) fn apply(rewrite: &Rewrite, state: &mut State<'_>) {
    if !rewrite.method.is_empty()
        && let Some(method) = placeholders::fill(&rewrite.method, state)
    {
        state.method = method.to_ascii_uppercase();
    }
    let Some(mut path) = state.path.clone() else {
        return;
    };
    if !rewrite.uri.is_empty() {
        let target = rewrite.uri.split('?').next().unwrap_or("");
        match placeholders::fill(target, state) {
            Some(target) if target.starts_with('/') => path = target,
            Some(target) if target.is_empty() => {}
            Some(_) | None => {
                state.path = None;
                return;
            }
        }
    }
    if !rewrite.strip_path_prefix.is_empty() {
        path = stripped(&path, &rewrite.strip_path_prefix);
    }
    if let Some(rest) = path.strip_suffix(&rewrite.strip_path_suffix) {
        path.truncate(rest.len());
    }
    for replacement in &rewrite.uri_substring {
        path = path.replace(&replacement.find, &replacement.replace);
    }
    for replacement in &rewrite.path_regexp {
        let Some(regex) = state.regexes.of(&replacement.find) else {
            state.path = None;
            return;
        };
        path = regex
            .replace_all(&path, replacement.replace.as_str())
            .into_owned();
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    state.path = Some(path);
}

fn stripped(path: &str, prefix: &str) -> String {
    let prefix = if prefix.starts_with('/') {
        prefix.to_owned()
    } else {
        format!("/{prefix}")
    };
    let same = path
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(&prefix));
    if !same {
        return path.to_owned();
    }
    path.get(prefix.len()..).unwrap_or("").to_owned()
}
