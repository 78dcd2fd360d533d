//! What can be measured of a server, and what was.

use std::collections::BTreeMap;

/// A figure of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// CPU time of all its processes for each unit of work, in microseconds.
    Cpu,
    /// Units of work in a second.
    Rate,
    /// What half of the samples took at most, in microseconds.
    P50,
    /// What 99 of 100 samples took at most, in microseconds.
    P99,
    /// From a request until the first token of its answer, the median in microseconds.
    FirstToken,
    /// By how much later tokens come than straight from the backend: the difference of the 99th percentiles, in
    /// microseconds.
    AddedP99,
    /// Resident memory of all processes at the end, in MiB.
    Memory,
    /// The same before the first client came.
    IdleMemory,
    /// With 1000 idle connections.
    Memory1000,
    /// What each of the first 1000 connections took of it, in KiB.
    PerConnection1000,
    /// With 10 000 idle connections.
    Memory10000,
    /// What each of 10 000 connections took of it, in KiB.
    PerConnection10000,
    /// A time on the clock, in milliseconds.
    Clock,
    /// CPU time of the whole program, in milliseconds.
    WholeCpu,
}

/// What was measured of one server in one turn.
pub(crate) type Figures = BTreeMap<Measure, f64>;

impl Measure {
    /// What the table says behind the title of the job.
    pub(crate) fn title(self, unit: &str) -> String {
        match self {
            Self::Cpu => format!("CPU µs per {unit}"),
            Self::Rate => format!("{unit}s per second"),
            Self::P50 => "p50, µs".to_owned(),
            Self::P99 if unit == "token" => "p99 delay of a token, µs".to_owned(),
            Self::P99 => "p99, µs".to_owned(),
            Self::FirstToken => "time to the first token, p50, µs".to_owned(),
            Self::AddedP99 => "p99 delay of a token that the proxy adds, µs".to_owned(),
            Self::Memory => "memory, MiB".to_owned(),
            Self::IdleMemory => "memory after the start, MiB".to_owned(),
            Self::Memory1000 => "1000 of them, MiB".to_owned(),
            Self::PerConnection1000 => "each of 1000, KiB".to_owned(),
            Self::Memory10000 => "10 000 of them, MiB".to_owned(),
            Self::PerConnection10000 => "each of 10 000, KiB".to_owned(),
            Self::Clock => "ms".to_owned(),
            Self::WholeCpu => "CPU ms".to_owned(),
        }
    }
}
