//! `dns exec`: a program changes the records.
//!
//! It is run as `PROGRAM ARGUMENTS… present NAME VALUE` to put a TXT record into its zone, and as
//! `PROGRAM ARGUMENTS… cleanup NAME VALUE` to take that one out again; the same as the `exec` provider of lego has
//! it. NAME is the full name of the record with a dot at its end, VALUE is its text without quotes. The variable
//! `CADDIS_DNS_TTL` holds the lifetime of the record in seconds. There may be two records of one name at a time.
//! Status 0 means that it is done; else the end of what it wrote to its standard error is in the log. It has a
//! minute, and is ended if it takes longer.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::provider::{Changing, Provide, Record};
use crate::tls::issue::Fault;

/// How long the program may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The most of what it wrote that is shown.
const SHOWN: usize = 300;

/// Has a program change the records.
#[derive(Debug)]
pub(super) struct Exec {
    program: String,
    arguments: Vec<String>,
}

impl Exec {
    pub(super) fn new(command: &[String]) -> Result<Self, Fault> {
        let (program, arguments) = (command.split_first())
            .filter(|(program, _)| !program.is_empty())
            .ok_or("`dns exec` needs the name of a program")?;
        Ok(Self {
            program: program.clone(),
            arguments: arguments.to_vec(),
        })
    }

    async fn run(&self, what: &str, record: &Record) -> Result<(), Fault> {
        let program = &self.program;
        let child = Command::new(program)
            .args(&self.arguments)
            .args([what, &record.name, &record.value])
            .env("CADDIS_DNS_TTL", record.ttl.as_secs().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("`{program}` cannot be run: {error}"))?;
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let ended = ended.map_err(|_| format!("`{program} {what}` took over a minute"))?;
        let ended = ended.map_err(|error| format!("`{program} {what}`: {error}"))?;
        if ended.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let said = said.trim();
        let begin = said.char_indices().rev().nth(SHOWN).map_or(0, |(at, _)| at);
        let said = said.get(begin..).unwrap_or_default();
        Err(format!(
            "`{program} {what}` failed ({}): {said}",
            ended.status
        ))
    }
}

impl Provide for Exec {
    fn add<'a>(&'a self, record: &'a Record) -> Changing<'a> {
        Box::pin(self.run("present", record))
    }

    fn remove<'a>(&'a self, record: &'a Record) -> Changing<'a> {
        Box::pin(self.run("cleanup", record))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exec, Provide, Record};

    fn record() -> Record {
        Record {
            name: "_acme-challenge.a.test.".into(),
            value: "-x y".into(),
            ttl: Duration::from_mins(1),
        }
    }

    fn shell(script: &str) -> Exec {
        Exec::new(&["sh", "-c", script, "name"].map(str::to_owned)).unwrap()
    }

    #[tokio::test]
    async fn a_program_is_told_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("said");
        let script = format!("echo \"$#|$1|$2|$3|$CADDIS_DNS_TTL\" >> {}", file.display());
        let exec = shell(&script);
        exec.add(&record()).await.unwrap();
        exec.remove(&record()).await.unwrap();
        let said = std::fs::read_to_string(file).unwrap();
        let line = |what| format!("3|{what}|_acme-challenge.a.test.|-x y|60\n");
        assert_eq!(said, line("present") + &line("cleanup"));
    }

    #[tokio::test]
    async fn a_program_that_fails_is_quoted() {
        let error = shell("echo no zone >&2; exit 3")
            .add(&record())
            .await
            .unwrap_err();
        assert_eq!(error, "`sh present` failed (exit status: 3): no zone");
        let missing = Exec::new(&["/nonexistent/dns".into()]).unwrap();
        let error = missing.add(&record()).await.unwrap_err();
        assert!(
            error.starts_with("`/nonexistent/dns` cannot be run: "),
            "{error}"
        );
        assert!(Exec::new(&[]).is_err());
    }
}
