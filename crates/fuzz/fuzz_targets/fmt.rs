//! The formatter changes white space only.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let solid = |text: &str| -> String {
        text.chars().filter(|char| !char.is_whitespace()).collect()
    };
    assert_eq!(solid(&caddis_syntax::format(text)), solid(text));
});
