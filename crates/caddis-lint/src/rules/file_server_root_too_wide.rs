//! `file-server-root-too-wide`: files are served from a folder that holds more than a site.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

/// Folders that no site is in.
const WIDE: [&str; 11] = [
    "/",
    "/etc",
    "/home",
    "/root",
    "/var",
    "/var/lib",
    "/var/lib/caddy",
    "/usr",
    "/opt",
    "/proc",
    "/mnt",
];

pub(super) const RULE: Rule = Rule {
    code: Code("SEC030"),
    name: "file-server-root-too-wide",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "Files are served from a folder that holds more than a site.",
    why: "Everything below the root is for everybody: passwords and keys of the system, the homes of people, the keys of certificates.",
    bad: r"files.example.com {
	root * /
	file_server browse
}
",
    bad_line: 2,
    good: r"files.example.com {
	root * /srv/public
	file_server {
		hide .git .env
	}
}
",
    cwe: Some(552),
    risk: Some("7.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    for line in check.directives("root") {
        let Some(word) = line.line.arguments().last() else {
            continue;
        };
        let folder = word.text();
        let folder = if folder == "/" {
            folder
        } else {
            folder.trim_end_matches('/')
        };
        let serves = check
            .directives("file_server")
            .any(|one| one.site() == line.site());
        if serves && WIDE.contains(&folder) {
            let finding = check
                .at(word.span(), format!("`{folder}` holds more than a site"))
                .label("everything below it is served")
                .help("serve a folder that has nothing else in it: `root * /srv/site`");
            check.report(finding);
        }
    }
}
