//! What the processes of a server have used, as `/proc` tells it.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use crate::Failure;

/// A process and all that it started: CPU time in user and system mode so far.
pub(crate) fn cpu(root: u32) -> Result<Duration, Failure> {
    let ticks: u64 = family(root)?.iter().map(|process| process.ticks).sum();
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / per_second))
}

/// Their resident memory in KiB. What processes share counts for each of them.
pub(crate) fn resident(root: u32) -> Result<u64, Failure> {
    let mut sum = 0;
    for process in family(root)? {
        let status = fs::read_to_string(format!("/proc/{}/status", process.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        sum += number.map_or(Ok(0), str::parse::<u64>)?;
    }
    Ok(sum)
}

/// How many processes have been running or waiting for a core in the last minute.
pub(crate) fn load_of_the_machine() -> Result<String, Failure> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or_default().to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    ticks: u64,
}

fn family(root: u32) -> Result<Vec<Process>, Failure> {
    let mut all = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process that has ended meanwhile is none of ours.
        if let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) {
            all.extend(process(id, &stat).map(|process| (id, process)));
        }
    }
    if !all.contains_key(&root) {
        return Err("a server has ended while it was measured".into());
    }
    let is_ours = |process: &&Process| {
        let mut at = Some(*process);
        while let Some(process) = at {
            if process.id == root {
                return true;
            }
            at = all.get(&process.parent);
        }
        false
    };
    Ok(all.values().filter(is_ours).copied().collect())
}

/// Reads `/proc/ID/stat`; the name in it may hold spaces and parentheses.
fn process(id: u32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // Counted after the name: state is 0, the parent 1, utime 11, stime 12.
    let user: u64 = fields.get(11)?.parse().ok()?;
    let system: u64 = fields.get(12)?.parse().ok()?;
    Some(Process {
        id,
        parent: fields.get(1)?.parse().ok()?,
        ticks: user + system,
    })
}

#[cfg(test)]
mod tests {
    use super::{Process, process};

    #[test]
    fn the_times_of_a_process_with_an_odd_name_are_found() {
        let stat = "7 (a) b) S 5 7 7 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 1 0 100 1 1";
        let found = Process {
            id: 7,
            parent: 5,
            ticks: 42,
        };
        assert_eq!(process(7, stat), Some(found));
    }
}
