//! What a directive may know of the world around it: named matchers, global options, nested routes, warnings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use caddis_ir::{MatcherSet, Path, Subroute};
use caddis_source::{Diagnostic, FileId, Sources, Span};
use caddis_syntax::{Block, Line};

use crate::definitions::{self, Definitions};
use crate::hidden::ConfigFile;
use crate::origins::{At, RouteTrail, Trail};
use crate::routes::{self, Sorting};
use crate::{Args, Options, Result, Token};

/// What is counted and collected over the whole config.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) diagnostics: Vec<Diagnostic>,
    groups: usize,
    logs: usize,
    certificate_tags: HashMap<String, String>,
    files: BTreeMap<FileId, ConfigFile>,
    block_files: BTreeSet<FileId>,
    /// The named routes that were invoked since they were taken.
    pub(crate) invoked: Vec<Token>,
}

impl State {
    /// Nothing yet, for a config of these texts.
    pub(crate) fn new(sources: &Sources) -> Self {
        let folder = sources.folder();
        let files = sources.files().enumerate().map(|(at, id)| {
            let name = sources.name(id);
            let file = match at {
                0 => ConfigFile::first(name, folder),
                _ => ConfigFile::imported(name, folder),
            };
            (id, file)
        });
        Self {
            files: files.collect(),
            ..Self::default()
        }
    }

    /// Notes from which files a site, or a named route, is put together.
    pub(crate) fn enter(&mut self, block: &Block) {
        self.block_files.clear();
        if self.files.len() < 2 {
            self.block_files.extend(self.files.keys());
            return;
        }
        let mut lines: Vec<&Line> = block.lines.iter().collect();
        while let Some(line) = lines.pop() {
            let words = line.words.iter().map(|word| word.span().file);
            self.block_files.extend(words);
            lines.extend(line.block.iter().flat_map(|block| &block.lines));
        }
    }

    /// Counts groups of routes from zero again.
    pub(crate) fn restart_groups(&mut self) {
        self.groups = 0;
    }

    /// The name of the next group of routes: `group0`, `group1`, ….
    pub(crate) fn next_group(&mut self) -> String {
        let name = format!("group{}", self.groups);
        self.groups += 1;
        name
    }

    /// The name of the next access log: `log0`, `log1`, ….
    pub(crate) fn next_log(&mut self) -> String {
        let name = format!("log{}", self.logs);
        self.logs += 1;
        name
    }
}

/// What a directive may know of the world around it. Nothing else, so that one line of text can test it.
pub(crate) struct Scope<'a> {
    /// The global options.
    pub(crate) options: &'a Options,
    /// The name of the matcher that is being defined: `@name`, without the `@`.
    pub(crate) matcher_name: Option<&'a str>,
    state: &'a mut State,
    definitions: &'a Definitions<'a>,
    notes: Trail,
    matcher_trail: Option<Trail>,
    nested: Vec<Vec<RouteTrail>>,
}

