//! The README says what the code has.

use std::fmt::Write as _;

use caddis_adapt::{directives, matchers, options};

const START: &str = "<!-- made from the code's tables; a test compares -->\n";
const END: &str = "<!-- /made from the code's tables -->";

#[test]
fn what_is_supported_is_what_the_tables_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("there is a README");
    let (before, rest) = readme.split_once(START).expect("it has the mark");
    let (written, after) = rest.split_once(END).expect("it has the other mark");
    let expected = tables();
    if std::env::var_os("README").is_some_and(|wish| wish == "overwrite") {
        let text = format!("{before}{START}{expected}{END}{after}");
        std::fs::write(path, text).expect("the README can be written");
    }
    assert!(
        written == expected,
        "README=overwrite cargo test --test readme makes the table anew"
    );
}

fn tables() -> String {
    let mut text =
        String::from("\n| directive | what it does | within its block |\n|---|---|---|\n");
    for directive in directives() {
        let old: String = directive
            .old_names
            .iter()
            .map(|name| [", `", name, "`"].concat())
            .collect();
        let (name, summary) = (directive.name, directive.summary);
        let _ = writeln!(
            text,
            "| `{name}`{old} | {summary} | {} |",
            words(directive.subdirectives)
        );
    }
    text.push_str("\n| matcher | what it does |\n|---|---|\n");
    for matcher in matchers() {
        let _ = writeln!(text, "| `{}` | {} |", matcher.name, matcher.summary);
    }
    text.push_str("\n| global option | what it does |\n|---|---|\n");
    for option in options() {
        let _ = writeln!(text, "| `{}` | {} |", option.name, option.summary);
    }
    text.push('\n');
    text
}

fn words(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" ")
}
