//! What the processes of a server have used, as `/proc` tells it.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use crate::Failure;

/// The CPU time of a server so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    /// In nanoseconds, of each thread that still runs.
    threads: HashMap<u32, u64>,
    /// In ticks, of all threads that ever ran.
    ticks: u64,
}

/// How much a tick-wise clock may be off: one tick for each of user and system time, twice.
const BLUR: u64 = 4;

impl Used {
    /// A process and all that it started, in user and system mode.
    pub(crate) fn by(root: u32) -> Result<Self, Failure> {
        let mut used = Self::default();
        for process in family(root)? {
            used.ticks += process.ticks;
            let threads = fs::read_dir(format!("/proc/{}/task", process.id));
            for thread in threads.into_iter().flatten().flatten() {
                let id = thread.file_name().to_str().and_then(|id| id.parse().ok());
                let stat = fs::read_to_string(thread.path().join("schedstat"));
                if let (Some(id), Ok(stat)) = (id, stat) {
                    used.threads.insert(id, first_number(&stat).unwrap_or(0));
                }
            }
        }
        Ok(used)
    }

    /// What was used since then. What threads used that have ended meanwhile is known in ticks only.
    pub(crate) fn since(&self, before: &Self) -> Duration {
        let of_thread = |(id, now): (&u32, &u64)| {
            now.saturating_sub(before.threads.get(id).copied().unwrap_or(0))
        };
        let fine = Duration::from_nanos(self.threads.iter().map(of_thread).sum());
        let per_second = rustix::param::clock_ticks_per_second();
        let time = |ticks: u64| Duration::from_millis(ticks * 1000 / per_second);
        let ticks = self.ticks.saturating_sub(before.ticks);
        let is_less = fine + time(BLUR) < time(ticks);
        if is_less { time(ticks) } else { fine }
    }
}

/// Their resident memory in MiB. What processes share counts for each of them.
pub(crate) fn resident(root: u32) -> Result<f64, Failure> {
    let mut sum = 0;
    for process in family(root)? {
        let status = fs::read_to_string(format!("/proc/{}/status", process.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        sum += line.and_then(first_number).unwrap_or(0);
    }
    Ok(f64::from(u32::try_from(sum)?) / 1024.0)
}

/// A process and all that it started.
pub(crate) fn ids(root: u32) -> Result<Vec<u32>, Failure> {
    Ok(family(root)?.iter().map(|process| process.id).collect())
}

/// How many processes have been running or waiting for a core in the last minute.
pub(crate) fn load_of_the_machine() -> Result<String, Failure> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or_default().to_owned())
}

/// The CPU time of this process's children that have ended, in ticks of user and system time.
pub(crate) fn of_ended_children() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    // Counted after the name: cutime is 13, cstime 14.
    let ticks = fields.split(' ').skip(13).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / per_second))
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
        return Err("it has ended while it was measured".into());
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

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn used(threads: &[(u32, u64)], ticks: u64) -> Used {
        Used {
            threads: threads.iter().copied().collect(),
            ticks,
        }
    }

    #[test]
    fn a_thread_that_is_new_counts_from_its_start() {
        let before = used(&[(1, 1_000_000)], 0);
        let after = used(&[(1, 3_000_000), (2, 500_000)], 1);
        assert_eq!(after.since(&before), Duration::from_micros(2500));
    }

    #[test]
    fn what_ended_threads_have_used_is_not_lost() {
        let before = used(&[(1, 0), (2, 0)], 0);
        let after = used(&[(1, 1_000_000)], 100);
        assert_eq!(after.since(&before), Duration::from_secs(1));
    }

    #[test]
    fn this_process_uses_memory() {
        assert!(resident(std::process::id()).unwrap() > 0.0);
    }
}
