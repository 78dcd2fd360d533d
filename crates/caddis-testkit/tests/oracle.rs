//! The real Caddy, asked now: the guide's Caddyfiles come out the same.

use std::fs;

use caddis_testkit::golden::adapt_file;
use caddis_testkit::oracle::{Answer, Form, Oracle};
use caddis_testkit::shared::{self, say};

fn oracle() -> Option<Oracle> {
    let oracle = Oracle::find();
    if oracle.is_none() {
        say("NOT COMPARED: no Caddy; set CADDY to its binary");
    }
    oracle
}

#[test]
fn the_guides_caddyfiles_give_caddys_json() {
    let (Some(guide), Some(oracle)) = (shared::path("guide/securing-ollama.md"), oracle()) else {
        return;
    };
    let guide = fs::read_to_string(guide).unwrap();
    let blocks = caddyfiles(&guide);
    assert!(blocks.len() >= 5, "{blocks:#?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Caddyfile");
    for block in blocks {
        fs::write(&path, &block).unwrap();
        let outcome = adapt_file(&path);
        let ours = caddis_ir::compact(&outcome.adapted.config) + "\n";
        let Answer::Json(compact) = oracle.adapt(&path, &[], Form::Compact).unwrap() else {
            panic!("Caddy refuses {block}");
        };
        assert!(!outcome.is_refused(), "{}", outcome.findings());
        assert_eq!(ours, compact, "{block}");
    }
}

/// The blocks of code without a language, which are Caddyfiles.
fn caddyfiles(guide: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<(bool, String)> = None;
    for line in guide.lines() {
        let fence = line.trim().strip_prefix("```");
        match (&mut block, fence) {
            (None, Some(language)) => block = Some((language.is_empty(), String::new())),
            (Some((is_caddyfile, text)), Some(_)) => {
                if *is_caddyfile {
                    blocks.push(std::mem::take(text));
                }
                block = None;
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}
