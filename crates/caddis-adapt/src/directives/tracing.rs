//! `tracing`: trace requests with OpenTelemetry.

use caddis_ir::{Handler, Path, Tracing};

use crate::{Args, Directive, Lower, Result, Scope};

const OPTIONS: &[&str] = &["span", "span_attributes"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "tracing",
    old_names: &[],
    summary: "Trace requests with OpenTelemetry.",
    syntax: "tracing [<matcher>] { span <name>  span_attributes { <name> <value>... } }",
    subdirectives: OPTIONS,
    examples: &[
        "tracing {\n\tspan example\n\tspan_attributes {\n\t\tpath {http.request.uri.path}\n\t}\n}",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    args.only_a_matcher()?;
    let mut tracing = Tracing::default();
    for line in args.options() {
        scope.origin(&Path::root().key(line.name().text()), line.span());
        match line.name().text() {
            "span" => tracing.span = Args::new(line, "span <name>").only("a name")?.text().into(),
            "span_attributes" => {
                let mut own = Args::new(line, "span_attributes { <name> <value>... }");
                own.no_more()?;
                for line in own.options() {
                    let value = Args::new(line, "").only("a value")?;
                    let name = line.name().text().into();
                    tracing.span_attributes.insert(name, value.text().into());
                }
            }
            _ => return Err(args.unknown(line.name(), OPTIONS)),
        }
    }
    Ok(Handler::Tracing(tracing))
}
