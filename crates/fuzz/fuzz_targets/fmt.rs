//! The formatter changes white space only.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::format(text));
