//! Where entries go.

use std::io::{self, IsTerminal, Write};

use caddis_ir::{Encoder, FileWriter, Log, Writer};

use super::encode::Encoding;
use super::file::Keeping;
use super::files::{Files, SharedFile};

/// Where entries go.
#[derive(Debug)]
pub(super) enum Sink {
    Stdout,
    Stderr,
    Nowhere,
    File {
        file: SharedFile,
        /// How it is kept once the config is in use.
        keeping: Keeping,
    },
}

impl Sink {
    /// Opens what a config names.
    pub(super) fn open(writer: Option<&Writer>, files: &Files) -> Result<Self, String> {
        match writer {
            None | Some(Writer::Stderr {}) => Ok(Self::Stderr),
            Some(Writer::Stdout {}) => Ok(Self::Stdout),
            Some(Writer::Discard {}) => Ok(Self::Nowhere),
            Some(Writer::File(file)) => Self::file(file, files),
            // Refused in `runs.rs`.
            Some(Writer::Net(_)) => Err("caddis does not send logs over the network yet".into()),
        }
    }

    fn file(writer: &FileWriter, files: &Files) -> Result<Self, String> {
        let filename = &writer.filename;
        let roll = writer.roll.unwrap_or(true);
        let interval = writer.roll_interval;
        let interval = interval.filter(|interval| roll && interval.0 > 0);
        let mode = writer.mode.as_deref().map(permissions).transpose()?;
        let keeping = Keeping {
            mode: mode.flatten(),
            interval: interval.map(caddis_ir::Duration::to_std),
            compress: writer.roll_gzip.unwrap_or(true),
            local_time: writer.roll_local_time,
            ..Keeping::of(
                roll,
                writer.roll_size_mb,
                writer.roll_keep,
                writer.roll_keep_days,
            )
        };
        if filename.contains('{') {
            // Caddy fills them when it opens the file.
            return Err(format!(
                "caddis does not fill placeholders in the name of a log file yet (`{filename}`): \
                 write the name, or `{{$NAME}}` for a variable in a Caddyfile"
            ));
        }
        let file = files.open(filename.as_ref(), &keeping);
        let file = file.map_err(|error| format!("{filename}: {error}"))?;
        Ok(Self::File { file, keeping })
    }

    pub(super) fn write(&self, line: &str) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().write_all(line.as_bytes()),
            Self::Stderr => io::stderr().write_all(line.as_bytes()),
            Self::Nowhere => Ok(()),
            Self::File { file, .. } => file.lock().write(line),
        }
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::Stderr | Self::Nowhere => Ok(()),
            Self::File { file, .. } => file.lock().flush(),
        }
    }

    /// The form of entries: what the config says, else JSON, or columns on a terminal.
    pub(super) fn encoding(&self, log: &Log, colour: bool) -> Encoding {
        let terminal = match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            Self::Nowhere | Self::File { .. } => false,
        };
        match &log.encoder {
            Some(Encoder::Console(_)) => Encoding::Console {
                colour: colour && terminal,
            },
            None if terminal => Encoding::Console { colour },
            // The others are refused in `runs.rs`.
            Some(
                Encoder::Json(_) | Encoder::Append(_) | Encoder::Filter(_) | Encoder::Journald(_),
            )
            | None => Encoding::Json,
        }
    }
}

/// Permissions in octal; zero stands for those that a file has if the config gives none.
fn permissions(text: &str) -> Result<Option<u32>, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 => Ok(Some(mode).filter(|mode| *mode > 0)),
        Ok(_) | Err(_) => Err(format!(
            "`{text}` is not a set of permissions: write it in octal (`0640`)"
        )),
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::Writer;

    use super::{Files, Sink};

    #[test]
    fn placeholders_in_the_name_of_a_file_are_refused() {
        let json = r#"{"output":"file","filename":"{env.HOME}/a.log"}"#;
        let writer: Writer = serde_json::from_str(json).unwrap();
        let error = Sink::open(Some(&writer), &Files::default()).unwrap_err();
        assert!(
            error.contains("{env.HOME}/a.log") && error.contains("{$NAME}"),
            "{error}"
        );
    }
}
