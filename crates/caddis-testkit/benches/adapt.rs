//! How the time of `adapt` grows with the number of sites: `cargo bench -p caddis-testkit --bench adapt`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use caddis_adapt::adapt;
use caddis_source::Sources;
use caddis_syntax::{Disk, Tree, parse};

const FEWEST: usize = 100;

/// Sites that have something for every stage: certificates of two kinds, logs, matchers, groups.
fn sites(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let tls = match at % 4 {
            0 => "",
            1 => "\ttls internal\n",
            2 => "\ttls a.pem k.pem\n",
            _ => "\ttls {\n\t\tprotocols tls1.3\n\t}\n",
        };
        let log = if at % 3 == 0 {
            "\tlog {\n\t\toutput stdout\n\t}\n"
        } else {
            ""
        };
        let _ = write!(
            text,
            "site{at}.example.com, www.site{at}.example.com {{\n{tls}{log}\t@a path /a /b\n\
             \thandle @a {{\n\t\treverse_proxy localhost:{}\n\t}}\n\thandle {{\n\t\trespond {{uri}}\n\t}}\n}}\n",
            1000 + at
        );
    }
    text
}

fn tree(text: &str) -> (Sources, Tree) {
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (tree, diagnostics) = parse(&mut sources, file, &|_| None, &Disk);
    assert!(diagnostics.is_empty());
    (sources, tree)
}

/// The shortest of three runs, which other programs disturbed the least.
fn time(count: usize) -> Duration {
    let (sources, tree) = tree(&sites(count));
    let run = |tree: Tree| {
        let start = Instant::now();
        let adapted = adapt(tree, &sources);
        let elapsed = start.elapsed();
        assert!(adapted.diagnostics.is_empty(), "{:?}", adapted.diagnostics);
        elapsed
    };
    let runs = [tree.clone(), tree.clone(), tree].map(run);
    runs.into_iter().min().unwrap_or_default()
}

fn main() {
    let fewest = time(FEWEST);
    for count in [FEWEST, 10 * FEWEST, 100 * FEWEST] {
        let took = time(count);
        let ratio = took.as_secs_f64() / fewest.as_secs_f64();
        println!("{count:6} sites: {took:10.2?}, {ratio:6.1} times as long as {FEWEST}");
    }
}
