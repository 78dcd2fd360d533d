//! Any text with imports becomes a tree; the text itself can be imported, too.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::expand(text));
