//! What is printed, where and how: results on standard output, findings and notes on standard error.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use caddis_source::render::{self, Style};
use caddis_source::{Diagnostic, Sources};

use crate::cli::Form;
use crate::name::Name;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome(pub(crate) u8);

impl Outcome {
    /// Everything that was asked for was done.
    pub(crate) const SUCCESS: Self = Self(0);
    /// It was not: a wrong command line, a config that cannot be used.
    pub(crate) const FAILURE: Self = Self(1);
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.0)
    }
}

/// Why a command did not do what was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that is not about the text of a config.
    Message {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A config that cannot be used.
    Findings(Vec<Diagnostic>, Sources),
    /// A command line that cannot be understood, and the exit code for it.
    Usage(String, Outcome),
    /// Help was asked for, which is no failure.
    Help(String),
}

impl Failure {
    /// Something that is not about the text of a config.
    pub(crate) fn message(message: impl Into<String>) -> Self {
        Self::Message {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Message { message, .. } => Self::Message {
                message,
                help: Some(text.into()),
            },
            Self::Findings(..) | Self::Usage(..) | Self::Help(_) => self,
        }
    }

    /// All of it in one text, for a log.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Message {
                message,
                help: None,
            } => message.clone(),
            Self::Message {
                message,
                help: Some(help),
            } => format!("{message} ({help})"),
            Self::Findings(findings, sources) => {
                render::concise(findings, sources).trim_end().into()
            }
            Self::Usage(text, _) | Self::Help(text) => text.clone(),
        }
    }
}

/// The streams of the process, and how findings are printed on them.
#[derive(Debug)]
pub(crate) struct Io {
    /// How findings are printed.
    pub(crate) form: Form,
    /// What the program is called.
    pub(crate) name: Name,
    terminal: bool,
    wants_colour: bool,
    style: Style,
}

impl Io {
    /// The process's own streams; colours are for terminals that want them.
    pub(crate) fn new(form: Form, name: Name) -> Self {
        let terminal = io::stderr().is_terminal();
        let said_no = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb =
            std::env::var_os("TERM").is_some_and(|term| term == "dumb" || term == "xterm-mono");
        let wants_colour = !said_no && !dumb;
        let style = if terminal && wants_colour {
            Style::Colour
        } else {
            Style::Plain
        };
        Self {
            form,
            name,
            terminal,
            wants_colour,
            style,
        }
    }

    /// How findings are drawn that are themselves the result: in colours if that goes to a terminal.
    pub(crate) fn style_of_results(&self) -> Style {
        if io::stdout().is_terminal() && self.wants_colour {
            Style::Colour
        } else {
            Style::Plain
        }
    }

    /// Prints a result.
    #[expect(clippy::unused_self, reason = "what is printed goes through this type")]
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| Failure::message(format!("writing to standard output: {error}")))
    }

    /// Prints something for the person at the terminal; nobody is left to tell if it cannot be printed.
    #[expect(clippy::unused_self, reason = "what is printed goes through this type")]
    pub(crate) fn say(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    /// Notes something that happened: a JSON line as in a server's log, or plain words on a terminal.
    pub(crate) fn note(&self, message: &str, fields: &[(&str, &str)]) {
        self.note_as("info", message, fields);
    }

    /// Notes something that may not be what was meant.
    pub(crate) fn warn(&self, message: &str, fields: &[(&str, &str)]) {
        self.note_as("warn", message, fields);
    }

    fn note_as(&self, level: &str, message: &str, fields: &[(&str, &str)]) {
        let mut line = String::new();
        if self.terminal {
            line.push_str(message);
            for (name, value) in fields {
                let _ = write!(line, " {name}={value}");
            }
        } else {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let _ = write!(
                line,
                r#"{{"level":"{level}","ts":{:.7},"msg":{}"#,
                now.as_secs_f64(),
                quoted(message)
            );
            for (name, value) in fields {
                let _ = write!(line, ",{}:{}", quoted(name), quoted(value));
            }
            line.push('}');
        }
        line.push('\n');
        self.say(&line);
    }

    /// Prints findings in the form that was asked for.
    pub(crate) fn findings(&self, findings: &[Diagnostic], sources: &Sources) {
        if findings.is_empty() {
            return;
        }
        self.say(&match self.form {
            Form::Full => render::full(findings, sources, self.style),
            Form::Concise => render::concise(findings, sources),
            Form::Json => render::json(findings, sources),
            Form::Github => render::github(findings, sources),
        });
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) -> Outcome {
        match failure {
            Failure::Message { message, help } => {
                let help = help.as_ref().map(|help| format!("  help: {help}\n"));
                self.say(&format!("Error: {message}\n{}", help.unwrap_or_default()));
                Outcome::FAILURE
            }
            Failure::Findings(findings, sources) => {
                self.findings(findings, sources);
                Outcome::FAILURE
            }
            Failure::Usage(text, outcome) => {
                self.say(&format!("Error: {text}\n"));
                *outcome
            }
            Failure::Help(text) => match self.print(text) {
                Ok(()) => Outcome::SUCCESS,
                Err(failure) => self.fail(&failure),
            },
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
