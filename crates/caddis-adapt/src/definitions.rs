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
    let set = match inline(line, &mut scope) {
        Some(line) => set(&[line], &mut scope),
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
fn inline(line: &Line, scope: &mut Scope<'_>) -> Option<Line> {
    let first = line.arguments().first()?;
    if first.quote() == Quote::Bare {
        return Some(Line {
            words: line.arguments().to_vec(),
            block: line.block.clone(),
        });
    }
    // Caddy does not look at what stands behind an expression.
    let mut args = Args::new(line, "");
    args.optional();
    scope.ignored(&args);
    Some(expression(first))
}

/// Caddy reads a quoted word in the place of a matcher as an expression.
fn expression(quoted: &Token) -> Line {
    Line {
        words: vec![
            Token::new("expression", quoted.span(), Quote::Bare),
            quoted.clone(),
        ],
        block: None,
    }
}

/// The lines within a matcher, or within an option that takes matchers; a quoted word is an expression.
pub(crate) fn nested(lines: &[Line], scope: &mut Scope<'_>) -> Result<MatcherSet> {
    let mut plain = Vec::with_capacity(lines.len());
    for line in lines {
        add_plain(line, &mut plain);
    }
    set(&plain, scope)
}

fn add_plain(line: &Line, plain: &mut Vec<Line>) {
    let quoted = line
        .words
        .iter()
        .take_while(|word| word.quote() != Quote::Bare);
    let expressions: Vec<Line> = quoted.map(expression).collect();
    let rest = &line.words[expressions.len()..];
    if expressions.is_empty() {
        plain.push(line.clone());
        return;
    }
    plain.extend(expressions);
    let block = line.block.clone();
    if rest.is_empty() {
        for line in block.iter().flat_map(|block| &block.lines) {
            add_plain(line, plain);
        }
    } else {
        plain.push(Line {
            words: rest.to_vec(),
            block,
        });
    }
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
    if name.text().starts_with('@') {
        return Err(named_within(name));
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

fn named_within(name: &Token) -> Diagnostic {
    let message = format!("`{}` cannot stand within another matcher", name.text());
    let error = name.error(UNKNOWN, message).label("a named matcher");
    error.help("write what it matches in its place: `not path /a`")
}

fn not_yet(at: &Token, matcher: &str) -> Diagnostic {
    let message = format!("`{matcher}` is a matcher of Caddy that caddis does not have yet");
    at.error(NOT_YET, message).label("not there yet")
}
