//! Words folded to a tree: global options, snippets, named routes, sites, lines and blocks.

use caddis_source::{Code, Diagnostic, FileId, Sources, Span};

use crate::block::{Braces, block, surplus_brace};
use crate::expand::{Level, Words};
use crate::load::Load;
use crate::token::Token;
use crate::tree::{Block, Site, Tree};

const BRACE_WITHOUT_SPACE: Code = Code("syntax/brace-without-space");
const GLOBAL_MATCHER: Code = Code("site/matcher-outside");
const COMMA: Code = Code("site/comma");
const MISSING_ADDRESS: Code = Code("site/missing-address");
const OPTIONS_NOT_FIRST: Code = Code("site/options-not-first");
const NO_BLOCK: Code = Code("syntax/block-missing");

/// The tree of a config and everything that is wrong with it; imports are read through `load`.
pub fn parse(
    sources: &mut Sources,
    file: FileId,
    environment: &dyn Fn(&str) -> Option<String>,
    load: &dyn Load,
) -> (Tree, Vec<Diagnostic>) {
    let mut parser = Parser {
        words: Words::new(sources, file, environment, load),
        tree: Tree::default(),
        blocks: 0,
        last: Span::new(file, 0, 0),
    };
    while parser.words.peek().is_some() {
        parser.item();
    }
    (parser.tree, parser.words.diagnostics)
}

struct Parser<'a> {
    words: Words<'a>,
    tree: Tree,
    /// How many blocks of the top level have something in them.
    blocks: usize,
    /// The word that was read last.
    last: Span,
}

/// What comes after the addresses of a site.
enum Opening {
    Brace(Span),
    /// The lines of the one site without braces.
    Lines(Span),
    /// Nothing: the file ends.
    End(Span),
}

impl Parser<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.words.diagnostics.push(diagnostic);
    }

    /// A site, snippet, named route or the global options.
    fn item(&mut self) {
        self.words.begin_line();
        let (addresses, opening) = self.addresses();
        if let [name] = addresses.as_slice()
            && is_snippet(name.text())
        {
            self.snippet(name, &opening);
        } else if let ([name], Opening::Lines(_) | Opening::End(_)) =
            (addresses.as_slice(), &opening)
            && named_route(name.text()).is_some()
        {
            let message = format!("named route `{}` has no block", name.text());
            let error = name.error(NO_BLOCK, message);
            self.report(error.help(format!("write `{} {{`", name.text())));
        } else if let (false, _) | (true, Opening::Brace(_)) = (addresses.is_empty(), &opening) {
            let block = self.contents(&addresses, &opening);
            self.add(addresses, block);
        }
    }

    fn add(&mut self, mut addresses: Vec<Token>, block: Block) {
        if addresses.is_empty() && block.lines.is_empty() && self.tree.options.is_some() {
            return;
        }
        self.blocks += usize::from(!addresses.is_empty() || !block.lines.is_empty());
        if addresses.is_empty() {
            if self.blocks > 1 {
                self.report(
                    Diagnostic::error(
                        OPTIONS_NOT_FIRST,
                        block.open,
                        "a block without an address holds the global options, and these come first",
                    )
                    .caddys("server block without any key is global configuration, and if used, it must be first")
                    .help(self.help_without_address(block.open)),
                );
            } else {
                self.tree.options = Some(block);
            }
            return;
        }
        if let [name] = addresses.as_mut_slice()
            && let Some(route) = named_route(name.text())
        {
            let route = route.to_owned();
            name.set_text(route);
            self.tree.named_routes.push(Site { addresses, block });
            return;
        }
        self.tree.sites.push(Site { addresses, block });
    }

    fn help_without_address(&self, open: Span) -> &'static str {
        let text = self.words.sources.text(open.file);
        let before = text.get(..open.range().start).unwrap_or("");
        if before
            .lines()
            .last()
            .is_some_and(|line| line.contains("{$"))
        {
            "the variable before `{` is empty: set it, or write a value for when it is not set: `{$NAME:localhost}`"
        } else {
            "write an address before `{`, or move the block to the top of the file"
        }
    }

    fn snippet(&mut self, name: &Token, opening: &Opening) {
        match opening {
            Opening::Brace(open) => {
                let words = self.words.raw_block(*open);
                self.words.define(name, words);
            }
            Opening::Lines(_) | Opening::End(_) => {
                let message = format!("snippet `{}` has no block", name.text());
                let error = name
                    .error(NO_BLOCK, message)
                    .help(format!("write `{} {{`", name.text()));
                // Caddy guesses that global options were meant to follow an import.
                self.report(match name.span().origin {
                    Some(_) => error.caddys("global options block must appear before import directives; move the global options block to the top of the Caddyfile"),
                    None => error,
                });
            }
        }
    }

    /// The addresses before a block.
    fn addresses(&mut self) -> (Vec<Token>, Opening) {
        self.words.level = Level::Top;
        let mut addresses = Vec::new();
        let mut comma: Option<Span> = None;
        loop {
            let Some(word) = self.words.peek() else {
                return (addresses, self.end(comma));
            };
            let token = word.token.clone();
            let new_line = word.first && !addresses.is_empty() && comma.is_none();
            if new_line && !token.is_bare("{") {
                return (addresses, Opening::Lines(token.span().head()));
            }
            self.words.next();
            self.last = token.span();
            if token.is_bare("{") {
                if let Some(comma) = comma {
                    self.missing_address(comma);
                }
                return (addresses, Opening::Brace(token.span()));
            } else if token.is_bare("}") {
                self.report(surplus_brace(&token));
            } else if token.text().starts_with('@') {
                self.global_matcher(&token);
            } else if let Some(open) = self.glued_brace(&token, &mut addresses) {
                return (addresses, Opening::Brace(open));
            } else {
                comma = self.address(token, &mut addresses, comma);
            }
        }
    }

    fn end(&mut self, comma: Option<Span>) -> Opening {
        if let Some(comma) = comma {
            self.missing_address(comma);
        }
        Opening::End(self.last)
    }

    /// Takes one address; the comma after it, if another must follow.
    fn address(
        &mut self,
        mut token: Token,
        addresses: &mut Vec<Token>,
        before: Option<Span>,
    ) -> Option<Span> {
        if token.text().is_empty() {
            return before;
        }
        let text = token.text();
        let (name, comma) = match text.strip_suffix(',') {
            Some(name) => (name.to_owned(), Some(token.span())),
            None => (text.to_owned(), None),
        };
        if name.contains(',') {
            let message = format!("`{name}` is not one address");
            self.report(token.error(COMMA, message).help(format!(
                "write a space after each comma: `{}`",
                spaced(&name)
            )));
        } else if !name.is_empty() {
            token.set_text(name);
            addresses.push(token);
        }
        comma
    }

    fn missing_address(&mut self, comma: Span) {
        self.report(
            Diagnostic::error(
                MISSING_ADDRESS,
                comma,
                "an address is missing after this comma",
            )
            .help("remove the comma, or write another address"),
        );
    }

    fn global_matcher(&mut self, token: &Token) {
        let message = format!("matcher `{}` stands outside of all sites", token.text());
        self.report(
            token
                .error(GLOBAL_MATCHER, message)
                .caddys(format!(
                    "request matchers may not be defined globally, they must be in a site block; found {}",
                    token.text()
                ))
                .caddys_at(token.span())
                .help("move it into the block of the site that uses it"),
        );
        self.skip_line();
    }

    /// Drops the rest of a line and the block that it opens.
    fn skip_line(&mut self) {
        while let Some(word) = self.words.peek() {
            if word.first {
                return;
            }
            let open = word.token.is_bare("{").then(|| word.token.span());
            self.words.next();
            if let Some(open) = open {
                self.words.raw_block(open);
                return;
            }
        }
    }

    /// Reports `example.com{` and reads it as it was meant.
    fn glued_brace(&mut self, token: &Token, addresses: &mut Vec<Token>) -> Option<Span> {
        let name = token.text().strip_suffix('{')?.to_owned();
        let message = format!("`{}` has no space before the brace", token.text());
        self.report(
            token
                .error(BRACE_WITHOUT_SPACE, message)
                .help(format!("write `{name} {{`")),
        );
        let mut address = token.clone();
        address.set_text(name);
        addresses.push(address);
        Some(token.span())
    }

    /// What is in the braces, or in the rest of the file.
    fn contents(&mut self, addresses: &[Token], opening: &Opening) -> Block {
        self.words.level = match addresses {
            [name] if named_route(name.text()).is_some() => Level::NamedRoute,
            _ => Level::Inside,
        };
        let block = match opening {
            Opening::Brace(open) => {
                self.words.begin_line();
                block(&mut self.words, *open, Braces::Present)
            }
            Opening::Lines(here) => {
                // Only a site without braces has something after its addresses and yet no brace.
                debug_assert!(!addresses.is_empty());
                block(&mut self.words, *here, Braces::Absent)
            }
            Opening::End(end) => Block {
                open: *end,
                lines: Vec::new(),
                close: *end,
            },
        };
        // Set before the next word is looked at: that may expand an import.
        self.words.level = Level::Top;
        block
    }
}