/// The tag of a certificate file, by which connection policies choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CertificateTag {
    /// The file is seen for the first time, and has to be loaded.
    New(String),
    /// Another `tls` loads it already.
    Known(String),
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        options: &'a Options,
        definitions: &'a Definitions<'a>,
        state: &'a mut State,
    ) -> Self {
        Self {
            options,
            matcher_name: None,
            state,
            definitions,
            notes: Trail::default(),
            matcher_trail: None,
            nested: Vec::new(),
        }
    }

    /// Reports a finding and goes on.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.state.diagnostics.push(diagnostic);
    }

    /// The name of the next group of routes.
    pub(crate) fn next_group(&mut self) -> String {
        self.state.next_group()
    }

    /// The files from which the site around this line is put together, by name.
    pub(crate) fn config_files(&self) -> BTreeSet<&ConfigFile> {
        let files = self.state.block_files.iter();
        files.filter_map(|id| self.state.files.get(id)).collect()
    }

    /// Warns of a line in a block that Caddy does not look at.
    pub(crate) fn skipped(&mut self, args: &Args<'_>, line: &Line, known: &[&str]) {
        self.report(routes::warn_of_skipped(args, line, known));
    }

    /// Warns of arguments of a line that were not looked at.
    pub(crate) fn ignored(&mut self, args: &Args<'_>) {
        if let Some(warning) = routes::warn_of_ignored(args) {
            self.report(warning);
        }
    }

    /// Notes where a part of the handler or matcher that is being made stands in the text.
    ///
    /// The path starts at the handler: `upstreams/0`. What is not noted is found at the directive's own line.
    pub(crate) fn origin(&mut self, path: &Path, span: Span) {
        self.notes.note(path, span);
    }

    /// The places of the nested routes that were made last, for [`Scope::origin_of`].
    pub(crate) fn take_routes_trail(&mut self) -> Option<Trail> {
        let trails = self.nested.pop()?;
        Some(Trail::list(trails.into_iter().map(Trail::from)))
    }

    /// Notes where a part of the handler stands, with the places of what is in it.
    pub(crate) fn origin_of(&mut self, path: &Path, trail: Trail) {
        self.notes.put(path, trail);
    }

    /// What was noted so far is about a handler at this path of the one that is being made.
    pub(crate) fn notes_are_below(&mut self, path: &Path) {
        let notes = std::mem::take(&mut self.notes);
        self.notes.put(path, notes);
    }

    /// Notes that a named route is invoked, for the servers that need it.
    pub(crate) fn invoke(&mut self, name: &Token) {
        self.state.invoked.push(name.clone());
    }

    /// The matcher that the next argument is (`*`, `/path`, `@name`), taken from the arguments; `None` for no matcher.
    pub(crate) fn matcher(&mut self, args: &mut Args<'_>) -> Result<Option<MatcherSet>> {
        let Some(token) = args.peek() else {
            return Ok(None);
        };
        let text = token.text();
        if text == "*" {
            args.optional();
            return Ok(None);
        }
        if text.starts_with('/') {
            args.optional();
            self.matcher_trail = Some(Trail::at(token.span()));
            return Ok(Some(MatcherSet {
                path: Some(vec![text.into()]),
                ..MatcherSet::default()
            }));
        }
        if !text.starts_with('@') {
            return Ok(None);
        }
        args.optional();
        let defined = self.definitions.find(token)?;
        self.matcher_trail = Some(defined.trail.clone());
        Ok(Some(defined.set.clone()))
    }

    /// Lines of matchers as one set: the block of `@name { … }` and of `not { … }`.
    pub(crate) fn matcher_set(&mut self, lines: &[Line]) -> Result<MatcherSet> {
        definitions::nested(lines, self)
    }

    /// Lines as nested routes, sorted by the order of directives, grouped and merged (`handle`).
    pub(crate) fn sorted_routes(&mut self, lines: &[Line]) -> Subroute {
        self.routes(lines, Sorting::ByDirective)
    }

    /// Lines as nested routes in the order in which they stand (`route`).
    pub(crate) fn routes_as_written(&mut self, lines: &[Line]) -> Subroute {
        self.routes(lines, Sorting::AsWritten)
    }

    /// The tag by which connection policies choose the certificate in this file.
    pub(crate) fn certificate_tag(&mut self, certificate: &str) -> CertificateTag {
        let tags = &mut self.state.certificate_tags;
        if let Some(tag) = tags.get(certificate) {
            return CertificateTag::Known(tag.clone());
        }
        let tag = format!("cert{}", tags.len());
        tags.insert(certificate.into(), tag.clone());
        CertificateTag::New(tag)
    }

    fn routes(&mut self, lines: &[Line], sorting: Sorting) -> Subroute {
        let definitions =
            Definitions::read(lines, Some(self.definitions), self.options, self.state);
        let pieces = routes::nested(lines, sorting, &definitions, self.options, self.state);
        let built = routes::build(pieces, sorting, &self.options.order, self.state);
        let (routes, trails) = built.into_iter().unzip();
        self.nested.push(trails);
        Subroute {
            routes,
            errors: None,
        }
    }

    /// The place of the matcher that was read last.
    pub(crate) fn take_matcher_trail(&mut self) -> Option<Trail> {
        self.matcher_trail.take()
    }

    /// What was noted about the handler that has just been made from the lines at `span`.
    pub(crate) fn take_handler_trail(&mut self, span: Span, routes: Option<usize>) -> Trail {
        let mut trail = std::mem::take(&mut self.notes);
        trail.span.get_or_insert(span);
        let mut nested = std::mem::take(&mut self.nested);
        if let (Some(total), [trails]) = (routes, nested.as_mut_slice()) {
            // `handle_path` puts a route before the ones that it was given.
            let before = total.saturating_sub(trails.len());
            let own = (0..before).map(|_| Trail::at(span));
            let theirs = std::mem::take(trails).into_iter().map(Trail::from);
            trail = trail.with(At::Key("routes"), Trail::list(own.chain(theirs)));
        }
        trail
    }

    /// A scope for what a matcher's definition says; findings go to the same place.
    pub(crate) fn within<'b>(&'b mut self, matcher_name: Option<&'b str>) -> Scope<'b> {
        Scope {
            options: self.options,
            matcher_name,
            state: self.state,
            definitions: self.definitions,
            notes: Trail::default(),
            matcher_trail: None,
            nested: Vec::new(),
        }
    }
}
