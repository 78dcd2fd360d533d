//! Markdown to HTML: GitHub's dialect with footnotes, written as Caddy's pages have it.

use std::collections::HashSet;
use std::fmt::Write;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, Node, NodeHeading, NodeValue, TableAlignment};
use comrak::{Arena, Options, parse_document};

use super::footnotes::Footnotes;

/// Markdown to HTML.
pub fn markdown(text: &str) -> String {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let mut writer = Writer {
        lines: text.lines().collect(),
        out: String::with_capacity(text.len() * 2),
        ids: HashSet::new(),
        footnotes: Footnotes::default(),
        alt: None,
    };
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => writer.start(node),
            NodeEdge::End(node) => writer.end(node),
        }
    }
    writer.footnotes.finish(&mut writer.out);
    writer.out
}

struct Writer<'t> {
    lines: Vec<&'t str>,
    out: String,
    ids: HashSet<String>,
    footnotes: Footnotes,
    /// How many images are open, and the text in them.
    alt: Option<(usize, String)>,
}

impl Writer<'_> {
    fn start(&mut self, node: Node<'_>) {
        let data = node.data.borrow();
        if let Some((open, alt)) = &mut self.alt {
            match &data.value {
                NodeValue::Image(_) => *open += 1,
                NodeValue::Text(text) => alt.push_str(text),
                NodeValue::Code(code) => alt.push_str(&code.literal),
                NodeValue::SoftBreak | NodeValue::LineBreak => alt.push('\n'),
                _ => {}
            }
            return;
        }
        match &data.value {
            NodeValue::Heading(heading) => {
                let raw =
                    self.raw_heading(*heading, data.sourcepos.start.line, data.sourcepos.end.line);
                let id = self.id(&raw);
                let _ = write!(self.out, "<h{} id=\"{id}\">", heading.level);
            }
            NodeValue::Paragraph if is_tight(node) => {}
            NodeValue::Image(_) => self.alt = Some((1, String::new())),
            NodeValue::Link(link) => {
                let _ = write!(self.out, "<a href=\"{}\"", address(&link.url));
                self.title(&link.title);
                self.out.push('>');
            }
            NodeValue::List(list) => match (list.list_type, list.start) {
                (ListType::Bullet, _) => self.out.push_str("<ul>\n"),
                (ListType::Ordered, 1) => self.out.push_str("<ol>\n"),
                (ListType::Ordered, start) => {
                    let _ = writeln!(self.out, "<ol start=\"{start}\">");
                }
            },
            NodeValue::Item(_) => self.item(node, ""),
            NodeValue::TaskItem(task) => {
                let checked = if task.symbol.is_some() {
                    "checked=\"\" "
                } else {
                    ""
                };
                let input = format!("<input {checked}disabled=\"\" type=\"checkbox\"> ");
                self.item(node, &input);
            }
            NodeValue::CodeBlock(code) => {
                let language = code.info.split_whitespace().next().unwrap_or_default();
                self.code_block(language, &code.literal);
            }
            NodeValue::FootnoteDefinition(footnote) => {
                self.footnotes
                    .begin(&mut self.out, footnote.total_references);
            }
            NodeValue::FootnoteReference(footnote) => {
                Footnotes::reference(&mut self.out, footnote.ix, footnote.ref_num);
            }
            NodeValue::TableRow(_) => self.row(node),
            NodeValue::TableCell => self.cell(node),
            value => self.plain(value),
        }
    }

    /// What begins in the same way wherever it stands.
    fn plain(&mut self, value: &NodeValue) {
        match value {
            NodeValue::Text(text) => escape(&mut self.out, text),
            NodeValue::Code(code) => {
                self.out.push_str("<code>");
                escape(&mut self.out, &code.literal);
                self.out.push_str("</code>");
            }
            NodeValue::HtmlBlock(html) => self.out.push_str(&html.literal),
            NodeValue::HtmlInline(html) => self.out.push_str(html),
            other => self.out.push_str(match other {
                NodeValue::BlockQuote => "<blockquote>\n",
                NodeValue::Paragraph => "<p>",
                NodeValue::ThematicBreak => "<hr>\n",
                NodeValue::Table(_) => "<table>\n",
                NodeValue::SoftBreak => "\n",
                NodeValue::LineBreak => "<br>\n",
                NodeValue::Emph => "<em>",
                NodeValue::Strong => "<strong>",
                NodeValue::Strikethrough => "<del>",
                _ => "",
            }),
        }
    }

    fn end(&mut self, node: Node<'_>) {
        let data = node.data.borrow();
        if let Some((open, _)) = &mut self.alt {
            if let NodeValue::Image(image) = &data.value {
                *open -= 1;
                if *open == 0 {
                    self.image(&image.url, &image.title);
                }
            }
            return;
        }
        match &data.value {
            NodeValue::Heading(heading) => {
                let _ = writeln!(self.out, "</h{}>", heading.level);
            }
            NodeValue::Paragraph if is_tight(node) => {
                if node.next_sibling().is_some() {
                    self.out.push('\n');
                }
            }
            NodeValue::Paragraph => {
                if is_end_of_footnote(node) {
                    self.footnotes.links_back(&mut self.out);
                }
                self.out.push_str("</p>\n");
            }
            NodeValue::List(list) => self.out.push_str(match list.list_type {
                ListType::Bullet => "</ul>\n",
                ListType::Ordered => "</ol>\n",
            }),
            NodeValue::TableRow(is_header) => {
                self.out.push_str("</tr>\n");
                self.out
                    .push_str(match (*is_header, node.next_sibling().is_some()) {
                        (true, _) => "</thead>\n",
                        (false, false) => "</tbody>\n",
                        (false, true) => "",
                    });
            }
            NodeValue::TableCell => {
                self.out.push_str(if is_header(node) {
                    "</th>\n"
                } else {
                    "</td>\n"
                });
            }
            other => self.out.push_str(match other {
                NodeValue::BlockQuote => "</blockquote>\n",
                NodeValue::Item(_) | NodeValue::TaskItem(_) | NodeValue::FootnoteDefinition(_) => {
                    "</li>\n"
                }
                NodeValue::Table(_) => "</table>\n",
                NodeValue::Emph => "</em>",
                NodeValue::Strong => "</strong>",
                NodeValue::Strikethrough => "</del>",
                NodeValue::Link(_) => "</a>",
                _ => "",
            }),
        }
    }

    fn item(&mut self, node: Node<'_>, input: &str) {
        self.out.push_str("<li>");
        if let Some(child) = node.first_child() {
            let is_text = matches!(child.data.borrow().value, NodeValue::Paragraph);
            if !(is_text && is_tight(child)) {
                self.out.push('\n');
            }
        }
        self.out.push_str(input);
    }

    fn row(&mut self, node: Node<'_>) {
        if is_header_row(node) {
            self.out.push_str("<thead>\n");
        } else if node.previous_sibling().is_some_and(is_header_row) {
            self.out.push_str("<tbody>\n");
        }
        self.out.push_str("<tr>\n");
    }

    fn cell(&mut self, node: Node<'_>) {
        let mut column = 0;
        let mut before = node.previous_sibling();
        while let Some(cell) = before {
            column += 1;
            before = cell.previous_sibling();
        }
        let table = node.parent().and_then(comrak::arena_tree::Node::parent);
        let alignment = table.and_then(|table| match &table.data.borrow().value {
            NodeValue::Table(table) => table.alignments.get(column).copied(),
            _ => None,
        });
        let name = if is_header(node) { "th" } else { "td" };
        let style = match alignment {
            None | Some(TableAlignment::None) => "",
            Some(TableAlignment::Left) => " style=\"text-align:left\"",
            Some(TableAlignment::Center) => " style=\"text-align:center\"",
            Some(TableAlignment::Right) => " style=\"text-align:right\"",
        };
        let _ = write!(self.out, "<{name}{style}>");
    }

    fn code_block(&mut self, language: &str, text: &str) {
        self.out.push_str("<pre><code");
        if !language.is_empty() {
            self.out.push_str(" class=\"language-");
            escape(&mut self.out, language);
            self.out.push('"');
        }
        self.out.push('>');
        escape(&mut self.out, text);
        self.out.push_str("</code></pre>\n");
    }

    fn image(&mut self, url: &str, title: &str) {
        let (_, alt) = self.alt.take().unwrap_or_default();
        let _ = write!(self.out, "<img src=\"{}\" alt=\"", address(url));
        escape(&mut self.out, &alt);
        self.out.push('"');
        self.title(title);
        self.out.push('>');
    }

    fn title(&mut self, title: &str) {
        if !title.is_empty() {
            self.out.push_str(" title=\"");
            escape(&mut self.out, title);
            self.out.push('"');
        }
    }

    /// What the author wrote: ids are made of it, marks and all.
    fn raw_heading(&self, heading: NodeHeading, first: usize, last: usize) -> String {
        // The last line of a heading that is underlined is the underline.
        let line = if heading.setext {
            last.saturating_sub(1)
        } else {
            first
        };
        let line = self.lines.get(line.saturating_sub(1));
        let text = line.map_or("", |line| line.trim().trim_start_matches(['>', ' ', '\t']));
        if heading.setext {
            return text.to_owned();
        }
        text.trim_matches('#').trim().to_owned()
    }

    fn id(&mut self, text: &str) -> String {
        let letters = text.chars().filter_map(|letter| match letter {
            ' ' | '\t' | '-' | '_' => Some('-'),
            letter => letter
                .is_ascii_alphanumeric()
                .then(|| letter.to_ascii_lowercase()),
        });
        let mut base: String = letters.collect();
        if base.is_empty() {
            base.push_str("heading");
        }
        let mut id = base.clone();
        let mut count = 0;
        while !self.ids.insert(id.clone()) {
            count += 1;
            id = format!("{base}-{count}");
        }
        id
    }
}

