//! The words of a config in order, with every `import` replaced by what it brings.

use std::collections::HashMap;

use caddis_source::{Code, Diagnostic, FileId, Import, OriginId, Sources, Span};

use crate::arguments;
use crate::block::unclosed;
use crate::fill::{Filled, SnippetFinder, block_for, named_blocks, report};
use crate::limits::{MAX_FILE, MAX_IMPORT_DEPTH, MAX_IMPORTED, MAX_WORDS};
use crate::load::Load;
use crate::not_found::{check_pattern, load_error};
use crate::token::Token;
use crate::words::{Word, words};
use crate::{Loaded, Memory, env};

const NO_NAME: Code = Code("import/no-name");
const NOTHING: Code = Code("import/nothing-found");
const EMPTY: Code = Code("import/empty-file");
const CYCLE: Code = Code("import/cycle");
const TOO_MUCH: Code = Code("import/too-much");
const TOO_LONG: Code = Code("syntax/file-too-long");
const SNIPPET_TWICE: Code = Code("import/snippet-twice");

/// Where the words that come next stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Outside of all blocks, where files may bring snippets.
    Top,
    /// In a site.
    Inside,
    /// In a named route, where Caddy expands no imports.
    NamedRoute,
}

/// The words of a config; imports are expanded when they are reached.
pub(crate) struct Words<'a> {
    pub(crate) sources: &'a mut Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) level: Level,
    environment: &'a dyn Fn(&str) -> Option<String>,
    load: &'a dyn Load,
    /// What comes next, the last one first.
    pending: Vec<Word>,
    snippets: HashMap<String, Snippet>,
    targets: HashMap<OriginId, Active>,
    brought: usize,
    bytes: usize,
    full: bool,
}

struct Snippet {
    name: Span,
    words: Vec<Word>,
}

/// An import that is being expanded.
struct Active {
    target: Target,
    depth: usize,
    parent: Option<OriginId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// By where it is defined.
    Snippet(Span),
    File(String),
}

/// An `import` line.
struct Request {
    import: Token,
    arguments: Vec<Token>,
    pattern: Token,
    block: Vec<Word>,
}

