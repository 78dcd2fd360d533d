//! Where entries go.

use std::io::{self, IsTerminal, Write};

use caddis_ir::{Encoder, Log, Writer};

use super::encode::Encoding;
use super::file::{LogFile, Rolling};

/// The permissions of a log file if the config gives none.
const MODE: u32 = 0o600;

/// Where entries go.
#[derive(Debug)]
pub(super) enum Sink {
    Stdout,
    Stderr,
    Nowhere,
    File(Box<LogFile>),
}

impl Sink {
    /// Opens what a config names.
    pub(super) fn open(writer: Option<&Writer>) -> Result<Self, String> {
        match writer {
            None | Some(Writer::Stderr {}) => Ok(Self::Stderr),
            Some(Writer::Stdout {}) => Ok(Self::Stdout),
            Some(Writer::Discard {}) => Ok(Self::Nowhere),
            Some(Writer::File {
                filename,
                mode,
                roll,
                roll_size_mb,
                roll_gzip,
                roll_local_time,
                roll_keep,
                roll_keep_days,
                roll_interval,
            }) => {
                let roll = roll.unwrap_or(true);
                let interval = roll_interval.filter(|interval| roll && interval.0 > 0);
                let rolling = Rolling {
                    interval: interval.map(caddis_ir::Duration::to_std),
                    compress: roll_gzip.unwrap_or(true),
                    local_time: *roll_local_time,
                    ..Rolling::of(roll, *roll_size_mb, *roll_keep, *roll_keep_days)
                };
                let mode = mode.as_deref().map_or(Ok(MODE), permissions)?;
                let file = LogFile::open(filename.as_ref(), mode, rolling);
                let file = file.map_err(|error| format!("{filename}: {error}"))?;
                Ok(Self::File(Box::new(file)))
            }
        }
    }

    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().write_all(line.as_bytes()),
            Self::Stderr => io::stderr().write_all(line.as_bytes()),
            Self::Nowhere => Ok(()),
            Self::File(file) => file.write(line),
        }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::Stderr | Self::Nowhere => Ok(()),
            Self::File(file) => file.flush(),
        }
    }

    /// The form of entries: what the config says, else JSON, or columns on a terminal.
    pub(super) fn encoding(&self, log: &Log, colour: bool) -> Encoding {
        let terminal = match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            Self::Nowhere | Self::File(_) => false,
        };
        match &log.encoder {
            Some(Encoder::Console {}) => Encoding::Console {
                colour: colour && terminal,
            },
            None if terminal => Encoding::Console { colour },
            Some(Encoder::Json {}) | None => Encoding::Json,
        }
    }
}

fn permissions(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok();
    mode.filter(|mode| *mode > 0 && *mode <= 0o777)
        .ok_or_else(|| format!("`{text}` is not a set of permissions: write it in octal (`0640`)"))
}
