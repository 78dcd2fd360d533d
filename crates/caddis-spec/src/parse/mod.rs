//! The text of a script → a [`Spec`], with every error that is in it.

mod case;
mod expect;
mod line;
mod measure;
mod reader;
mod setup;
mod upstream;

use caddis_source::{Code, Diagnostic, FileId, Sources, Span, suggest};

use crate::Spec;
use crate::spec::Expected;
use reader::Reader;

const NO_CASE: Code = Code("spec/no-case");
const UNKNOWN_UPSTREAM: Code = Code("spec/unknown-upstream");

/// Reads a script; the errors come in the order of its lines.
pub fn parse(sources: &Sources, file: FileId) -> Result<Spec, Vec<Diagnostic>> {
    let mut reader = Reader::new(file, sources.text(file));
    let setup = setup::read(&mut reader);
    let cases = case::read(&mut reader);
    let end = Span::new(file, 0, 0);
    if cases.is_empty() && reader.found.is_empty() {
        reader
            .error(NO_CASE, end, "there is no case in this file")
            .hint("begin one with `=== what it shows`");
    }
    let spec = setup.map(|setup| setup.with(file, cases));
    if let Some(spec) = &spec {
        reader.found.extend(unknown_upstreams(spec));
    }
    match spec {
        Some(spec) if reader.found.is_empty() => Ok(spec),
        _ => {
            let mut found = reader.found;
            found.sort_by_key(|finding| finding.span().map(|span| span.start));
            Err(found)
        }
    }
}

/// Names after `^>` and `^<` that no `upstream` line has.
fn unknown_upstreams(spec: &Spec) -> Vec<Diagnostic> {
    let known = || spec.upstreams.iter().map(|upstream| upstream.name.as_str());
    let steps = || spec.cases.iter().flat_map(|case| &case.steps);
    let seen = steps().flat_map(|step| &step.expectations);
    let seen = seen.filter_map(|expectation| match &expectation.what {
        Expected::Seen(name, ..) => Some((name, expectation.span)),
        _ => None,
    });
    let answers = steps().flat_map(|step| {
        let names = step.answers.iter().map(|(name, _)| name);
        names.map(|name| (name, step.request.span))
    });
    seen.chain(answers)
        .filter(|(name, _)| !known().any(|known| known == name.as_str()))
        .map(|(name, span)| {
            let message = format!("there is no upstream `{name}`");
            let error = Diagnostic::error(UNKNOWN_UPSTREAM, span, message);
            match suggest(name, known()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "add `upstream {name} at HOST:PORT` above the cases"
                )),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use caddis_source::Sources;

    use super::parse;
    use crate::Spec;

    fn read(text: &str) -> Result<Spec, String> {
        let mut sources = Sources::new();
        let file = sources.add("a.ctest", text);
        parse(&sources, file).map_err(|found| {
            let lines = found.iter().map(|one| {
                let at = one.span().map(|span| sources.position(span));
                let at = at.map_or(String::new(), |at| format!("{}:{}", at.line, at.column));
                let helps = one.helps().join("; ");
                format!("{at} {} {} ({helps})", one.code(), one.message())
            });
            lines.collect::<Vec<_>>().join("\n")
        })
    }

    const HEAD: &str = "config <<EOF\n:80\nEOF\n";

    #[test]
    fn every_kind_of_line_is_read() {
        let spec = read(include_str!("every_line.ctest")).unwrap();
        insta::assert_debug_snapshot!(spec);
    }

    #[test]
    fn every_error_of_a_file_is_found_at_its_line() {
        let text = "config Caddyfile\nenv\nfoo bar\n=== one\n@peer me\n@proto h3\n> GET http://a/\n> bad\n< 99\n<= 200\n\
                    ^> nobody GET /\n< X: /(/\n@reload x\n<{ {\n";
        insta::assert_snapshot!(read(text).unwrap_err());
    }

    #[test]
    fn a_file_stands_beside_the_config_and_nowhere_else() {
        let text =
            "config a\nfile ../x <<EOF\nEOF\nfile a/b <<EOF\nEOF\n=== x\n> GET http://a/\n< 200\n";
        insta::assert_snapshot!(read(text).unwrap_err(), @"
        2:1 spec/not-a-file-name `../x` is not the name of a file (write a name without a folder)
        4:1 spec/not-a-file-name `a/b` is not the name of a file (write a name without a folder)
        ");
    }

    #[test]
    fn a_heredoc_must_be_closed() {
        insta::assert_snapshot!(read("config <<EOF\n:80\n").unwrap_err());
    }

    #[test]
    fn a_script_needs_a_config_and_a_case() {
        insta::assert_snapshot!(read("=== x\n> GET http://a/\n< 200\n").unwrap_err());
        insta::assert_snapshot!(read(HEAD).unwrap_err());
    }

    #[test]
    fn requests_and_expectations_stand_in_their_order() {
        let text = format!(
            "{HEAD}=== x\n< 200\n=== y\n> GET http://a/\n> GET http://b/\n=== z\n---\n@env A=b\n"
        );
        insta::assert_snapshot!(read(&text).unwrap_err());
    }
}
