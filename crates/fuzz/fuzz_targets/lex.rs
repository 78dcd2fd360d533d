//! Any text has words, and each of them stands where it says.
#![no_main]

use caddis_source::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (tokens, _) = caddis_syntax::tokens(&mut sources, file, &|_| None);
    let mut end = 0;
    for token in tokens {
        let range = token.span().range();
        assert!(range.start >= end, "words overlap");
        assert!(text.get(range.clone()).is_some(), "a word is cut");
        end = range.end;
    }
});
