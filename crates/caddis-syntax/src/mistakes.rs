//! What is said of configs that are wrong: every finding of this crate, at its place.

use crate::testing::{show, show_with};

/// The findings alone.
fn findings(shown: &str) -> Vec<&str> {
    shown
        .lines()
        .filter(|line| line.contains(": error: ") || line.contains(": warning: "))
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(findings(&show(text)), expected, "{text}");
}

#[test]
fn braces_in_wrong_places_are_found() {
    check(
        ":80 {\n\thandle {\n}\n",
        &["Caddyfile:1:5: warning: this block is never closed [syntax/unclosed-block]"],
    );
    check(
        ":80 {\n\thandle {\n\tabort\n",
        &[
            "Caddyfile:2:9: error: this block is never closed [syntax/unclosed-block]",
            "Caddyfile:1:5: error: this block is never closed [syntax/unclosed-block]",
        ],
    );
    check(
        ":80\nabort\n}\n",
        &["Caddyfile:3:1: warning: this `}` closes nothing [syntax/surplus-brace]"],
    );
    check(
        ":80 {\n}\n}\n",
        &["Caddyfile:3:1: error: this `}` closes nothing [syntax/surplus-brace]"],
    );
    check(
        ":80{\n}\n",
        &[
            "Caddyfile:1:1: error: `:80{` has no space before the brace [syntax/brace-without-space]",
        ],
    );
    check(
        ":80\nhandle {\n} }\n",
        &[
            "Caddyfile:3:3: error: something follows `}` on the same line [syntax/closing-brace-not-alone]",
            "Caddyfile:3:3: warning: this `}` closes nothing [syntax/surplus-brace]",
        ],
    );
    check(
        ":80 {\n\thandle { abort\n\t}\n}\n",
        &[
            "Caddyfile:2:9: error: `{` is followed by something on the same line [syntax/brace-not-last]",
        ],
    );
    check(
        ":80 {\n\thandle\n\t{\n\t}\n}\n",
        &["Caddyfile:3:2: error: this `{` stands on a line of its own [syntax/brace-on-new-line]"],
    );
    check(
        ":80 {\n\t{\n\t}\n}\n",
        &["Caddyfile:2:2: error: this block has no name [syntax/anonymous-block]"],
    );
    check(
        ":80 {\n\trespond hi }\n",
        &["Caddyfile:2:13: error: `}` stands behind other words [syntax/closing-brace-not-alone]"],
    );
    check(
        ":80 {\n\trespond {}\n}\n",
        &["Caddyfile:2:10: error: `{}` opens no block [syntax/empty-braces]"],
    );
}

#[test]
fn words_behind_the_braces_of_named_blocks_are_found() {
    check(
        "(s) {\n}\nimport s {\n\tone {\n\t} more\n}\n",
        &[
            "Caddyfile:5:4: error: something follows `}` on the same line [syntax/closing-brace-not-alone]",
        ],
    );
    check(
        "(s) {\n}\nimport s {\n\tone { more\n\t}\n}\n",
        &[
            "Caddyfile:4:6: error: `{` is followed by something on the same line [syntax/brace-not-last]",
        ],
    );
}

#[test]
fn addresses_that_are_none_are_found() {
    check(
        "a.test, {\n}\n",
        &["Caddyfile:1:1: error: an address is missing after this comma [site/missing-address]"],
    );
    check(
        "a.test,b.test {\n}\n",
        &["Caddyfile:1:1: error: `a.test,b.test` is not one address [site/comma]"],
    );
    check(
        "@m path /\n:80 {\n}\n",
        &["Caddyfile:1:1: error: matcher `@m` stands outside of all sites [site/matcher-outside]"],
    );
    check(
        ":80 {\n}\n{\n\tdebug\n}\n",
        &[
            "Caddyfile:3:1: error: a block without an address holds the global options, and these come first [site/options-not-first]",
        ],
    );
}