fn is_snippet(name: &str) -> bool {
    name.starts_with('(') && name.ends_with(')')
}

fn named_route(name: &str) -> Option<&str> {
    name.strip_prefix("&(")?.strip_suffix(')')
}

/// The addresses as they were probably meant.
fn spaced(names: &str) -> String {
    names.split(',').collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::testing::{show, show_with};

    #[test]
    fn a_whole_config_becomes_a_tree() {
        let text = "{\n\temail a@b\n}\n(s) {\n\theader X {args[0]}\n\t{block}\n}\n&(r) {\n\trespond hi\n}\na.test, b.test:{$PORT} {\n\timport s 1 {\n\t\tabort\n\t}\n\thandle /x {\n\t\trespond \"a b\"\n\t}\n}\n";
        insta::assert_snapshot!(show(text), @r##"
        options
          email a@b
        route r
          respond hi
        site a.test b.test:8080
          header X 1
          abort
          handle /x
            respond "a b"
        "##);
    }

    #[test]
    fn one_site_needs_no_braces() {
        insta::assert_snapshot!(show("a.test,\nb.test\n\nroute {\n\tabort\n}\nrespond hi\n"), @r##"
        site a.test b.test
          route
            abort
          respond hi
        "##);
    }

    #[test]
    fn files_are_imported_with_arguments() {
        let files = [
            ("conf/a.conf", "import b.conf {args[:]}"),
            ("conf/b.conf", "respond {args[1]} {args.0}"),
        ];
        insta::assert_snapshot!(show_with("a.test {\n\timport conf/*.conf 200 hi\n}", &files), @r##"
        site a.test
          respond hi 200
          respond hi 200
        conf/b.conf:1:19: warning: `{args.0}` is the old way to write an argument (imported at Caddyfile:2:2) [import/old-argument]
        conf/b.conf:1:19: warning: `{args.0}` is the old way to write an argument (imported at conf/a.conf:1:1) (imported at Caddyfile:2:2) [import/old-argument]
        "##);
    }
}
