//! Paths are cleaned, matched and sent as what they are.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::paths(text));
