//! Imports from the disk: what is found, and what is refused without waiting for it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use caddis_source::{Sources, render};
use tempfile::TempDir;

use crate::limits::MAX_FILE;
use crate::testing::{show_with, tree_text};
use crate::{Disk, parse};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The tree of a config in a folder and its findings, without the name of the folder.
fn shown(folder: &Path, text: &str) -> String {
    let name = folder.join("Caddyfile").display().to_string();
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let (tree, diagnostics) = parse(&mut sources, file, &|_| None, &Disk);
    let shown = tree_text(&tree) + &render::concise(&diagnostics, &sources);
    shown.replace(&format!("{}/", folder.display()), "")
}

fn check(folder: &TempDir, text: &str, expected: &str) {
    assert_eq!(shown(folder.path(), text), expected, "{text}");
}

#[test]
fn imports_start_at_the_folder_of_their_file() {
    let folder = folder(&[
        ("sub/a", "import b\nimport ../c\n"),
        ("sub/b", "b\n"),
        ("c", "c\n"),
    ]);
    check(
        &folder,
        ":80 {\n\timport sub/a\n}\n",
        "site :80\n  b\n  c\n",
    );
    let absolute = folder.path().join("c").display().to_string();
    check(
        &folder,
        &format!(":80 {{\n\timport {absolute}\n}}\n"),
        "site :80\n  c\n",
    );
}

#[test]
fn a_wildcard_means_files_in_order_and_no_hidden_ones() {
    let folder = folder(&[
        ("d/b.conf", "b\n"),
        ("d/a.conf", "a\n"),
        ("d/.c.conf", "hidden\n"),
        ("d/e.txt", "other\n"),
    ]);
    check(
        &folder,
        ":80 {\n\timport d/*.conf\n}\n",
        "site :80\n  a\n  b\n",
    );
    check(
        &folder,
        ":80 {\n\timport d/.*.conf\n}\n",
        "site :80\n  hidden\n",
    );
    check(
        &folder,
        ":80 {\n\timport d/*.none\n}\n",
        "site :80\nCaddyfile:2:9: warning: no file matches `d/*.none` [import/nothing-found]\n",
    );
}

#[test]
fn links_lead_to_their_file_or_to_nothing() {
    let folder = folder(&[("a", "a\n")]);
    symlink("a", folder.path().join("link")).unwrap();
    symlink("none", folder.path().join("dangling")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    check(&folder, ":80 {\n\timport link\n}\n", "site :80\n  a\n");
    let dangling = shown(folder.path(), ":80 {\n\timport dangling\n}\n");
    assert!(dangling.contains("[import/not-found]"), "{dangling}");
    let endless = shown(folder.path(), ":80 {\n\timport loop\n}\n");
    assert!(endless.contains("[import/unreadable]"), "{endless}");
}

#[test]
fn a_missing_file_a_folder_and_what_is_no_text_are_refused() {
    let folder = folder(&[("sub/a", "a\n")]);
    fs::write(folder.path().join("bytes"), b"a \xff\n").unwrap();
    let refused = |name: &str| shown(folder.path(), &format!(":80 {{\n\timport {name}\n}}\n"));
    assert!(refused("none").contains("[import/not-found]"));
    assert_eq!(
        refused("sub"),
        "site :80\nCaddyfile:2:9: error: `sub` cannot be imported: `sub` is a folder [import/unreadable]\n"
    );
    assert!(refused("bytes").contains("`bytes` is not UTF-8 [import/unreadable]"));
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    let folder = folder(&[("secret", "a\n")]);
    let path = folder.path().join("secret");
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    let shown = shown(folder.path(), ":80 {\n\timport secret\n}\n");
    // Root may read everything, so the answer depends on who runs the tests.
    match File::open(&path) {
        Ok(_) => assert_eq!(shown, "site :80\n  a\n"),
        Err(_) => assert!(shown.contains("[import/unreadable]"), "{shown}"),
    }
}

#[test]
fn devices_and_pipes_are_refused_without_waiting() {
    let folder = folder(&[]);
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for name in ["pipe", "/dev/zero", "/dev/null"] {
        let shown = shown(folder.path(), &format!(":80 {{\n\timport {name}\n}}\n"));
        assert!(
            shown.contains("is no regular file [import/unreadable]"),
            "{shown}"
        );
    }
}

#[test]
fn files_that_are_too_long_are_refused() {
    let folder = folder(&[]);
    let long = File::create(folder.path().join("long")).unwrap();
    // A file with a hole: long for its readers, and nothing on the disk.
    long.set_len(1 << 40).unwrap();
    check(
        &folder,
        ":80 {\n\timport long\n}\n",
        "site :80\nCaddyfile:2:9: error: `long` cannot be imported: `long` is longer than 16 MiB [import/unreadable]\n",
    );
    check(
        &folder,
        &"#".repeat(MAX_FILE + 1),
        "Caddyfile:1:1: error: the file is longer than 16 MiB [syntax/file-too-long]\n",
    );
}

#[test]
fn empty_files_and_nameless_blocks_are_found() {
    assert_eq!(
        show_with(":80 {\n\timport a\n}\n", &[("a", " \n")]),
        "site :80\nCaddyfile:2:9: warning: `a` is empty [import/empty-file]\n"
    );
    let nameless = show_with(
        ":80 {\n\timport a {\n\t\t{\n\t\t}\n\t}\n}\n",
        &[("a", "log\n")],
    );
    assert_eq!(
        nameless,
        "site :80\n  log\nCaddyfile:3:3: error: a block of an import needs a name [import/anonymous-block]\n"
    );
}