/// The words of one text as they stand: imports are words like others.
pub fn tokens(
    sources: &mut Sources,
    file: FileId,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (Vec<Token>, Vec<Diagnostic>) {
    let no_files = Memory::default();
    let words = Words::new(sources, file, environment, &no_files);
    let (pending, diagnostics) = (words.pending, words.diagnostics);
    let tokens = pending.into_iter().rev().map(|word| word.token);
    (tokens.collect(), diagnostics)
}

impl<'a> Words<'a> {
    pub(crate) fn new(
        sources: &'a mut Sources,
        file: FileId,
        environment: &'a dyn Fn(&str) -> Option<String>,
        load: &'a dyn Load,
    ) -> Self {
        let mut words = Self {
            sources,
            diagnostics: Vec::new(),
            level: Level::Top,
            environment,
            load,
            pending: Vec::new(),
            snippets: HashMap::new(),
            targets: HashMap::new(),
            brought: 0,
            bytes: 0,
            full: false,
        };
        words.pending = words.read(file);
        words.pending.reverse();
        words
    }

    /// The next word, after expansion.
    pub(crate) fn next(&mut self) -> Option<Word> {
        self.expand();
        self.pending.pop()
    }

    /// The next word, which stays next.
    pub(crate) fn peek(&mut self) -> Option<&Word> {
        self.expand();
        self.pending.last()
    }

    /// Lets the next word begin a line, as after the braces of a site.
    pub(crate) fn begin_line(&mut self) {
        if let Some(word) = self.pending.last_mut() {
            word.first = true;
        }
    }

    /// What is between the brace that was just read and its closing one, as it stands.
    pub(crate) fn raw_block(&mut self, open: Span) -> Vec<Word> {
        let mut block = Vec::new();
        let mut depth = 0_usize;
        while let Some(word) = self.pending.pop() {
            if word.token.is_bare("{") {
                depth += 1;
            } else if word.token.is_bare("}") {
                let Some(outer) = depth.checked_sub(1) else {
                    return block;
                };
                depth = outer;
            }
            block.push(word);
        }
        self.diagnostics.push(unclosed(open));
        block
    }

    /// Keeps a snippet for the imports that follow.
    pub(crate) fn define(&mut self, name: &Token, words: Vec<Word>) {
        let text = name.text();
        let key = text.strip_prefix('(').unwrap_or(text);
        let key = key.strip_suffix(')').unwrap_or(key).to_owned();
        if let Some(before) = self.snippets.get(&key) {
            let message = format!("snippet `({key})` is defined twice");
            self.diagnostics.push(
                name.error(SNIPPET_TWICE, message)
                    .caddys(format!(
                        "redeclaration of previously declared snippet {key}"
                    ))
                    .caddys_at(name.span())
                    .also(before.name, "first defined here")
                    .help("give it another name, or remove one of the two"),
            );
            return;
        }
        let name = name.span();
        self.snippets.insert(key, Snippet { name, words });
    }

    fn read(&mut self, file: FileId) -> Vec<Word> {
        let text = self.sources.shared(file);
        if text.len() > MAX_FILE {
            let message = format!("the file is longer than {} MiB", MAX_FILE >> 20);
            let span = Span::new(file, 0, 0);
            self.diagnostics.push(
                Diagnostic::error(TOO_LONG, span, message)
                    .help("split it into files and import them"),
            );
            return Vec::new();
        }
        let replaced = env::replace(&text, self.environment);
        words(file, &replaced, &mut self.diagnostics)
    }

    /// Expands imports until something else comes next.
    fn expand(&mut self) {
        while self.level != Level::NamedRoute
            && self
                .pending
                .last()
                .is_some_and(|word| word.first && word.token.text() == "import")
        {
            if let Some(request) = self.request() {
                let brought = self.bring(&request);
                self.pending.extend(brought.into_iter().rev());
            }
        }
    }

    /// Takes the import line and its block.
    fn request(&mut self) -> Option<Request> {
        let import = self.pending.pop()?.token;
        let mut arguments = Vec::new();
        while let Some(word) = self
            .pending
            .pop_if(|word| !word.first && !word.token.is_bare("{"))
        {
            arguments.push(word.token);
        }
        let open = self.pending.pop_if(|word| !word.first);
        let block = open.map(|open| self.raw_block(open.token.span()));
        let has_name = arguments
            .first()
            .is_some_and(|name| !name.text().is_empty());
        if !has_name {
            let message = "`import` needs the name of a snippet or a file";
            let caddys = match arguments.first() {
                Some(_) => "Import requires a non-empty filepath",
                None => "wrong argument count or unexpected line ending after 'import'",
            };
            self.diagnostics.push(
                import
                    .error(NO_NAME, message)
                    .caddys(caddys)
                    .caddys_at(import.span())
                    .help("write `import <snippet or file> [<arguments>]`"),
            );
            return None;
        }
        let pattern = arguments.remove(0);
        Some(Request {
            import,
            arguments,
            pattern,
            block: block.unwrap_or_default(),
        })
    }

    /// What an import stands for.
    fn bring(&mut self, request: &Request) -> Vec<Word> {
        let brought = match self.snippets.get(request.pattern.text()) {
            Some(snippet) => {
                let target = Target::Snippet(snippet.name);
                let words = snippet.words.clone();
                self.enter(request, target)
                    .map(|origin| through(words, origin))
                    .unwrap_or_default()
            }
            None => self.files(request),
        };
        let blocks = named_blocks(&request.block).unwrap_or_else(|diagnostic| {
            self.diagnostics.push(diagnostic);
            HashMap::new()
        });
        let filled = self.fill(request, brought, &blocks);
        self.count(request, filled)
    }

    /// Notes the import as under way, unless it is within itself or too deep.
    fn enter(&mut self, request: &Request, target: Target) -> Option<OriginId> {
        let parent = request.import.span().origin;
        let line = request.import.span().to(request.last());
        let mut depth = 0;
        let mut around = parent;
        while let Some(active) = around.and_then(|id| self.targets.get(&id)) {
            depth = depth.max(active.depth + 1);
            if active.target == target {
                let message = format!("`{}` imports itself", request.pattern.text());
                self.diagnostics.push(
                    Diagnostic::error(CYCLE, line, message)
                        .label("this import is reached through itself")
                        .help("remove this import, or one of those that lead to it"),
                );
                return None;
            }
            around = active.parent;
        }
        if depth > MAX_IMPORT_DEPTH {
            let message = format!("imports are nested deeper than {MAX_IMPORT_DEPTH}");
            let help = "import fewer files and snippets from within each other";
            self.diagnostics
                .push(Diagnostic::error(TOO_MUCH, line, message).help(help));
            return None;
        }
        let what = request.pattern.text().to_owned();
        let id = self.sources.import(Import { line, what });
        let active = Active {
            target,
            depth,
            parent,
        };
        self.targets.insert(id, active);
        Some(id)
    }

    fn files(&mut self, request: &Request) -> Vec<Word> {
        if let Err(diagnostic) = check_pattern(&request.pattern) {
            self.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let pattern = request.pattern.text();
        let from = self.sources.name(request.pattern.span().file).to_owned();
        match self.load.load(pattern, &from) {
            Ok(files) if files.is_empty() => {
                let message = format!("no file matches `{pattern}`");
                self.diagnostics
                    .push(request.pattern.warning(NOTHING, message));
                Vec::new()
            }
            Ok(files) => {
                let words = files.into_iter().map(|file| self.file(request, file));
                words.collect::<Vec<_>>().concat()
            }
            Err(error) => {
                let snippets = self.snippets.keys().map(String::as_str);
                let diagnostic = load_error(&request.pattern, &error, snippets);
                self.diagnostics.push(diagnostic);
                Vec::new()
            }
        }
    }

    fn file(&mut self, request: &Request, file: Loaded) -> Vec<Word> {
        let Some(origin) = self.enter(request, Target::File(file.name.clone())) else {
            return Vec::new();
        };
        if file.text.trim().is_empty() {
            let message = format!("`{}` is empty", file.name);
            self.diagnostics
                .push(request.pattern.warning(EMPTY, message));
            return Vec::new();
        }
        let id = self.sources.add(file.name, file.text);
        through(self.read(id), origin)
    }

    /// Fills arguments and blocks into what was brought.
    fn fill(
        &mut self,
        request: &Request,
        brought: Vec<Word>,
        blocks: &HashMap<String, Vec<Word>>,
    ) -> Vec<Word> {
        let mut snippets = SnippetFinder::new(self.level);
        let mut filled = Filled::default();
        for mut word in brought {
            if snippets.see(&word) {
                filled.push(word);
            } else if let Some(words) = block_for(&word.token, &request.block, blocks) {
                filled.block(&word, words);
            } else if let Some(values) = arguments::range(word.token.text(), &request.arguments) {
                filled.arguments(&word, values);
            } else {
                for finding in arguments::fill(&mut word.token, &request.arguments) {
                    let diagnostic = report(&word.token, &finding);
                    self.diagnostics.push(diagnostic);
                }
                filled.push(word);
            }
        }
        filled.words
    }

    /// Stops when imports bring more than a config can need.
    fn count(&mut self, request: &Request, words: Vec<Word>) -> Vec<Word> {
        self.brought += words.len();
        self.bytes += words
            .iter()
            .map(|word| word.token.text().len())
            .sum::<usize>();
        if self.brought <= MAX_WORDS && self.bytes <= MAX_IMPORTED {
            return words;
        }
        if !self.full {
            self.full = true;
            let line = request.import.span().to(request.last());
            let message = format!(
                "the imports up to here bring more than {MAX_WORDS} words or {} MiB",
                MAX_IMPORTED >> 20
            );
            let help = "snippets that import each other several times multiply: import them once";
            self.diagnostics
                .push(Diagnostic::error(TOO_MUCH, line, message).help(help));
        }
        Vec::new()
    }
}

impl Request {
    fn last(&self) -> Span {
        self.arguments.last().unwrap_or(&self.pattern).span()
    }
}

fn through(mut words: Vec<Word>, origin: OriginId) -> Vec<Word> {
    for word in &mut words {
        let span = word.token.span().through(origin);
        word.token.set_span(span);
    }
    words
}
