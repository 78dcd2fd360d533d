//! The CPU time of a whole program, as the kernel counts it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The kernel counts in ticks of ten milliseconds; this much of them says something.
const ENOUGH: Duration = Duration::from_millis(400);
const MOST_RUNS: u32 = 40;
const TICK: Duration = Duration::from_millis(10);

/// `caddis` or `caddy`.
pub(crate) struct Program(PathBuf);

impl Program {
    /// The program that a variable names, or the first of these that is there.
    pub(crate) fn find(variable: &str, places: &[PathBuf]) -> Option<Self> {
        let named = std::env::var_os(variable).map(PathBuf::from);
        let there = places.iter().find(|place| place.is_file());
        named.or_else(|| there.cloned()).map(Self)
    }

    /// What adapting a file costs in user and system mode, start and end of the process included.
    pub(crate) fn cpu(&self, file: &Path) -> io::Result<Duration> {
        let before = of_children()?;
        let (mut runs, mut used) = (0, Duration::ZERO);
        while used < ENOUGH && runs < MOST_RUNS {
            let status = Command::new(&self.0)
                .args(["adapt", "--adapter", "caddyfile", "--config"])
                .arg(file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?;
            if !status.success() {
                let message = format!("{} refuses the file", self.0.display());
                return Err(io::Error::other(message));
            }
            runs += 1;
            used = of_children()?.saturating_sub(before);
        }
        Ok(used / runs)
    }
}

/// User and system time of all children that have ended.
fn of_children() -> io::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program may hold blanks, but the last parenthesis ends it; the times are fields 16 and 17.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u32 = ticks.filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}
