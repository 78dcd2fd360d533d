//! Checkstyle's XML, which many build servers read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::xml::escaped;
use crate::finding::Finding;
use crate::linted::Linted;
use crate::rule::Level;

/// One document with an element for each file.
pub fn checkstyle(all: &[Linted]) -> String {
    let mut files: BTreeMap<&str, Vec<(&Linted, &Finding)>> = BTreeMap::new();
    for linted in all {
        files.entry(&linted.name).or_default();
        for finding in linted.active() {
            let file = finding
                .span()
                .map_or(linted.name.as_str(), |span| linted.sources.name(span.file));
            files.entry(file).or_default().push((linted, finding));
        }
    }
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (file, findings) in files {
        let _ = writeln!(text, "  <file name=\"{}\">", escaped(file));
        for (linted, finding) in findings {
            let place = finding.span().map(|span| linted.place(span));
            let severity = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info | Level::Style => "info",
            };
            let _ = writeln!(
                text,
                "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"caddis.{}\"/>",
                place.map_or(1, |place| place.line),
                place.map_or(1, |place| place.column),
                escaped(finding.diagnostic.message()),
                escaped(finding.code()),
            );
        }
        text.push_str("  </file>\n");
    }
    text + "</checkstyle>\n"
}
