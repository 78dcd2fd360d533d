//! Caddyfiles of any size, of several shapes.

use std::fmt::Write as _;

/// A kind of Caddyfile.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) counts: &'static [usize],
    pub(crate) text: fn(usize) -> String,
}

const SITES: &[usize] = &[1, 100, 1000, 10_000];
const LINES: &[usize] = &[100, 1000, 10_000];
const IMPORTS: &[usize] = &[10, 100, 1000];

pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "sites of a few lines",
        counts: SITES,
        text: small,
    },
    Shape {
        name: "sites with TLS, bind, logs and snippets",
        counts: SITES,
        text: full,
    },
    Shape {
        name: "sites with the same TLS settings",
        counts: SITES,
        text: same_tls,
    },
    Shape {
        name: "sites with two addresses and nothing in common",
        counts: SITES,
        text: ports,
    },
    Shape {
        name: "handles in one site",
        counts: LINES,
        text: handles,
    },
    Shape {
        name: "named matchers in one site",
        counts: LINES,
        text: matchers,
    },
    Shape {
        name: "addresses of one site",
        counts: LINES,
        text: addresses,
    },
    Shape {
        name: "imports of a snippet of 100 lines",
        counts: IMPORTS,
        text: snippets,
    },
];

/// About 140 bytes a site, as somebody with many customers has them.
fn small(count: usize) -> String {
    each(count, |text, at| {
        write!(
            text,
            "site{at}.example.com {{\n\theader X-Site {at}\n\thandle /api/* {{\n\t\treverse_proxy localhost:{}\n\t}}\n\
             \tredir /old /new\n\trespond \"site {at}\" 200\n}}\n",
            port(at)
        )
    })
}

/// Something for every stage: certificates of all kinds, logs, matchers, groups, snippets, listeners.
fn full(count: usize) -> String {
    let snippet = "(common) {\n\theader X-Common {args[0]}\n\tredir /old{args[1]} /new\n}\n";
    let sites = each(count, |text, at| {
        let tls = match at % 4 {
            0 => String::new(),
            1 => "\ttls internal\n".to_owned(),
            2 => format!("\ttls a{at}.pem k{at}.pem\n"),
            _ => "\ttls {\n\t\tprotocols tls1.3\n\t}\n".to_owned(),
        };
        let log = if at % 3 == 0 {
            "\tlog {\n\t\toutput stdout\n\t}\n"
        } else {
            ""
        };
        let bind = if at % 5 == 0 {
            "\tbind 127.0.0.1\n"
        } else {
            ""
        };
        write!(
            text,
            "site{at}.example.com, www.site{at}.example.com {{\n{bind}{tls}{log}\timport common {at} x\n\t@a path /a /b\n\
             \thandle @a {{\n\t\treverse_proxy localhost:{}\n\t}}\n\thandle {{\n\t\trespond {{uri}}\n\t}}\n}}\n",
            port(at)
        )
    });
    snippet.to_owned() + &sites
}

/// Policies that all can be one.
fn same_tls(count: usize) -> String {
    each(count, |text, at| {
        write!(
            text,
            "site{at}.example.com {{\n\ttls {{\n\t\tprotocols tls1.3\n\t}}\n\trespond hi\n}}\n"
        )
    })
}

/// Every site is a server of its own, and one of a shared one.
fn ports(count: usize) -> String {
    each(count, |text, at| {
        let port = port(at);
        write!(
            text,
            "http://site{at}.example.com, http://site{at}.example.com:{port} {{\n\trespond hi\n}}\n"
        )
    })
}

fn handles(count: usize) -> String {
    let routes = each(count, |text, at| {
        write!(text, "\thandle /path{at}/* {{\n\t\trespond {at}\n\t}}\n")
    });
    format!("example.com {{\n{routes}}}\n")
}

fn matchers(count: usize) -> String {
    let routes = each(count, |text, at| {
        write!(
            text,
            "\t@m{at} {{\n\t\theader X-At {at}\n\t\tmethod GET\n\t}}\n\trespond @m{at} {at}\n"
        )
    });
    format!("example.com {{\n{routes}}}\n")
}

fn addresses(count: usize) -> String {
    let names: Vec<String> = (0..count)
        .map(|at| format!("site{at}.example.com"))
        .collect();
    format!("{} {{\n\trespond hi\n}}\n", names.join(", "))
}

fn snippets(count: usize) -> String {
    let lines = each(50, |text, at| {
        write!(
            text,
            "\theader /p{at} X-{at} {{args[0]}}\n\trespond /r{at}/* {{args[1]}}\n"
        )
    });
    let sites = each(count, |text, at| {
        write!(
            text,
            "site{at}.example.com {{\n\timport common {at} {{uri}}\n}}\n"
        )
    });
    format!("(common) {{\n{lines}}}\n{sites}")
}

fn each(count: usize, write: impl Fn(&mut String, usize) -> std::fmt::Result) -> String {
    let mut text = String::new();
    for at in 0..count {
        // Writing to a string cannot fail.
        let _ = write(&mut text, at);
    }
    text
}

fn port(at: usize) -> usize {
    10_000 + at
}
