//! A config as the rules see it: its texts, its tree, and what it becomes.

use caddis_adapt::Origins;
use caddis_ir::Config;
use caddis_source::{Code, Diagnostic, FileId, Sources, Span};
use caddis_syntax::{Load, Site, Tree};

use crate::environment::{Environment, Reading};

/// What is said when a certificate cannot be read: the lint opens none.
const CERTIFICATE_FILE: Code = Code("tls/unreadable-file");

/// A config, its texts and what was found when it was read.
pub struct Context {
    /// The texts.
    pub sources: Sources,
    /// The text that was asked for; the others are imported.
    pub main: FileId,
    /// Lines and blocks as they were written, with imports expanded.
    pub tree: Tree,
    /// What it becomes; what could not be read is left out.
    pub config: Config,
    /// Where parts of it stand.
    pub origins: Origins,
    /// What the language itself says.
    pub diagnostics: Vec<Diagnostic>,
    /// The variables that it was read with.
    pub environment: Environment,
}

impl Context {
    /// Reads a config; only the files that it imports are opened.
    pub fn read(name: &str, text: &str, environment: &Environment, load: &dyn Load) -> Self {
        let reading = Reading::new(environment, load, text);
        let mut sources = Sources::new();
        let main = sources.add(name, text);
        let (tree, mut diagnostics) =
            caddis_syntax::parse(&mut sources, main, &|name| reading.value(name), &reading);
        let adapted = caddis_adapt::adapt(tree.clone(), &sources);
        diagnostics.extend(adapted.diagnostics);
        let mut context = Self {
            sources,
            main,
            tree,
            config: adapted.config,
            origins: adapted.origins,
            diagnostics: Vec::new(),
            environment: environment.clone(),
        };
        diagnostics.retain(|found| context.is_certain(found));
        context.diagnostics = diagnostics;
        context
    }

    /// False for what is said because of a value that the lint does not know.
    fn is_certain(&self, found: &Diagnostic) -> bool {
        let Some(span) = found.span() else {
            return true;
        };
        let said_of = self.sources.slice(span);
        let mut variables = crate::environment::variables(said_of);
        let unknown = variables
            .any(|variable| variable.default.is_none() && !self.environment.knows(variable.name));
        !unknown && found.code() != CERTIFICATE_FILE
    }

    /// True if the config cannot be read: what was written is not what a rule would see.
    pub fn is_unreadable(&self) -> bool {
        self.diagnostics.iter().any(|found| {
            let area = found.code().0.split('/').next().unwrap_or("");
            found.is_error() && matches!(area, "syntax" | "import")
        })
    }

    /// The place in the text that was asked for: the import line for what was imported.
    pub(crate) fn outermost(&self, span: Span) -> Span {
        let chain = self.sources.chain(span);
        chain.last().map_or(span, |import| import.line)
    }

    /// The site whose block or addresses a place is in, or the import that brought it there.
    pub(crate) fn site_of(&self, span: Span) -> Option<usize> {
        let chain = self.sources.chain(span).into_iter();
        let mut places = [span].into_iter().chain(chain.map(|import| import.line));
        places.find_map(|place| {
            let mut sites = self.tree.sites.iter();
            sites.position(|site| extent(site).is_some_and(|extent| contains(extent, place)))
        })
    }

    /// The addresses of a site, for people.
    pub(crate) fn addresses(&self, site: usize) -> String {
        let Some(site) = self.tree.sites.get(site) else {
            return String::new();
        };
        let addresses = site
            .addresses
            .iter()
            .map(|word| self.sources.slice(word.span()));
        let addresses: Vec<_> = addresses.map(|text| text.trim_end_matches(',')).collect();
        addresses.join(", ")
    }
}

/// From the first address of a site to the end of its block.
pub(crate) fn extent(site: &Site) -> Option<Span> {
    let first = site.addresses.first()?.span();
    let last = site.block.lines.last().map(|line| {
        let close = line.block.as_ref().map(|block| block.close);
        close.unwrap_or(line.span())
    });
    let last = last.filter(|last| last.file == first.file);
    let close = site.block.close;
    let end = last.map_or(close.end, |last| last.end.max(close.end));
    let end = if close.file == first.file {
        end
    } else {
        first.end
    };
    Some(Span { end, ..first })
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.start <= outer.end
}
