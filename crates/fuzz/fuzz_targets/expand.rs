//! Any text with imports becomes a tree; the text itself can be imported, too.
#![no_main]

use std::collections::BTreeMap;

use caddis_source::Sources;
use caddis_syntax::{Memory, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (first, second) = text.split_once('\0').unwrap_or((text, text));
    let files = BTreeMap::from([
        ("a".to_owned(), first.to_owned()),
        ("b.conf".to_owned(), second.to_owned()),
    ]);
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", first);
    let environment = |name: &str| (name.len() == 1).then(|| second.to_owned());
    let (_, diagnostics) = parse(&mut sources, file, &environment, &Memory(files));
    for diagnostic in &diagnostics {
        caddis_source::render::concise(std::slice::from_ref(diagnostic), &sources);
    }
});
