//! `map`: placeholders that are filled by what another one says.

use caddis_ir::{Handler, MapHandler, Mapping, Path};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;
use serde_json::Value;

use crate::scalar::scalar;
use crate::{Args, Directive, Lower, Result, Scope, Token, placeholders};

const CONFLICT: Code = Code("map/placeholder-in-use");
const BRACES: Code = Code("map/block-in-block");

pub(super) const DIRECTIVE: Directive = Directive {
    name: "map",
    old_names: &[],
    summary: "Fill placeholders by what another one says.",
    syntax: "map [<matcher>] <source> <{destination}...> { <input> | ~<expression> <output...>  default <output...> }",
    subdirectives: &["default"],
    examples: &[
        "map {host} {backend} {\n\ta.example.com localhost:9000\n\t~^(.*)\\.b\\.example\\.com$ ${1}:80\n\tdefault localhost:8080\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut map = MapHandler {
        source: args.required("a source and destinations")?.text().into(),
        ..MapHandler::default()
    };
    for destination in args.at_least_one("a destination, such as `{name}`")? {
        if let Some(short) = placeholders::short_form(destination.text()) {
            return Err(conflict(destination, short));
        }
        map.destinations.push(destination.text().into());
    }
    for line in args.options() {
        add(line, &mut map, args, scope)?;
    }
    Ok(Handler::Map(map))
}

fn conflict(destination: &Token, short: &str) -> Diagnostic {
    let word = short.replace(['%', '?'], "");
    destination
        .error(
            CONFLICT,
            format!("`{{{short}}}` is a placeholder of the request already"),
        )
        .label("cannot be filled by `map`")
        .help(format!("choose another name, such as `{{my_{word}}}`"))
}

fn add(line: &Line, map: &mut MapHandler, of: &Args<'_>, scope: &mut Scope<'_>) -> Result<()> {
    if line.name().text() == "default" {
        defaults(line, map, of)?;
    } else {
        let path = Path::root().key("mappings").index(map.mappings.len());
        scope.origin(&path, line.span());
        let mapping = mapping(line, map.destinations.len())?;
        map.mappings.push(mapping);
    }
    match &line.block {
        None => Ok(()),
        Some(block) => {
            scope.report(braces(line));
            map.mappings.push(brace("{", map.destinations.len()));
            for line in &block.lines {
                add(line, map, of, scope)?;
            }
            map.mappings.push(brace("}", map.destinations.len()));
            Ok(())
        }
    }
}

/// Caddy looks for no block within the block, and reads its braces as inputs.
fn braces(line: &Line) -> Diagnostic {
    let open = line.block.as_ref().map_or(line.span(), |block| block.open);
    Diagnostic::warning(BRACES, open, "the lines of `map` have no blocks")
        .label("read as an input, as in Caddy")
        .help("take the braces away")
}

fn brace(brace: &str, destinations: usize) -> Mapping {
    Mapping {
        input: brace.into(),
        outputs: vec![Value::Null; destinations],
        ..Mapping::default()
    }
}

fn defaults(line: &Line, map: &mut MapHandler, of: &Args<'_>) -> Result<()> {
    if !map.defaults.is_empty() {
        return Err(of.twice(line.name()));
    }
    let texts = line.arguments().iter().map(|token| token.text().to_owned());
    map.defaults = texts.collect();
    // Caddy takes more of them than there are destinations, and fills up what is missing.
    let count = map.defaults.len().max(map.destinations.len());
    map.defaults.resize(count, String::new());
    Ok(())
}

fn mapping(line: &Line, destinations: usize) -> Result<Mapping> {
    if let Some(surplus) = line.arguments().get(destinations) {
        return Err(surplus
            .error(
                crate::args::SURPLUS,
                "there are more outputs than destinations",
            )
            .label("has no destination")
            .help("name another destination behind the source of `map`"));
    }
    let outputs = line.arguments().iter().map(output);
    let mut outputs = outputs.collect::<Result<Vec<Value>>>()?;
    outputs.resize(destinations, Value::Null);
    let input = line.name().text();
    Ok(match input.strip_prefix('~') {
        Some(expression) => Mapping {
            input_regexp: expression.into(),
            outputs,
            ..Mapping::default()
        },
        None => Mapping {
            input: input.into(),
            outputs,
            ..Mapping::default()
        },
    })
}

/// A hyphen stands for the default, in quotes as well.
fn output(token: &Token) -> Result<Value> {
    if token.text() == "-" {
        return Ok(Value::Null);
    }
    scalar(token)
}
