//! A turn in which a Caddyfile becomes JSON.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::configs::adapted;
use crate::measure::{Figures, Measure};
use crate::processes::of_ended_children;
use crate::programs::{Kind, Program};
use crate::{Failure, statistics};

/// The kernel counts in ticks of ten milliseconds; this much of them says something.
const ENOUGH: Duration = Duration::from_millis(400);
const MOST_RUNS: usize = 20;

/// What `adapt` costs, start and end of the process included; nothing for a program that has no such command.
pub(crate) fn adapt(sites: usize, program: &Program, folder: &Path) -> Result<Figures, Failure> {
    if program.kind != Kind::Caddy {
        return Ok(Figures::new());
    }
    let file = folder.join("adapted");
    std::fs::write(&file, adapted(sites))?;
    let before = of_ended_children()?;
    let (mut runs, mut used) = (0, Duration::ZERO);
    while used < ENOUGH && runs < MOST_RUNS {
        let status = Command::new(&program.file)
            .args(["adapt", "--adapter", "caddyfile", "--config"])
            .arg(&file)
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err("it refuses the file".into());
        }
        runs += 1;
        used = of_ended_children()?.saturating_sub(before);
    }
    let each = used.as_secs_f64() * 1000.0 / statistics::number(runs);
    Ok(Figures::from([(Measure::WholeCpu, each)]))
}
