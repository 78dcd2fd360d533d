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

const NO_EXTENSION: Code = Code("templates/no-such-extension");

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut templates = Templates::default();
    for line in args.options() {
        option(line, args, &mut templates, scope)?;
    }
    Ok(Handler::Templates(templates))
}

fn option(
    line: &Line,
    args: &Args<'_>,
    templates: &mut Templates,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let field = match line.name().text() {
        "mime" => {
            let mut own = Args::new(line, "mime <type>...");
            let types = own.at_least_one("a type such as `text/html`")?;
            templates.mime_types = texts(types);
            scope.ignored(&own);
            "mime_types"
        }
        "between" => {
            let mut own = Args::new(line, "between <opening> <closing>");
            let opening = own.required("what opens an action")?.text();
            let closing = own.required("what closes an action")?.text();
            own.no_more()?;
            templates.delimiters = vec![opening.into(), closing.into()];
            scope.ignored(&own);
            "delimiters"
        }
        "root" => {
            let mut own = Args::new(line, "root <folder>");
            templates.file_root = own.required("a folder")?.text().into();
            scope.ignored(&own);
            "file_root"
        }
        "extensions" => return extensions(line),
        _ => {
            // Caddy skips what it does not know here.
            scope.skipped(args, line, OPTIONS);
            return Ok(());
        }
    };
    scope.origin(&Path::root().key(field), line.span());
    Ok(())
}

/// Functions of templates come from plugins only.
fn extensions(line: &Line) -> Result<()> {
    let mut args = Args::new(line, "extensions { <extension>... }");
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

fn texts(words: &[Token]) -> Vec<String> {
    words.iter().map(|word| word.text().into()).collect()
}
