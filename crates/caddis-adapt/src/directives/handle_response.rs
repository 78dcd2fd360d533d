//! `handle_response` and `replace_status` within `reverse_proxy` and `intercept`: what is done with which answer.

use caddis_ir::{Path, RequireResponse, ResponseHandler, StatusCode};
use caddis_source::{Code, Diagnostic, Span, suggest};
use caddis_syntax::Line;

use super::response_matcher;
use crate::args::{SURPLUS, TWICE};
use crate::origins::Trail;
use crate::{Args, Result, Scope, Token};

/// The options that are read here; a line that starts with `@` defines a matcher for them.
pub(super) const OPTIONS: [&str; 2] = ["handle_response", "replace_status"];

const HANDLE_RESPONSE: &str = "handle_response [@<matcher>] { <directive>... }";
const REPLACE_STATUS: &str = "replace_status [@<matcher>] <status>";

const UNDEFINED: Code = Code("handle_response/undefined-matcher");
const NOT_A_NAME: Code = Code("handle_response/not-a-matcher");
const ROUTES: Code = Code("replace_status/routes");
const NO_STATUS: Code = Code("replace_status/not-a-status");

/// What is done with which answer, as far as it has been read.
#[derive(Default)]
pub(super) struct Answers<'a> {
    matchers: Vec<(&'a Token, RequireResponse)>,
    handlers: Vec<Answer>,
    /// The lines with routes: Caddy reads them last, so that matchers may be defined below them.
    routes: Vec<&'a Line>,
}

struct Answer {
    handler: ResponseHandler,
    span: Span,
    routes: Option<Trail>,
}

/// True for a line that [`Answers::option`] reads.
pub(super) fn is_option(name: &Token) -> bool {
    OPTIONS.contains(&name.text()) || name.text().starts_with('@')
}

impl<'a> Answers<'a> {
    /// Reads a line for which [`is_option`] holds.
    pub(super) fn option(&mut self, line: &'a Line, scope: &mut Scope<'_>) -> Result<()> {
        match line.name().text() {
            "handle_response" => {
                self.routes.push(line);
                Ok(())
            }
            "replace_status" => self.replace_status(line, scope),
            _ => self.define(line),
        }
    }

    /// An answer that goes before those of the lines.
    pub(super) fn first(&mut self, handler: ResponseHandler, span: Span) {
        let answer = Answer {
            handler,
            span,
            routes: None,
        };
        self.handlers.insert(0, answer);
    }

    /// Reads the routes, and puts what is for every answer last.
    pub(super) fn finish(mut self, scope: &mut Scope<'_>) -> Result<Vec<ResponseHandler>> {
        for line in std::mem::take(&mut self.routes) {
            let answer = self.handle_response(line, scope)?;
            self.handlers.push(answer);
        }
        self.handlers
            .sort_by_key(|answer| answer.handler.require.is_none());
        let handlers = self.handlers.into_iter().enumerate().map(|(at, answer)| {
            let place = Path::root().key("handle_response").index(at);
            scope.origin(&place, answer.span);
            if let Some(routes) = answer.routes {
                scope.origin_of(&place.key("routes"), routes);
            }
            answer.handler
        });
        Ok(handlers.collect())
    }

    fn define(&mut self, line: &'a Line) -> Result<()> {
        let name = line.name();
        let known = self.matchers.iter();
        let mut known = known.filter(|(known, _)| known.text() == name.text());
        if let Some((first, _)) = known.next() {
            let message = format!("`{}` is defined twice", name.text());
            return Err(name
                .error(TWICE, message)
                .label("defined again")
                .also(first.span(), "defined here")
                .help("give one of them another name"));
        }
        let require = response_matcher::read(&mut Args::new(line, ""))?;
        self.matchers.push((name, require));
        Ok(())
    }

