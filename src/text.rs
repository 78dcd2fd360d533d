//! Finds the config that the command line means, and reads its text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use caddis_server::Source;

use crate::cli::ConfigArgs;
use crate::report::{Failure, Io};

/// The most bytes of a config: a device has no end, and memory does.
const MOST: u64 = 64 << 20;
/// The file that is read where the command line names none.
const ADJACENT: &str = "Caddyfile";
/// The name that means standard input.
const STDIN: &str = "-";
/// The only language besides Caddy's own JSON.
const CADDYFILE: &str = "caddyfile";
/// What was being done when a config could not be read, in the words that Caddy has for it.
const READING: &str = "reading config from file";

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
    /// The name of its file.
    pub(crate) name: String,
    /// What it says.
    pub(crate) content: String,
    /// What it is written in.
    pub(crate) language: Language,
}

impl Text {
    /// A text that did not come from a file.
    pub(crate) fn of(name: &str, content: String, language: Language) -> Self {
        Self {
            name: name.into(),
            content,
            language,
        }
    }

    /// The file that it was read from; standard input is none.
    pub(crate) fn source(&self) -> Option<Source> {
        let adapter = match self.language {
            Language::Caddyfile => CADDYFILE,
            Language::Json => "",
        };
        (self.name != STDIN).then(|| Source {
            file: self.name.clone(),
            adapter: adapter.into(),
        })
    }
}

/// The text that a source has now.
pub(crate) fn again(source: &Source) -> Result<Text, Failure> {
    let language = match source.adapter.as_str() {
        "" => Language::Json,
        _ => Language::Caddyfile,
    };
    text(&source.file, language, READING)
}

/// The text of a file in Caddy's own JSON, whatever its name is.
pub(crate) fn json(name: &str) -> Result<Text, Failure> {
    text(name, Language::Json, READING)
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
        return text(ADJACENT, Language::Caddyfile, READING).map(Some);
    };
    let language = language(name, args.adapter.as_deref())?;
    let text = text(name, language, READING)?;
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let io = Io::new(crate::cli::Form::Full, crate::name::Name::Caddis);
        assert!(to_serve(&args, &io).is_err());
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_with_its_line() {
        let Err(Failure::Message { message, .. }) = utf8(b"a\n\xff".to_vec(), "F") else {
            panic!("it is accepted");
        };
        assert_eq!(message, "F:2: the text is not UTF-8");
    }
}
