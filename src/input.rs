//! Finds the config that the command line means, and reads it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use caddis_adapt::Origins;
use caddis_ir::{Config, ReadError};
use caddis_server::BuildError;
use caddis_source::{Code, Diagnostic, FileId, Sources, Span};
use caddis_syntax::Disk;
use serde_json::Value;

use crate::cli::ConfigArgs;
use crate::report::{Failure, Io};
use crate::variables::Variables;

/// The most bytes of a config: a device has no end, and memory does.
const MOST: u64 = 64 << 20;
/// The file that is read where the command line names none.
const ADJACENT: &str = "Caddyfile";
/// The name that means standard input.
const STDIN: &str = "-";
/// The only language besides Caddy's own JSON.
const CADDYFILE: &str = "caddyfile";

const NOT_A_CONFIG: Code = Code("json/not-a-config");
const CANNOT_BE_SERVED: Code = Code("serve/not-possible");

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A Caddyfile.
    Caddyfile,
    /// Caddy's own JSON.
    Json,
}

/// The text of a config.
#[derive(Debug)]
pub(crate) struct Text {
    name: String,
    content: String,
    language: Language,
}

/// A config, where its parts come from, and what is worth a warning.
#[derive(Debug)]
pub(crate) struct Input {
    /// The config.
    pub(crate) config: Config,
    /// The same as JSON, with what the server does not look at.
    pub(crate) json: Value,
    /// Its texts.
    pub(crate) sources: Sources,
    /// Findings that do not stand in its way.
    pub(crate) warnings: Vec<Diagnostic>,
    origins: Option<Origins>,
}

/// The config to serve: the one that is named, or the Caddyfile in this folder, or none at all.
pub(crate) fn to_serve(args: &ConfigArgs, io: &Io) -> Result<Option<Text>, Failure> {
    let Some(name) = named(args) else {
        if args.adapter.is_some() {
            let message = "cannot adapt config without config file (use --config)";
            return Err(Failure::message(message));
        }
        if !Path::new(ADJACENT).exists() {
            return Ok(None);
        }
        io.note("using adjacent Caddyfile", &[]);
        return text(ADJACENT, Language::Caddyfile, "reading config from file").map(Some);
    };
    let language = language(name, args.adapter.as_deref())?;
    let text = text(name, language, "reading config from file")?;
    match name {
        STDIN => io.note("using config from stdin", &[]),
        file => io.note("using config from file", &[("file", file)]),
    }
    Ok(Some(text))
}

/// The config to check: the one that is named, or the Caddyfile in this folder.
pub(crate) fn to_validate(args: &ConfigArgs, io: &Io) -> Result<Text, Failure> {
    if named(args).is_none() && Path::new(ADJACENT).exists() {
        io.note("using adjacent Caddyfile", &[]);
        let adjacent = ConfigArgs {
            config: Some(ADJACENT.into()),
            ..args.clone()
        };
        return to_serve(&adjacent, io)?.ok_or_else(none);
    }
    match named(args) {
        Some(_) => to_serve(args, io)?.ok_or_else(none),
        None => Err(none()),
    }
}

/// The config to print as JSON, which is a Caddyfile whatever its name is.
pub(crate) fn to_adapt(args: &ConfigArgs, io: &Io) -> Result<Text, Failure> {
    let name = match named(args) {
        Some(name) => name,
        None if Path::new(ADJACENT).exists() => {
            io.note("using adjacent Caddyfile", &[]);
            ADJACENT
        }
        None => return Err(none()),
    };
    adapter(args.adapter.as_deref().unwrap_or(CADDYFILE))?;
    text(name, Language::Caddyfile, "reading input file")
}

fn named(args: &ConfigArgs) -> Option<&str> {
    args.config.as_deref().filter(|name| !name.is_empty())
}

fn none() -> Failure {
    Failure::message(
        "input file required when there is no Caddyfile in current directory (use --config flag)",
    )
}

