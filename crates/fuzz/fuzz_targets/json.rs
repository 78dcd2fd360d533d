//! Any JSON text is built or refused with a place, and what is read is written the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::json(text));
