//! The text of an expression: placeholders in braces stand for calls of `ph`.

use regex::{Captures, Regex};

/// The text with `{name}` written as `ph(req, "name")`, also within quotes, as Caddy does it. `\{name}` is `{name}`.
pub(super) fn expanded(text: &str) -> String {
    const NAME: &str = r"\{([a-zA-Z][0-9A-Za-z_.-]+)\}";
    let placeholder = pattern(&format!(r"([^\\]|^){NAME}"));
    let escaped = pattern(&format!(r"\\{NAME}"));
    let calls = placeholder.replace_all(text, |found: &Captures<'_>| {
        let (before, name) = (&found[1], &found[2]);
        format!(r#"{before}ph(req, "{name}")"#)
    });
    escaped.replace_all(&calls, "{${1}}").into_owned()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

#[cfg(test)]
mod tests {
    use super::expanded;

    #[test]
    fn placeholders_become_calls_and_other_braces_stay() {
        let cases = [
            (r#"{a.b-C} == "x""#, r#"ph(req, "a.b-C") == "x""#),
            (r"[{ab},{cd}]", r#"[ph(req, "ab"),ph(req, "cd")]"#),
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            (r"\{ab}", "{ab}"),
            (r"x.matches('a{1,2}')", r"x.matches('a{1,2}')"),
        ];
        for (text, expected) in cases {
            assert_eq!(expanded(text), expected);
        }
    }
}
