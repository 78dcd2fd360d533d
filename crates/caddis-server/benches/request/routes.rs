//! The way through many routes and many sites, which must not become longer for every site.

use divan::Bencher;
use serde_json::{Value, json};

use crate::tree::{answer, measure};

/// Routes that do not match, and one behind them that does.
#[divan::bench(args = [1, 20, 200])]
fn route_walk(bencher: Bencher, count: usize) {
    let mut routes: Vec<Value> = (1..count)
        .map(|at| json!({"match": [{"path": [format!("/route{at}/*")]}], "handle": [answer()]}))
        .collect();
    routes.push(json!({"match": [{"path": ["/api/*"]}], "handle": [answer()]}));
    measure(bencher, &Value::Array(routes));
}

/// The same as groups of which one runs, as `handle` is written out.
#[divan::bench(args = [1, 20, 200])]
fn handles(bencher: Bencher, count: usize) {
    let handle = |path: String| {
        let inner = json!([{"handle": [answer()]}]);
        json!({
            "group": "group2",
            "match": [{"path": [path]}],
            "handle": [{"handler": "subroute", "routes": inner}],
        })
    };
    let mut routes: Vec<Value> = (1..count)
        .map(|at| handle(format!("/route{at}/*")))
        .collect();
    routes.push(handle("/api/*".to_owned()));
    measure(bencher, &Value::Array(routes));
}

/// One of many sites of a server, as a Caddyfile is written out.
#[divan::bench(args = [1, 100, 10_000], sample_count = 20)]
fn site_lookup(bencher: Bencher, count: usize) {
    let half = count / 2;
    let site = |at: usize| {
        // The one in the middle is asked for.
        let name = if at == half { 5000 } else { at + 20_000 };
        json!({
            "match": [{"host": [format!("site{name}.example.com")]}],
            "handle": [{"handler": "subroute", "routes": [{"handle": [answer()]}]}],
            "terminal": true,
        })
    };
    let routes: Vec<Value> = (0..count).map(site).collect();
    measure(bencher, &Value::Array(routes));
}

/// Routes within routes.
#[divan::bench(args = [1, 4, 16])]
fn nested(bencher: Bencher, depth: usize) {
    let mut handler = answer();
    for _ in 0..depth {
        handler = json!({"handler": "subroute", "routes": [{"handle": [handler]}]});
    }
    measure(bencher, &json!([{"handle": [handler]}]));
}