/// Whether a paragraph stands in a list whose items have no space between them.
fn is_tight(node: Node<'_>) -> bool {
    let list = node
        .parent()
        .and_then(|item| match &item.data.borrow().value {
            NodeValue::Item(_) | NodeValue::TaskItem(_) => item.parent(),
            _ => None,
        });
    list.is_some_and(|list| match &list.data.borrow().value {
        NodeValue::List(list) => list.tight,
        _ => false,
    })
}

fn is_end_of_footnote(node: Node<'_>) -> bool {
    node.next_sibling().is_none()
        && node.parent().is_some_and(|parent| {
            matches!(parent.data.borrow().value, NodeValue::FootnoteDefinition(_))
        })
}

fn is_header_row(node: Node<'_>) -> bool {
    matches!(node.data.borrow().value, NodeValue::TableRow(true))
}

fn is_header(cell: Node<'_>) -> bool {
    cell.parent().is_some_and(is_header_row)
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
}

/// An address for an attribute.
fn address(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b'"' | b'<' | b'>' | b'\\' | b'`' | b'{' | b'}' | b'|' | b'^' | 0..=b' ' | 0x7f.. => {
                let _ = write!(out, "%{byte:02X}");
            }
            byte => out.push(byte.into()),
        }
    }
    out
}
