//! Rules of headers make no two fields of one, and take away what they say.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::headers(text));
