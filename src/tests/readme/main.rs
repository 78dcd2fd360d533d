//! The README says what the code has.

use std::fmt::Write as _;

use caddis_adapt::{directives, matchers, options, placeholders};
use caddis_testkit::lines::Part;

mod served;

use served::Served;

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
    let served = Served::of_cases();
    let mut text = String::from(
        "\n| directive | served | what it does | within its block |\n|---|---|---|---|\n",
    );
    for directive in directives() {
        let old: String = directive
            .old_names
            .iter()
            .map(|name| [", `", name, "`"].concat())
            .collect();
        let (name, summary) = (directive.name, directive.summary);
        let within = within(Part::Site, name, directive.subdirectives, &served);
        let yes = yes(served.has(Part::Site, name));
        let _ = writeln!(text, "| `{name}`{old} | {yes} | {summary} | {within} |");
    }
    text.push_str("\n| matcher | served | what it does |\n|---|---|---|\n");
    for matcher in matchers() {
        let (name, summary) = (matcher.name, matcher.summary);
        let _ = writeln!(
            text,
            "| `{name}` | {} | {summary} |",
            yes(served.has(Part::Matcher, name))
        );
    }
    text.push_str(
        "\n| global option | served | what it does | within its block |\n|---|---|---|---|\n",
    );
    for option in options() {
        let (name, summary) = (option.name, option.summary);
        let within = within(Part::Options, name, option.subdirectives, &served);
        let yes = yes(served.has(Part::Options, name));
        let _ = writeln!(text, "| `{name}` | {yes} | {summary} | {within} |");
    }
    text.push_str("\n| short placeholder | filled | what it is written out to |\n|---|---|---|\n");
    for placeholder in placeholders() {
        let more = if placeholder.short.ends_with('.') {
            "*"
        } else {
            ""
        };
        let (short, long) = (placeholder.short, placeholder.long);
        let yes = yes(caddis_server::fills(long));
        let _ = writeln!(text, "| `{{{short}{more}}}` | {yes} | `{{{long}{more}}}` |");
    }
    text.push('\n');
    text
}

fn yes(served: bool) -> &'static str {
    if served { "yes" } else { "not yet" }
}

/// The names of suboptions, those that are not served yet behind the others.
fn within(part: Part, name: &str, suboptions: &[&str], served: &Served) -> String {
    let (yes, not_yet): (Vec<&str>, Vec<&str>) = suboptions
        .iter()
        .partition(|suboption| served.has(part, name) && served.has_within(part, suboption, name));
    match (words(&yes), words(&not_yet)) {
        (yes, none) if none.is_empty() => yes,
        (none, not_yet) if none.is_empty() => format!("not yet: {not_yet}"),
        (yes, not_yet) => format!("{yes}; not yet: {not_yet}"),
    }
}

fn words(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" ")
}
