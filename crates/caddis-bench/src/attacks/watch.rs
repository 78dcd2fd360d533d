//! How much memory and how many descriptors a process has, as `/proc` tells it.

use std::fs;

use super::command::Trouble;

/// A look at a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Resident memory, in KiB.
    pub(super) memory: u64,
    pub(super) descriptors: usize,
}

impl Look {
    /// What a process has now.
    pub(super) fn at(process: u32) -> Result<Self, Trouble> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(Self {
            memory: number.ok_or("the process has ended")?.parse()?,
            descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count(),
        })
    }

    /// The larger of each.
    pub(super) fn most(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            descriptors: self.descriptors.max(other.descriptors),
        }
    }

    /// In MiB, for a table.
    pub(super) fn mebibytes(self) -> u64 {
        self.memory.div_ceil(1024)
    }
}
