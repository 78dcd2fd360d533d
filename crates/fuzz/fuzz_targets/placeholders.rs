//! Texts with placeholders are filled once, whatever stands in them and in the request.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::placeholders(text));
