//! A case: what is sent, and what must come of it.

/// The cases of one file, and the config that they are sent to.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The name of the config beside it.
    pub config: String,
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// One connection, and what must come of it.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What it shows.
    pub title: String,
    /// What is sent, in packets of their own.
    pub(super) packets: Vec<Vec<u8>>,
    /// Which of them are sent when the answer to those before has come.
    pub(super) after_an_answer: Vec<usize>,
    pub(super) then: Then,
    /// What the first upstream answers to the first request.
    pub(super) answer: Vec<u8>,
    pub(super) expected: Expected,
    /// Whether it says what is answered, and what an upstream gets.
    pub(super) is_answered: bool,
    pub(super) is_judged: bool,
}

/// What the client does after its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    /// It sends another request.
    #[default]
    Probes,
    /// It closes its side.
    Ends,
    /// It reads.
    Waits,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) statuses: Vec<u16>,
    pub(super) closes: bool,
    pub(super) claims: Vec<Claim>,
    pub(super) requests: Vec<Asked>,
    /// A request that is not whole may begin to arrive.
    pub(super) may_break_off: bool,
}

/// What must hold of the last answer.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    Field(String, String),
    NoField(String),
    Body(String),
}

/// A request as an upstream got it, in the form of `bytes::show`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) port: u16,
    pub(super) line: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: usize,
    pub(super) is_broken: bool,
}

impl Asked {
    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// The head and the length of the body in one line.
    pub(super) fn told(&self) -> String {
        let broken = if self.is_broken { ", broken off" } else { "" };
        let port = if self.port == FIRST_UPSTREAM {
            String::new()
        } else {
            format!(":{} ", self.port)
        };
        let shown: String = self.line.chars().take(SHOWN).collect();
        format!("{port}`{shown}` ({} bytes{broken})", self.body)
    }
}

/// How much of a request line is shown.
const SHOWN: usize = 120;
/// What an upstream gets that has changed the protocol.
pub(super) const TUNNEL: &str = "tunnel";
/// The path of requests that may break off: they may arrive late.
pub(super) const BREAKING: &str = " /breaks ";
/// The port that stands for the upstream that most cases are about.
pub(super) const FIRST_UPSTREAM: u16 = 9001;
/// What follows the bytes of a case.
pub(super) const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: a.test\r\n\r\n";