#[test]
fn words_that_never_end_are_found() {
    check(
        ":80 {\n\trespond \"hi\n}\n",
        &[
            "Caddyfile:2:10: warning: this quote is never closed [syntax/unclosed-quote]",
            "Caddyfile:1:5: error: this block is never closed [syntax/unclosed-block]",
        ],
    );
    check(
        "x <<E\n\thi\n",
        &["Caddyfile:1:3: error: heredoc `<<E` is never closed [syntax/unclosed-heredoc]"],
    );
    check(
        "x <<<E\n",
        &["Caddyfile:1:3: error: a heredoc begins with two `<`, not more [syntax/heredoc-marker]"],
    );
    check(
        "x <<E!\n",
        &["Caddyfile:1:3: error: `E!` is no marker for a heredoc [syntax/heredoc-marker]"],
    );
    check(
        "x <<\n",
        &["Caddyfile:1:3: error: a heredoc needs a marker after `<<` [syntax/heredoc-marker]"],
    );
    check(
        "x <<E\na\n\tE\n",
        &[
            "Caddyfile:2:1: error: this line of the heredoc is indented less than its end `E` [syntax/heredoc-indent]",
        ],
    );
    check(
        "x <<E\nlost E\n",
        &[
            "Caddyfile:2:1: warning: the text before the closing marker `E` is lost [syntax/heredoc-text-lost]",
        ],
    );
    check(
        ":80\nabort # C:\\\nlog\n",
        &["Caddyfile:2:11: warning: backslash in a comment [syntax/backslash-in-comment]"],
    );
}

#[test]
fn imports_that_bring_nothing_are_found() {
    check(
        "import\n",
        &["Caddyfile:1:1: error: `import` needs the name of a snippet or a file [import/no-name]"],
    );
    check(
        "import a.conf\n",
        &["Caddyfile:1:8: error: there is no snippet and no file `a.conf` [import/not-found]"],
    );
    check(
        "import *.conf\n",
        &["Caddyfile:1:8: warning: no file matches `*.conf` [import/nothing-found]"],
    );
    check(
        "import */*.conf\n",
        &["Caddyfile:1:8: error: `*/*.conf` has wildcards other than one `*` [import/glob]"],
    );
    check(
        "(s)\n:80 {\n}\n",
        &["Caddyfile:1:1: error: snippet `(s)` has no block [syntax/block-missing]"],
    );
    check(
        "(s) {\n}\n(s) {\n}\n",
        &["Caddyfile:3:1: error: snippet `(s)` is defined twice [import/snippet-twice]"],
    );
}

#[test]
fn placeholders_without_an_argument_are_found() {
    let text = "(s) {\n\trespond {args[1]} {args[-1]} {args[0:5]}\n}\n:80 {\n\timport s a\n}\n";
    check(
        text,
        &[
            "Caddyfile:2:10: warning: `{args[1]}` is out of bounds: there is 1 argument (imported at Caddyfile:5:2) [import/argument]",
            "Caddyfile:2:20: error: `{args[-1]}` counts from below zero (imported at Caddyfile:5:2) [import/argument]",
            "Caddyfile:2:31: warning: `{args[0:5]}` is out of bounds: there is 1 argument (imported at Caddyfile:5:2) [import/argument]",
        ],
    );
}

#[test]
fn an_import_of_itself_is_found_with_its_chain() {
    let shown = show_with("import a\n", &[("a", "import b\n"), ("b", "import a\n")]);
    assert_eq!(
        findings(&shown),
        [
            "b:1:1: error: `a` imports itself (imported at a:1:1) (imported at Caddyfile:1:1) [import/cycle]"
        ]
    );
}

#[test]
fn imports_that_multiply_are_stopped() {
    let snippet = |level: u32| match level.checked_sub(1) {
        None => "(s0) {\n\tlog\n}\n".to_owned(),
        Some(before) => {
            let import = format!("\timport s{before}\n");
            format!("(s{level}) {{\n{import}{import}}}\n")
        }
    };
    let snippets: String = (0..30).map(snippet).collect();
    let text = format!("{snippets}:80 {{\n\timport s29\n}}\n");
    let shown = show(&text);
    assert!(
        findings(&shown)
            .iter()
            .any(|line| line.contains("[import/too-much]")),
        "{:?}",
        findings(&shown)
    );
}

#[test]
fn blocks_nested_too_deep_are_found() {
    let text = format!(":80 {{\n{}{}}}\n", "a {\n".repeat(5000), "}\n".repeat(5000));
    check(
        &text,
        &["Caddyfile:101:3: error: blocks are nested deeper than 100 [syntax/too-deep]"],
    );
}
