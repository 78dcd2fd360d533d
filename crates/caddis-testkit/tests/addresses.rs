//! Site addresses compared with the table of Caddy's own cases.

use caddis_adapt::Address;
use caddis_testkit::shared;
use serde_json::Value;

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn rows<'a>(table: &'a Value, name: &str) -> &'a [Value] {
    table[name].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn addresses_are_read_as_caddy_reads_them() {
    let Some(table) = shared::json("conformance/addresses.json") else {
        return;
    };
    assert!(!rows(&table, "parse").is_empty());
    for row in rows(&table, "parse") {
        let read = Address::parse(text(row, "input"));
        if row["error"].as_bool().unwrap_or_default() {
            assert!(read.is_err(), "{row}");
            continue;
        }
        assert_eq!(read, Ok(of(row)), "{row}");
    }
}

#[test]
fn addresses_are_written_as_caddy_writes_them() {
    let Some(table) = shared::json("conformance/addresses.json") else {
        return;
    };
    assert!(!rows(&table, "string").is_empty());
    for row in rows(&table, "string") {
        assert_eq!(of(row).to_string(), text(row, "expect"), "{row}");
    }
}

#[test]
fn addresses_are_normalized_as_caddy_does() {
    let Some(table) = shared::json("conformance/addresses.json") else {
        return;
    };
    assert!(!rows(&table, "normalize").is_empty());
    for row in rows(&table, "normalize") {
        let read = Address::parse(text(row, "input"));
        assert_eq!(read.map(|address| address.normal()), Ok(of(row)), "{row}");
    }
}

fn of(row: &Value) -> Address {
    Address {
        scheme: text(row, "scheme").into(),
        host: text(row, "host").into(),
        port: text(row, "port").into(),
        path: text(row, "path").into(),
    }
}
