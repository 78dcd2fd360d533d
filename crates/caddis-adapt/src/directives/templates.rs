//! `templates`: run what is answered as a template.

use caddis_ir::{Handler, Path, Templates};
use caddis_source::Code;
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, Token};

const OPTIONS: &[&str] = &["mime", "between", "root", "extensions"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "templates",
    old_names: &[],
    summary: "Run what is answered as a template.",
    syntax: "templates [<matcher>] [{ <option>... }]",
    subdirectives: OPTIONS,
    examples: &[
        "templates",
        "templates {\n\tmime text/html\n\tbetween [[ ]]\n\troot /srv/parts\n}",
    ],
    lower: Lower::Handler(lower),
};

/// How a line of the block is written.
const OPTION: &str = "mime <type>... | between <opening> <closing> | root <folder>";

const NO_EXTENSION: Code = Code("templates/no-such-extension");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut templates = Templates::default();
    // Caddy does not find the block behind a word that it does not look at.
    if args.left() == 0 {
        for line in args.options() {
            options(line, args, &mut templates, scope)?;
        }
    }
    Ok(Handler::Templates(templates))
}

/// Caddy reads word after word here, passes over what it does not know, and looks into every block.
fn options(
    line: &Line,
    args: &Args<'_>,
    templates: &mut Templates,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let mut own = Args::new(line, OPTION);
    let mut word = line.name();
    loop {
        if word.text() == "extensions" {
            return extensions(&mut own);
        }
        match option(word, &mut own, templates)? {
            Some(field) => scope.origin(&Path::root().key(field), line.span()),
            None => scope.skipped(args, word, OPTIONS),
        }
        match own.optional() {
            Some(next) => word = next,
            None => break,
        }
    }
    for line in own.options() {
        options(line, args, templates, scope)?;
    }
    Ok(())
}

/// Reads an option, and says which field it is in Caddy's JSON; `None` if there is no such option.
fn option(
    name: &Token,
    args: &mut Args<'_>,
    templates: &mut Templates,
) -> Result<Option<&'static str>> {
    Ok(Some(match name.text() {
        "mime" => {
            let types = args.at_least_one("a type such as `text/html`")?;
            templates.mime_types = types.iter().map(|word| word.text().into()).collect();
            "mime_types"
        }
        "between" => {
            let opening = args.required("what opens an action")?.text();
            let closing = args.required("what closes an action")?.text();
            args.no_more()?;
            templates.delimiters = vec![opening.into(), closing.into()];
            "delimiters"
        }
        "root" => {
            templates.file_root = args.required("a folder")?.text().into();
            "file_root"
        }
        _ => return Ok(None),
    }))
}

/// Functions of templates come from plugins only.
fn extensions(args: &mut Args<'_>) -> Result<()> {
    args.no_more()?;
    let Some(first) = args.options().first() else {
        return Ok(());
    };
    let name = first.name();
    let message = format!(
        "there are no functions of templates called `{}`",
        name.text()
    );
    Err(name
        .error(NO_EXTENSION, message)
        .label(format!(
            "needs the module `http.handlers.templates.functions.{}`",
            name.text()
        ))
        .help("take it away: the functions that Caddy itself has are always there"))
}
