//! Comments that turn findings off.

use caddis_syntax::Memory;

use crate::{Context, Environment, Settings, lint};

/// The findings that are left, by code and line.
fn left(text: &str, settings: &Settings) -> Vec<(&'static str, usize)> {
    let cx = Context::read(
        "Caddyfile",
        text,
        &Environment::default(),
        &Memory::default(),
    );
    let found = lint(&cx, settings)
        .into_iter()
        .filter(crate::Finding::is_active);
    found
        .map(|one| {
            (
                one.code(),
                one.span().map_or(0, |span| cx.sources.position(span).line),
            )
        })
        .collect()
}

fn settings() -> Settings {
    Settings {
        select: ["COR016", "DEP001", "SEC018", "STY003"]
            .map(str::to_owned)
            .to_vec(),
        ..Settings::default()
    }
}

#[test]
fn a_comment_covers_the_line_or_block_behind_it_and_no_more() {
    let text = "a.test {\n\t# caddis-lint: ignore=COR016 -- odd\n\t@a path a\n\t@b path b\n\trespond @a 1\n\trespond @b 2\n}\n";
    assert_eq!(left(text, &settings()), [("COR016", 4)]);
    let text = "# caddis-lint: ignore=path-without-slash\na.test {\n\t@a path a\n\trespond @a 1\n}\nb.test {\n\t@b path b\n\trespond @b 2\n}\n";
    assert_eq!(left(text, &settings()), [("COR016", 7)]);
}

#[test]
fn a_comment_at_the_top_covers_the_file() {
    let text = "# caddis-lint: ignore-file=COR016,DEP001 -- old\na.test {\n\t@a path a\n\trespond @a 1\n\tbasicauth {\n\t\ta $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG\n\t}\n}\n";
    assert_eq!(left(text, &settings()), []);
    let below = text.replacen(
        "a.test {\n",
        "a.test {\n\t# caddis-lint: ignore-file=COR016\n",
        1,
    );
    assert_eq!(left(&below, &settings()), [("STY003", 3)]);
}

#[test]
fn comments_that_do_nothing_are_said() {
    let text = "a.test {\n\t# caddis-lint: ignore=COR016\n\trespond 1\n\t# caddis-lint: ignore=COR999\n\trespond /a 2\n\t# caddis-lint: please\n\trespond /b 3\n}\n";
    assert_eq!(
        left(text, &settings()),
        [("STY003", 2), ("STY003", 4), ("STY003", 6)]
    );
}

#[test]
fn all_does_not_cover_security_and_nothing_covers_what_is_unsuppressible() {
    let text = "{\n\tservers {\n\t\t# caddis-lint: ignore=all\n\t\ttrusted_proxies static 0.0.0.0/0\n\t}\n}\na.test {\n\trespond 1\n}\n";
    assert!(left(text, &settings()).contains(&("SEC018", 4)));
    let named = text.replace("ignore=all", "ignore=SEC018 -- a test");
    assert_eq!(left(&named, &settings()), []);
    let strict = Settings {
        unsuppressible: vec!["SEC".into()],
        ..settings()
    };
    assert!(left(&named, &strict).contains(&("SEC018", 4)));
}
