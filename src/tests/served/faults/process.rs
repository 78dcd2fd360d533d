//! What a process has, and what it may have.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

/// Sets how much a process may have of something; without a number, as much as it might have had.
pub(super) fn limit(process: u32, of: Resource, most: Option<u64>) {
    let id = i32::try_from(process).expect("process ids are small");
    let id = Pid::from_raw(id).expect("process ids are positive");
    let there = rustix::process::getrlimit(of);
    let wanted = Rlimit {
        current: most.or(there.maximum),
        maximum: there.maximum,
    };
    prlimit(Some(id), of, wanted).expect("the process is ours");
}

/// How many descriptors a process has.
pub(crate) fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd"))
        .expect("the process is there")
        .count()
}

/// How much memory a process has, in bytes.
pub(crate) fn memory(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kibibytes: usize = number
        .and_then(|number| number.parse().ok())
        .expect("it has a number");
    kibibytes << 10
}

/// How long a process has been at work.
pub(super) fn cpu(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process is there");
    let (_, fields) = stat.rsplit_once(") ").expect("it has a name");
    let mut fields = fields.split(' ').skip(11);
    let mut next = || fields.next().and_then(|ticks| ticks.parse::<u64>().ok());
    let ticks = next().zip(next()).map(|(user, system)| user + system);
    let a_second = rustix::param::clock_ticks_per_second();
    Duration::from_millis(ticks.expect("it has times") * 1000 / a_second)
}
