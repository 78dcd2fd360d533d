//! Where entries go.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use caddis_ir::{FileWriter, Log, Writer};

use super::change::Fill;
use super::encode::Encoding;
use super::file::Keeping;
use super::files::{Files, SharedFile};
use super::keeping;
use super::net::NetSink;
use crate::placeholders::globals;

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
    Net(NetSink),
}

impl Sink {
    /// Opens what a config names.
    pub(super) fn open(
        writer: Option<&Writer>,
        files: &Files,
        fill: Fill<'_>,
    ) -> Result<Self, String> {
        match writer {
            None | Some(Writer::Stderr {}) => Ok(Self::Stderr),
            Some(Writer::Stdout {}) => Ok(Self::Stdout),
            Some(Writer::Discard {}) => Ok(Self::Nowhere),
            Some(Writer::File(writer)) => Self::file(writer, files, fill),
            Some(Writer::Net(net)) => NetSink::open(net).map(Self::Net),
        }
    }

    fn file(writer: &FileWriter, known: &Files, fill: Fill<'_>) -> Result<Self, String> {
        let path = globals(&writer.filename, fill);
        let keeping = keeping::read(writer)?;
        let opened = known.open(Path::new(&path), &keeping);
        Ok(Self::File {
            file: opened.map_err(|error| format!("{path}: {error}"))?,
            keeping,
        })
    }

    pub(super) fn write(&self, line: &str) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().write_all(line.as_bytes()),
            Self::Stderr => io::stderr().write_all(line.as_bytes()),
            Self::Nowhere => Ok(()),
            Self::File { file, .. } => file.lock().write(line),
            Self::Net(net) => net.write(line),
        }
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::Stderr | Self::Nowhere | Self::Net(_) => Ok(()),
            Self::File { file, .. } => file.lock().flush(),
        }
    }

    /// The form of entries: what the config says, else JSON, or columns on a terminal.
    pub(super) fn encoding(
        &self,
        log: &Log,
        colour: bool,
        fill: Fill<'_>,
    ) -> Result<Encoding, String> {
        let terminal = match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            Self::Nowhere | Self::File { .. } | Self::Net(_) => false,
        };
        let usual = if terminal {
            Encoding::console(colour)
        } else {
            Encoding::json()
        };
        Encoding::read(log.encoder.as_ref(), &usual, colour && terminal, fill)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use caddis_ir::Writer;

    use super::{Files, Sink};
    use crate::environment::Variables;

    #[test]
    fn placeholders_in_the_name_of_a_file_are_filled() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("{env.NAME}.log");
        let json = serde_json::json!({"output": "file", "filename": name}).to_string();
        let writer: Writer = serde_json::from_str(&json).unwrap();
        let variables: Variables = Arc::new(|name| (name == "NAME").then(|| "a".to_owned()));
        let sink = Sink::open(Some(&writer), &Files::default(), &variables).unwrap();
        assert!(folder.path().join("a.log").exists());
        drop(sink);
    }
}
