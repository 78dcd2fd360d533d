//! Requests of any bytes reach upstreams well framed and with credentials, or not at all.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| caddis_fuzz::claims::requests(bytes));