/// A name tells the language as it does for Caddy: `Caddyfile…` and `….caddyfile`, but not `….json`.
fn language(name: &str, adapter_name: Option<&str>) -> Result<Language, Failure> {
    if let Some(asked) = adapter_name.filter(|asked| !asked.is_empty()) {
        adapter(asked)?;
        return Ok(Language::Caddyfile);
    }
    let base = Path::new(name).file_name().unwrap_or_default();
    let base = base.to_string_lossy().to_lowercase();
    let extension = Path::new(&base).extension().unwrap_or_default();
    let caddyfile = base.starts_with(CADDYFILE) || extension == CADDYFILE;
    Ok(if caddyfile && extension != "json" {
        Language::Caddyfile
    } else {
        Language::Json
    })
}

fn adapter(name: &str) -> Result<(), Failure> {
    if name == CADDYFILE {
        return Ok(());
    }
    Err(
        Failure::message(format!("unrecognized config adapter: {name}"))
            .help("write `--adapter caddyfile`, or nothing for JSON"),
    )
}

fn text(name: &str, language: Language, doing: &str) -> Result<Text, Failure> {
    let mut bytes = Vec::new();
    let read = if name == STDIN {
        io::stdin().take(MOST + 1).read_to_end(&mut bytes)
    } else {
        File::open(name).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::message(format!("{doing}: {name}: {error}")))?;
    if bytes.len() as u64 > MOST {
        let message = format!("{doing}: {name}: more than {} MB are no config", MOST >> 20);
        return Err(Failure::message(message));
    }
    Ok(Text {
        name: name.into(),
        content: utf8(bytes, name)?,
        language,
    })
}

/// The text of a file; one that is not UTF-8 is refused, since nothing could point into it.
pub(crate) fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..at).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        Failure::message(format!("{name}:{line}: the text is not UTF-8"))
            .help("save it with the encoding UTF-8")
    })
}

impl Input {
    /// Reads a text with the environment that its `{$NAME}`s mean.
    pub(crate) fn read(text: Text, variables: &Variables) -> Result<Self, Failure> {
        match text.language {
            Language::Caddyfile => Self::read_caddyfile(text, variables),
            Language::Json => Self::read_json(text),
        }
    }

    fn read_caddyfile(text: Text, variables: &Variables) -> Result<Self, Failure> {
        let mut sources = Sources::new();
        let file = sources.add(text.name, text.content);
        let environment = |name: &str| variables.get(name);
        let (tree, mut findings) = caddis_syntax::parse(&mut sources, file, &environment, &Disk);
        let adapted = caddis_adapt::adapt(tree, &sources);
        findings.extend(adapted.diagnostics);
        findings.sort_by_key(|finding| finding.span().map(|span| (span.file, span.start)));
        if findings.iter().any(Diagnostic::is_error) {
            return Err(Failure::Findings(findings, sources));
        }
        Ok(Self {
            json: caddis_ir::value(&adapted.config),
            config: adapted.config,
            sources,
            warnings: findings,
            origins: Some(adapted.origins),
        })
    }

    fn read_json(text: Text) -> Result<Self, Failure> {
        let mut sources = Sources::new();
        let name = text.name.clone();
        let file = sources.add(text.name, text.content);
        let config = caddis_ir::read(sources.text(file))
            .map_err(|error| unreadable(&error, &name, file, sources.clone()))?;
        Ok(Self {
            json: serde_json::from_str(sources.text(file)).unwrap_or_default(),
            config,
            sources,
            warnings: Vec::new(),
            origins: None,
        })
    }

    /// What cannot be served, at its place in the text.
    pub(crate) fn explain(&self, errors: Vec<BuildError>) -> Failure {
        let mut findings: Vec<_> = errors
            .into_iter()
            .map(|error| self.finding(error))
            .collect();
        findings.sort_by_key(|finding| finding.span().map(|span| (span.file, span.start)));
        findings.dedup();
        Failure::Findings(findings, self.sources.clone())
    }