    fn handle_response(&self, line: &Line, scope: &mut Scope<'_>) -> Result<Answer> {
        let mut args = Args::new(line, HANDLE_RESPONSE);
        let require = match (args.optional(), args.peek()) {
            (None, _) => None,
            (Some(name), None) => Some(self.find(name)?),
            (Some(_), Some(second)) => return Err(too_many(&args, second)),
        };
        let routes = scope.sorted_routes(args.options()).routes;
        Ok(Answer {
            handler: ResponseHandler {
                require,
                status_code: None,
                routes,
            },
            span: line.span(),
            routes: scope.take_routes_trail(),
        })
    }

    fn replace_status(&mut self, line: &Line, scope: &mut Scope<'_>) -> Result<()> {
        let mut args = Args::new(line, REPLACE_STATUS);
        let first = args.required("a status")?;
        let (require, status) = match args.optional() {
            None => (None, first),
            Some(status) => (Some(self.find(first)?), status),
        };
        args.no_more()?;
        if let [inner, ..] = args.options() {
            return Err(routes_in_replace_status(inner));
        }
        self.handlers.push(Answer {
            handler: ResponseHandler {
                require,
                status_code: new_status(status, scope)?,
                routes: Vec::new(),
            },
            span: line.span(),
            routes: None,
        });
        Ok(())
    }

    fn find(&self, name: &Token) -> Result<RequireResponse> {
        if !name.text().starts_with('@') {
            let message = format!("`{}` is not the name of a matcher", name.text());
            return Err(name
                .error(NOT_A_NAME, message)
                .label("expected a name that starts with `@`")
                .help("define a matcher beside it: `@name status 4xx`"));
        }
        let mut known = self.matchers.iter();
        match known.find(|(known, _)| known.text() == name.text()) {
            Some((_, require)) => Ok(require.clone()),
            None => Err(self.undefined(name)),
        }
    }

    fn undefined(&self, name: &Token) -> Diagnostic {
        let message = format!("no matcher of answers has the name `{}`", name.text());
        let error = name.error(UNDEFINED, message).label("not defined here");
        let known = self.matchers.iter().map(|(known, _)| known.text());
        match suggest(name.text(), known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!(
                "define it in the same block, above: `{} status 4xx`",
                name.text()
            )),
        }
    }
}

/// A status that an answer gets; with a warning for what will not be one when it is needed.
///
/// Caddy's JSON has a number for text that is one.
pub(super) fn new_status(token: &Token, scope: &mut Scope<'_>) -> Result<Option<StatusCode>> {
    let text = token.text();
    let status = match text.parse() {
        Ok(number) => StatusCode::Fixed(number),
        Err(_) if text.parse::<i64>().is_ok() || matches!(text, "true" | "false") => {
            return Err(not_a_status(token.error(NO_STATUS, no_status(text))));
        }
        Err(_) => StatusCode::Placeholder(text.into()),
    };
    let is_fine = match &status {
        StatusCode::Fixed(code) => (100..=999).contains(code),
        StatusCode::Placeholder(text) => text.contains('{'),
    };
    if !is_fine {
        scope.report(not_a_status(token.warning(NO_STATUS, no_status(text))));
    }
    Ok(Some(status).filter(|_| !text.is_empty()))
}

fn no_status(text: &str) -> String {
    format!("`{text}` is not a status code")
}

fn not_a_status(found: Diagnostic) -> Diagnostic {
    found
        .label("expected a number from 100 to 999")
        .help("write a status such as `404`, or a placeholder")
}

fn too_many(args: &Args<'_>, second: &Token) -> Diagnostic {
    let message = "too many arguments for `handle_response`: it takes one matcher of answers";
    let error = second.error(SURPLUS, message).label("not expected");
    match args.line().arguments() {
        [name, status] if name.text().starts_with('@') => error.help(format!(
            "to change the status, write `replace_status {} {}`",
            name.text(),
            status.text()
        )),
        words => error.help(format!(
            "define it beside the line, `@name {}`, and write `handle_response @name`",
            words.iter().map(Token::text).collect::<Vec<_>>().join(" ")
        )),
    }
}

fn routes_in_replace_status(inner: &Line) -> Diagnostic {
    let name = inner.name();
    let message = "`replace_status` has no routes";
    name.error(ROUTES, message)
        .label("this would be one")
        .help("write `handle_response`, or take the block away")
}
