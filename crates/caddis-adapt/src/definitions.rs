//! Named matchers: `@name path /a`, `@name { … }`.

use std::collections::HashMap;

use caddis_ir::MatcherSet;
use caddis_source::{Code, Diagnostic, Span, suggest};
use caddis_syntax::{Line, Quote};

use crate::origins::Trail;
use crate::scope::State;
use crate::{Args, Matcher, Options, Result, Scope, Token, matchers, surface};

pub(crate) const UNDEFINED: Code = Code("matcher/undefined");
pub(crate) const DUPLICATE: Code = Code("matcher/duplicate");
pub(crate) const UNKNOWN: Code = Code("matcher/unknown");
pub(crate) const NOT_YET: Code = Code("matcher/not-yet");

/// The named matchers that can be used in a block, those of the blocks around it included.
#[derive(Debug, Default)]
pub(crate) struct Definitions<'a> {
    outer: Option<&'a Definitions<'a>>,
    own: HashMap<String, Definition>,
}

/// A named matcher.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) set: MatcherSet,
    pub(crate) trail: Trail,
    name: Span,
}

impl<'a> Definitions<'a> {
    /// Reads the definitions among the lines of a block.
    pub(crate) fn read(
        lines: &[Line],
        outer: Option<&'a Definitions<'a>>,
        options: &Options,
        state: &mut State,
    ) -> Self {
        let mut definitions = Self {
            outer,
            own: HashMap::new(),
        };
        for line in lines.iter().filter(|line| is_definition(line)) {
            let name = line.name();
            if let Some(first) = definitions.get(name.text()) {
                let error = duplicate(name, first.name);
                state.diagnostics.push(error);
                continue;
            }
            let mut scope = Scope::new(options, &definitions, state);
            let definition = define(line, &mut scope);
            definitions.own.insert(name.text().into(), definition);
        }
        definitions
    }

    /// The matcher that an argument names.
    pub(crate) fn find(&self, name: &Token) -> Result<&Definition> {
        self.get(name.text()).ok_or_else(|| self.undefined(name))
    }

    fn get(&self, name: &str) -> Option<&Definition> {
        let outer = || self.outer.and_then(|outer| outer.get(name));
        self.own.get(name).or_else(outer)
    }

    fn undefined(&self, name: &Token) -> Diagnostic {
        let message = format!("`{}` is not defined", name.text());
        let error = name.error(UNDEFINED, message).label("no such matcher here");
        let known = self.names();
        match suggest(name.text(), known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!(
                "define it in the same site: `{} path /…`",
                name.text()
            )),
        }
    }

    fn names(&self) -> Vec<&str> {
        let outer = self.outer.map(Definitions::names).unwrap_or_default();
        self.own.keys().map(String::as_str).chain(outer).collect()
    }
}

/// True for a line that defines a matcher.
pub(crate) fn is_definition(line: &Line) -> bool {
    line.name().text().starts_with('@')
}

fn duplicate(name: &Token, first: Span) -> Diagnostic {
    name.error(DUPLICATE, format!("`{}` is defined twice", name.text()))
        .label("defined again")
        .also(first, "defined here")
        .help("give one of them another name")
}

fn define(line: &Line, scope: &mut Scope<'_>) -> Definition {
    let name = line.name();
    let mut scope = scope.within(name.text().get(1..));
    let in_block = line.block.as_ref().map_or(&[][..], |block| &block.lines);
    let set = match inline(line) {
        Some(Ok(line)) => set(&[line], &mut scope),
        Some(Err(error)) => Err(error),
        None => set(in_block, &mut scope),
    };
    let set = set.unwrap_or_else(|error| {
        scope.report(error);
        MatcherSet::default()
    });
    Definition {
        set,
        trail: scope.take_handler_trail(line.span(), None),
        name: name.span(),
    }
}

/// The matcher that stands on the same line as its name: `@name path /a`.
fn inline(line: &Line) -> Option<Result<Line>> {
    let first = line.arguments().first()?;
    // Caddy reads a quoted word in this place as an expression.
    if first.quote() != Quote::Bare {
        return Some(Err(not_yet(first, "expression")));
    }
    Some(Ok(Line {
        words: line.arguments().to_vec(),
        block: line.block.clone(),
    }))
}

/// Lines of matchers as one set; of several errors the first is given back and the others are reported.
pub(crate) fn set(lines: &[Line], scope: &mut Scope<'_>) -> Result<MatcherSet> {
    let mut set = MatcherSet::default();
    let mut first_error = None;
    for line in lines {
        let Err(error) = add(line, &mut set, scope) else {
            continue;
        };
        if first_error.is_some() {
            scope.report(error);
        } else {
            first_error = Some(error);
        }
    }
    first_error.map_or(Ok(set), Err)
}

fn add(line: &Line, set: &mut MatcherSet, scope: &mut Scope<'_>) -> Result<()> {
    let matcher = find(line.name())?;
    let mut args = Args::new(line, matcher.syntax);
    (matcher.lower)(&mut args, set, scope)
}

fn find(name: &Token) -> Result<&'static Matcher> {
    let table = matchers::MATCHERS;
    if let Some(matcher) = table.iter().find(|matcher| matcher.name == name.text()) {
        return Ok(matcher);
    }
    if surface::MATCHERS.contains(&name.text()) {
        return Err(not_yet(name, name.text()));
    }
    let error = name
        .error(UNKNOWN, format!("there is no matcher `{}`", name.text()))
        .label("not a matcher");
    Err(
        match suggest(name.text(), surface::MATCHERS.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("the matchers are {}", surface::MATCHERS.join(", "))),
        },
    )
}

fn not_yet(at: &Token, matcher: &str) -> Diagnostic {
    let message = format!("`{matcher}` is a matcher of Caddy that caddis does not have yet");
    at.error(NOT_YET, message).label("not there yet")
}
