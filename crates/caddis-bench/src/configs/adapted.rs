//! A Caddyfile that is only adapted.

use std::fmt::Write as _;

/// As somebody has it who serves many customers.
pub(crate) fn adapted(sites: usize) -> String {
    let mut text = String::new();
    for at in 0..sites {
        let port = 10_000 + at;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "site{at}.example.com {{\n\theader X-Site {at}\n\thandle /api/* {{\n\t\treverse_proxy localhost:{port}\n\t}}\n\
             \tredir /old /new\n\trespond \"site {at}\" 200\n}}\n"
        );
    }
    text
}
