//! Reads a file of cases.

use std::path::Path;

use super::bytes;
use super::case::{Asked, BREAKING, Case, Claim, FIRST_UPSTREAM, Suite, Then};

impl Suite {
    /// Reads a file; what is wrong is told with its line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut suite = Self::default();
        for (number, line) in text.lines().enumerate() {
            suite
                .line(line)
                .map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))?;
        }
        suite.check()?;
        Ok(suite)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(config) = line.strip_prefix("config ") {
            config.clone_into(&mut self.config);
            return Ok(());
        }
        if let Some(title) = line.strip_prefix("=== ") {
            self.cases.push(titled(title)?);
            return Ok(());
        }
        let case = self
            .cases
            .last_mut()
            .ok_or("a line before the first case")?;
        case.line(line)
    }

    /// Every case says what it sends and what must come of it, under a title of its own.
    fn check(&self) -> Result<(), String> {
        if self.config.is_empty() {
            return Err("no `config`".into());
        }
        for (at, case) in self.cases.iter().enumerate() {
            let title = &case.title;
            if self
                .cases
                .iter()
                .take(at)
                .any(|other| other.title == *title)
            {
                return Err(format!("two cases `{title}`"));
            }
            if case.packets.is_empty() || !case.is_answered || !case.is_judged {
                return Err(format!("`{title}` lacks a `>`, a `<` or a `^`"));
            }
            let sent = bytes::show(&case.packets.concat());
            if case.expected.may_break_off != sent.contains(BREAKING) {
                return Err(format!("`{title}`: `nothing whole` is for{BREAKING}"));
            }
        }
        Ok(())
    }
}

fn titled(title: &str) -> Result<Case, String> {
    let (title, option) = title.split_once(" | ").unwrap_or((title, ""));
    let then = match option {
        "" => Then::Probes,
        "ends" => Then::Ends,
        "waits" => Then::Waits,
        other => return Err(format!("`{other}` is no option")),
    };
    Ok(Case {
        title: title.to_owned(),
        then,
        ..Case::default()
    })
}

impl Case {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let text = line.get(1..).unwrap_or_default();
        let text = text.strip_prefix(' ').unwrap_or(text);
        match line.as_bytes().first() {
            Some(b'>') => {
                let bytes = sent(text)?;
                match self.packets.last_mut() {
                    Some(packet) => packet.extend(bytes),
                    None => self.packets.push(bytes),
                }
                Ok(())
            }
            Some(b'~') => {
                self.packets.push(Vec::new());
                match text {
                    "" => Ok(()),
                    "answer" => {
                        self.after_an_answer.push(self.packets.len() - 1);
                        Ok(())
                    }
                    other => Err(format!("`~ {other}`?")),
                }
            }
            Some(b'|') => {
                self.answer.extend(sent(text)?);
                Ok(())
            }
            Some(b'<') => self.heard(text),
            Some(b'^') => self.asked(text),
            _ => Err(format!("`{line}` is nothing of a case")),
        }
    }

    fn heard(&mut self, text: &str) -> Result<(), String> {
        let Some(claim) = text.strip_prefix("  ") else {
            self.is_answered = true;
            for word in text.split(' ') {
                match word {
                    "stays" | "none" => {}
                    "closes" => self.expected.closes = true,
                    status => {
                        let status = status.parse().map_err(|_| format!("`{status}`?"))?;
                        self.expected.statuses.push(status);
                    }
                }
            }
            return Ok(());
        };
        let claim = if let Some(body) = claim.strip_prefix("= ") {
            Claim::Body(body.to_owned())
        } else if let Some(name) = claim.strip_prefix("no ") {
            Claim::NoField(name.to_owned())
        } else {
            let (name, value) = claim.split_once(": ").ok_or("no field")?;
            Claim::Field(name.to_owned(), value.to_owned())
        };
        self.expected.claims.push(claim);
        Ok(())
    }

    fn asked(&mut self, text: &str) -> Result<(), String> {
        self.is_judged = true;
        match text {
            "nothing" => return Ok(()),
            "nothing whole" => {
                self.expected.may_break_off = true;
                return Ok(());
            }
            _ => {}
        }
        let Some(detail) = text.strip_prefix("  ") else {
            let (port, line) = match text.strip_prefix(':').and_then(|rest| rest.split_once(' ')) {
                Some((port, line)) => (port.parse().map_err(|_| "no port")?, line),
                None => (FIRST_UPSTREAM, text),
            };
            self.expected.requests.push(Asked {
                port,
                line: as_shown(line)?,
                ..Asked::default()
            });
            return Ok(());
        };
        let request = self.expected.requests.last_mut();
        let request = request.ok_or("a field before its request")?;
        if let Some(length) = detail.strip_prefix('(') {
            let length = length.strip_suffix(" bytes)").ok_or("no length")?;
            request.body = length.parse().map_err(|_| "no length")?;
        } else {
            let (name, value) = detail.split_once(':').ok_or("no field")?;
            let value = value.strip_prefix(' ').unwrap_or(value);
            request.fields.push((as_shown(name)?, as_shown(value)?));
        }
        Ok(())
    }
}

/// A text in the form that an upstream's record has.
fn as_shown(text: &str) -> Result<String, String> {
    bytes::read(text).map(|bytes| bytes::show(&bytes))
}

/// The bytes of a line, with its end if it has one.
fn sent(text: &str) -> Result<Vec<u8>, String> {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return bytes::read(text.get(..text.len() - 1).unwrap_or_default());
    }
    let mut line = bytes::read(text)?;
    line.extend_from_slice(b"\r\n");
    Ok(line)
}
