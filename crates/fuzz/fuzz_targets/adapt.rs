//! Any text is adapted or refused, and what comes of it can be read back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::adapt(text));
