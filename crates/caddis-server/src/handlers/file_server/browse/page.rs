//! A list as a page. It loads nothing and runs nothing.

use std::fmt::Write as _;

use super::entry::Entry;
use super::order::Order;
use super::{size, table};

const STYLE: &str = include_str!("page.css");

/// Writes a list as a page; `path` is where it is, as the client asked for it.
pub(super) fn written(path: &str, entries: &[Entry], order: &Order) -> String {
    let elements: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let title = elements.last().copied().unwrap_or("/");
    let mut page = String::with_capacity(1024 + entries.len() * 256);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escaped(title)
    );
    trail(&elements, &mut page);
    let folders = entries.iter().filter(|entry| entry.is_folder).count();
    let _ = write!(
        page,
        "<p>{}, {}</p>\n<table>\n<thead>\n<tr>",
        counted(folders, "folder"),
        counted(entries.len() - folders, "file")
    );
    for (word, name) in [
        ("namedirfirst", "Name"),
        ("size", "Size"),
        ("time", "Modified"),
    ] {
        heading(word, name, order, &mut page);
    }
    page.push_str("</tr>\n</thead>\n<tbody>\n");
    if !elements.is_empty() {
        page.push_str("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
    }
    for entry in entries {
        row(entry, &mut page);
    }
    page.push_str("</tbody>\n</table>\n</body>\n</html>\n");
    page
}

/// The folders on the way here, each a link.
fn trail(elements: &[&str], page: &mut String) {
    let link = |up: usize| {
        if up == 0 {
            "./".to_owned()
        } else {
            "../".repeat(up)
        }
    };
    let _ = write!(page, "<h1><a href=\"{}\">/</a>", link(elements.len()));
    for (index, element) in elements.iter().enumerate() {
        let link = link(elements.len() - index - 1);
        let _ = write!(page, "<a href=\"{link}\">{}</a>/", escaped(element));
    }
    page.push_str("</h1>\n");
}

fn heading(word: &str, name: &str, order: &Order, page: &mut String) {
    let is_current = order.by == word || (order.by == "name" && word == "namedirfirst");
    let (next, sign, sorted) = match (is_current, order.is_descending()) {
        (true, false) => ("desc", " ↑", " aria-sort=\"ascending\""),
        (true, true) => ("asc", " ↓", " aria-sort=\"descending\""),
        (false, _) => ("asc", "", ""),
    };
    let _ = write!(
        page,
        "<th{sorted}><a href=\"?sort={word}&amp;order={next}\">{name}{sign}</a></th>"
    );
}

fn row(entry: &Entry, page: &mut String) {
    let target = entry.target.as_ref();
    let target = target.map(|target| format!(" → {}", escaped(target)));
    let size = if entry.is_folder {
        String::new()
    } else {
        size::written(entry.size)
    };
    let _ = writeln!(
        page,
        "<tr><td><a href=\"{}\">{}</a>{}</td><td>{size}</td><td>{}</td></tr>",
        escaped(&entry.url),
        escaped(&entry.name),
        target.unwrap_or_default(),
        table::date(entry.modified)
    );
}

fn counted(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// A text that can stand in HTML, between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}
