//! Any text has words, and each of them stands where it says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| caddis_fuzz::claims::lex(text));
