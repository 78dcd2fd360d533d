//! `JUnit`'s XML: a test for each finding, and one that passes for a file without any.

use std::fmt::Write as _;

use super::xml::escaped;
use crate::linted::Linted;

/// One document with a suite for each file.
pub fn junit(all: &[Linted]) -> String {
    let count = |linted: &Linted| linted.active().count();
    let failures: usize = all.iter().map(count).sum();
    let tests: usize = all.iter().map(|linted| count(linted).max(1)).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"caddis lint\" tests=\"{tests}\" failures=\"{failures}\">"
    );
    for linted in all {
        let name = escaped(&linted.name);
        let (failed, tests) = (count(linted), count(linted).max(1));
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">"
        );
        if failed == 0 {
            let _ = writeln!(
                text,
                "    <testcase name=\"no findings\" classname=\"{name}\"/>"
            );
        }
        for finding in linted.active() {
            let place = finding.span().map(|span| linted.place(span));
            let at = place.map_or_else(
                || linted.name.clone(),
                |place| format!("{}:{}:{}", place.file, place.line, place.column),
            );
            let title = escaped(&format!("{} {} ({at})", finding.code(), finding.name()));
            let message = escaped(finding.diagnostic.message());
            let _ = writeln!(text, "    <testcase name=\"{title}\" classname=\"{name}\">");
            let _ = writeln!(
                text,
                "      <failure type=\"{}\" message=\"{message}\">{}</failure>",
                finding.level.name(),
                escaped(&at)
            );
            text.push_str("    </testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}
