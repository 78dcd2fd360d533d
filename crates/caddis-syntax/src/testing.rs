//! One way for the tests of this crate to show what a config means.

use std::fmt::Write as _;

use caddis_source::{Sources, render};

use crate::{Block, Line, Memory, Token, Tree, parse};

/// The tree of a config as text, then its findings, one a line.
pub(crate) fn show(text: &str) -> String {
    show_with(text, &[])
}

/// The same, with files that can be imported.
pub(crate) fn show_with(text: &str, files: &[(&str, &str)]) -> String {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).into(), (*text).into()));
    let files = Memory(files.collect());
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", text);
    let (tree, diagnostics) = parse(&mut sources, file, &environment, &files);
    let mut out = tree_text(&tree);
    out.push_str(&render::concise(&diagnostics, &sources));
    out
}

fn environment(name: &str) -> Option<String> {
    (name == "PORT").then(|| "8080".to_owned())
}

/// A tree, a line each, indented.
pub(crate) fn tree_text(tree: &Tree) -> String {
    let mut out = String::new();
    if let Some(options) = &tree.options {
        block_text(&mut out, "options", options);
    }
    for route in &tree.named_routes {
        block_text(
            &mut out,
            &format!("route {}", words(&route.addresses)),
            &route.block,
        );
    }
    for site in &tree.sites {
        block_text(
            &mut out,
            &format!("site {}", words(&site.addresses)),
            &site.block,
        );
    }
    out
}

fn block_text(out: &mut String, head: &str, block: &Block) {
    let _ = writeln!(out, "{head}");
    lines_text(out, &block.lines, 1);
}

fn lines_text(out: &mut String, lines: &[Line], depth: usize) {
    for line in lines {
        let _ = writeln!(out, "{}{}", "  ".repeat(depth), words(&line.words));
        if let Some(block) = &line.block {
            lines_text(out, &block.lines, depth + 1);
        }
    }
}

fn words(words: &[Token]) -> String {
    let texts = words.iter().map(|word| match word.text() {
        text if text.contains(|char: char| char.is_whitespace()) || text.is_empty() => {
            format!("{text:?}")
        }
        text => text.to_owned(),
    });
    texts.collect::<Vec<_>>().join(" ")
}
