//! A finding about a config: what is wrong, where, and what to write instead.

use std::fmt;

use crate::{Caddys, Fix, Span};

/// A result whose error is a finding about the config.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// What is wrong, as `area/what-is-wrong`; for suppression, links and machine output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The config is refused.
    Error,
    /// The config is read, but probably not as it was meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// A few words on a place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

/// A finding: a thin handle, so that `Result<T, Diagnostic>` stays one word wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    code: Code,
    severity: Severity,
    message: String,
    /// The first one is the primary label, if there is a place at all.
    labels: Vec<Label>,
    help: Vec<String>,
    fix: Option<Fix>,
    caddys: Option<Caddys>,
}

impl Diagnostic {
    /// A finding that refuses the config.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, Some(span), message.into())
    }

    /// A finding that lets the config through.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, Some(span), message.into())
    }

    /// A finding that is worth knowing, and no more.
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, Some(span), message.into())
    }

    /// An error that has no place in a text (a JSON config, a command line).
    pub fn error_without_place(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, None, message.into())
    }

    fn new(severity: Severity, code: Code, span: Option<Span>, message: String) -> Self {
        let labels = span.map(|span| Label {
            span,
            text: String::new(),
        });
        Self(Box::new(Parts {
            code,
            severity,
            message,
            labels: labels.into_iter().collect(),
            help: Vec::new(),
            fix: None,
            caddys: None,
        }))
    }

    /// The same, but the config is let through.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.0.severity = Severity::Warning;
        self
    }

    /// The same, as bad as this.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// The same under another code: a rule of the lint takes over what was found on the way.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.0.code = code;
        self
    }

    /// Says something on the spot itself.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = self.0.labels.first_mut() {
            primary.text = text.into();
        }
        self
    }

    /// Points at another place too.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.0.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to write; several helps are several lines.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help.push(text.into());
        self
    }

    /// Offers an edit that repairs it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.0.fix = Some(fix);
        self
    }

    /// Notes what Caddy says of it.
    #[must_use]
    pub fn caddys(mut self, text: impl Into<String>) -> Self {
        self.0.caddys = Some(Caddys::new(text));
        self
    }

    /// Lets Caddy's words be followed by this line, if there are any.
    #[must_use]
    pub fn caddys_at(mut self, span: Span) -> Self {
        if let Some(caddys) = &mut self.0.caddys {
            caddys.at.push(span);
        }
        self
    }

    /// Lets this line stand before Caddy's words, if there are any.
    #[must_use]
    pub fn caddys_before(mut self, span: Span) -> Self {
        if let Some(caddys) = &mut self.0.caddys {
            caddys.before = Some(span);
        }
        self
    }

    /// What Caddy says of it, where that is known.
    pub fn caddys_words(&self) -> Option<&Caddys> {
        self.0.caddys.as_ref()
    }

    /// Changes what Caddy says of it, if anything.
    pub fn change_caddys(&mut self, change: impl FnOnce(&mut Caddys)) {
        if let Some(caddys) = &mut self.0.caddys {
            change(caddys);
        }
    }

    /// What is wrong, for machines.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// True if the config is refused because of this.
    pub fn is_error(&self) -> bool {
        self.0.severity == Severity::Error
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place that it is about.
    pub fn span(&self) -> Option<Span> {
        self.0.labels.first().map(|label| label.span)
    }

    /// The primary label, then the others.
    pub fn labels(&self) -> &[Label] {
        &self.0.labels
    }

    /// What to write, a line each.
    pub fn helps(&self) -> &[String] {
        &self.0.help
    }

    /// The edit that repairs it.
    pub fn fixes(&self) -> Option<&Fix> {
        self.0.fix.as_ref()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Diagnostic {}