    fn finding(&self, error: BuildError) -> Diagnostic {
        let span = self
            .origins
            .as_ref()
            .and_then(|origins| origins.span(&error.path));
        let finding = match span {
            Some(span) => Diagnostic::error(CANNOT_BE_SERVED, span, error.message),
            None => Diagnostic::error_without_place(
                CANNOT_BE_SERVED,
                format!("{}: {}", error.path, error.message),
            ),
        };
        match error.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

/// A text that is no JSON at all is most likely a Caddyfile with another name.
fn unreadable(error: &ReadError, name: &str, file: FileId, sources: Sources) -> Failure {
    let text = sources.text(file);
    let place = format!(" at line {} column {}", error.line, error.column);
    let what = error.message.strip_suffix(&place).unwrap_or(&error.message);
    if serde_json::from_str::<serde_json::Value>(text).is_err() {
        let message = format!(
            "config is not valid JSON: {name}:{}:{}: {what}; did you mean to use a config adapter (the --adapter flag)?",
            error.line, error.column
        );
        return Failure::message(message)
            .help("a Caddyfile of another name needs `--adapter caddyfile`");
    }
    let at = offset(text, error.line, error.column);
    let finding = Diagnostic::error(NOT_A_CONFIG, Span::new(file, at, at + 1), what);
    Failure::Findings(vec![finding], sources)
}

/// The offset of a line and a column that count from one, in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = (text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len))
    .sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Input, Failure> {
        let text = Text {
            name: "config.json".into(),
            content: text.into(),
            language: Language::Json,
        };
        Input::read(text, &Variables::of(&[]))
    }

    #[test]
    fn a_device_without_end_is_no_config() {
        assert!(text("/dev/zero", Language::Json, "reading config from file").is_err());
    }

    #[test]
    fn names_tell_the_language_as_they_do_for_caddy() {
        for name in [
            "Caddyfile",
            "/etc/caddy/Caddyfile.prod",
            "caddyfile",
            "a.caddyfile",
            "A.CADDYFILE",
        ] {
            assert_eq!(language(name, None).unwrap(), Language::Caddyfile, "{name}");
        }
        for name in [
            "config.json",
            "caddyfile.json",
            "-",
            "site.conf",
            "my-caddyfile",
        ] {
            assert_eq!(language(name, None).unwrap(), Language::Json, "{name}");
        }
    }

    #[test]
    fn an_adapter_that_is_named_counts_more_than_the_name() {
        assert_eq!(
            language("a.json", Some("caddyfile")).unwrap(),
            Language::Caddyfile
        );
        assert!(language("Caddyfile", Some("yaml")).is_err());
    }

    #[test]
    fn an_adapter_without_a_config_is_refused() {
        let args = ConfigArgs {
            adapter: Some("caddyfile".into()),
            ..ConfigArgs::default()
        };
        let io = Io::new(crate::cli::Form::Full);
        assert!(to_serve(&args, &io).is_err());
    }

    #[test]
    fn variables_of_the_command_line_are_read_in_the_text() {
        let text = Text {
            name: "Caddyfile".into(),
            content: "http://{$NAME}:81 {\n\trespond {$BODY:hello}\n}\n".into(),
            language: Language::Caddyfile,
        };
        let input = Input::read(text, &Variables::of(&[("NAME", "a.test")])).unwrap();
        let json = caddis_ir::compact(&input.config);
        assert!(json.contains("a.test") && json.contains("hello"), "{json}");
    }

    #[test]
    fn a_caddyfile_of_another_name_is_recognised_by_its_not_being_json() {
        let Err(Failure::Message { message, help }) = json(":80\nrespond hi\n") else {
            panic!("it is read as JSON");
        };
        assert!(message.contains("--adapter"), "{message}");
        assert!(help.is_some());
    }

    #[test]
    fn json_that_is_no_config_is_pointed_at() {
        let Err(Failure::Findings(findings, sources)) = json("{\n\t\"apos\": {}\n}\n") else {
            panic!("`apos` is accepted");
        };
        let span = findings.first().and_then(Diagnostic::span).unwrap();
        assert_eq!(sources.position(span).line, 2);
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_with_its_line() {
        let Err(Failure::Message { message, .. }) = utf8(b"a\n\xff".to_vec(), "F") else {
            panic!("it is accepted");
        };
        assert_eq!(message, "F:2: the text is not UTF-8");
    }
}
