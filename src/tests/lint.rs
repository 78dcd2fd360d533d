//! `caddis lint` on files of its own: fixes, standard input, several reports, a baseline, nothing left behind.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const OLD: &str = "app.example.com {\n\tbasicauth {\n\t\talice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG\n\t}\n  reverse_proxy   127.0.0.1:3000\n}\n";

fn lint(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caddis"))
        .arg("lint")
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("caddis can be run");
    // It may end before it has read anything.
    let _ = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(input.as_bytes()));
    child.wait_with_output().expect("it ends")
}

fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("Caddyfile"), text).expect("the file can be written");
    folder
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("Caddyfile")).expect("the file is there")
}

#[test]
fn fixes_are_made_in_the_file_and_twice_is_once() {
    let folder = folder_with(OLD);
    let rules = ["--select", "DEP,STY", "--fix"];
    let first = lint(folder.path(), &rules, "");
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let once = text(folder.path());
    assert!(
        once.contains("\tbasic_auth {") && once.contains("\treverse_proxy 127.0.0.1:3000\n"),
        "{once}"
    );
    lint(folder.path(), &rules, "");
    assert_eq!(text(folder.path()), once);
}

#[test]
fn a_diff_changes_nothing() {
    let folder = folder_with(OLD);
    let output = lint(folder.path(), &["--select", "DEP", "--diff"], "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("-\tbasicauth {\n+\tbasic_auth {"), "{said}");
    assert_eq!(text(folder.path()), OLD);
}

#[test]
fn standard_input_is_named_and_fixed_to_standard_output() {
    let folder = folder_with("");
    let named = [
        "--format",
        "concise",
        "--stdin-filename",
        "sites/a.caddyfile",
        "--select",
        "DEP",
        "-",
    ];
    let output = lint(folder.path(), &named, OLD);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with("sites/a.caddyfile:2:2: warning: "),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
    let output = lint(folder.path(), &["--select", "DEP", "--fix", "-"], OLD);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        OLD.replace("basicauth", "basic_auth")
    );
}

#[test]
fn every_report_goes_where_it_is_asked_for() {
    let folder = folder_with(OLD);
    let reports = [
        "--format", "sarif", "--output", "a.sarif", "--format", "concise",
    ];
    let output = lint(folder.path(), &reports, "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("[DEP001 deprecated-basicauth]"));
    let sarif =
        std::fs::read_to_string(folder.path().join("a.sarif")).expect("the report is written");
    assert!(sarif.contains("\"ruleId\": \"DEP001\""));
}

#[test]
fn what_a_baseline_knows_is_not_said_again() {
    let folder = folder_with(OLD);
    let output = lint(folder.path(), &["--write-baseline", "known.json"], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let known = ["--format", "concise", "--baseline", "known.json"];
    let output = lint(folder.path(), &known, "");
    assert_eq!(
        (output.status.code(), output.stdout.len()),
        (Some(0), 0),
        "{output:?}"
    );
    let more =
        format!("{OLD}\nb.example.com {{\n\trespond /a hi\n\t@a path a\n\trespond @a hi\n}}\n");
    std::fs::write(folder.path().join("Caddyfile"), more).expect("the file can be written");
    let said = String::from_utf8_lossy(&lint(folder.path(), &known, "").stdout).into_owned();
    assert!(
        said.contains("COR016") && !said.contains("DEP001"),
        "{said}"
    );
}

#[test]
fn logs_sockets_and_certificates_are_left_alone() {
    let config = "{\n\tadmin unix//run/x.sock\n\tlog {\n\t\toutput file a.log\n\t}\n}\na.test {\n\ttls a.pem a.key {\n\t\tclient_auth {\n\t\t\ttrusted_ca_cert_file ca.pem\n\t\t}\n\t}\n\tlog {\n\t\toutput file b.log\n\t}\n\trespond hi\n}\n";
    let folder = folder_with(config);
    let output = lint(folder.path(), &["--format", "concise"], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let entries = std::fs::read_dir(folder.path()).expect("the folder is there");
    assert_eq!(entries.count(), 1);
}

#[test]
fn a_rule_explains_itself_by_its_code_or_name() {
    let folder = folder_with("");
    let by_code = lint(folder.path(), &["--explain", "SEC010"], "");
    let page = String::from_utf8_lossy(&by_code.stdout).into_owned();
    for part in [
        "# SEC010 auth-path-gap\n",
        "## Bad\n",
        "basic_auth /api/* {",
        "## Good\n",
        "public_paths",
    ] {
        assert!(page.contains(part), "{page}");
    }
    assert_eq!(
        lint(folder.path(), &["--explain", "auth-path-gap"], "").stdout,
        by_code.stdout
    );
    let list = String::from_utf8_lossy(&lint(folder.path(), &["--list"], "").stdout).into_owned();
    assert!(list.lines().count() >= 75, "{list}");
}
