//! What the system says of this process: its time, memory and open files.

use std::fs;

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge};

/// What could be read; a system without `/proc` has nothing to say.
pub(super) fn collect() -> Vec<MetricFamily> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let mut families = Stat::read(&stat).map_or_else(Vec::new, |stat| of_stat(&stat));
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    families.extend(gauge(
        "process_open_fds",
        "Number of open file descriptors.",
        open_files(),
    ));
    families.extend(gauge(
        "process_max_fds",
        "Maximum number of open file descriptors.",
        limit(&limits, "Max open files"),
    ));
    families.extend(gauge(
        "process_virtual_memory_max_bytes",
        "Maximum amount of virtual memory available in bytes.",
        limit(&limits, "Max address space"),
    ));
    families
}

fn of_stat(stat: &Stat) -> Vec<MetricFamily> {
    let name = "process_cpu_seconds_total";
    let help = "Total user and system CPU time spent in seconds.";
    let cpu = Counter::new(name, help).expect("a good name");
    cpu.inc_by(stat.cpu);
    let mut families = cpu.collect();
    families.extend(gauge(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        boot_time().map(|boot| boot + stat.started),
    ));
    families.extend(gauge(
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
        Some(stat.virtual_memory),
    ));
    families.extend(gauge(
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        Some(stat.resident_memory),
    ));
    families
}

fn gauge(name: &str, help: &str, value: Option<f64>) -> Vec<MetricFamily> {
    let Some(value) = value else {
        return Vec::new();
    };
    let gauge = Gauge::new(name, help).expect("a good name");
    gauge.set(value);
    gauge.collect()
}

/// What `/proc/self/stat` says, in seconds and bytes.
#[derive(Debug, PartialEq)]
struct Stat {
    cpu: f64,
    /// Since the start of the system.
    started: f64,
    virtual_memory: f64,
    resident_memory: f64,
}

impl Stat {
    fn read(stat: &str) -> Option<Self> {
        // The name of the program may have spaces and parentheses in it.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field = |index: usize| fields.get(index)?.parse::<f64>().ok();
        let tick = 1.0 / ticks_per_second();
        Some(Self {
            cpu: (field(11)? + field(12)?) * tick,
            started: field(19)? * tick,
            virtual_memory: field(20)?,
            resident_memory: field(21)? * page(),
        })
    }
}

fn ticks_per_second() -> f64 {
    let ticks = u32::try_from(rustix::param::clock_ticks_per_second());
    f64::from(ticks.unwrap_or(100))
}

fn page() -> f64 {
    f64::from(u32::try_from(rustix::param::page_size()).unwrap_or(4096))
}

fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}

fn open_files() -> Option<f64> {
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    // The folder itself is open while it is read.
    Some(f64::from(u32::try_from(count.saturating_sub(1)).ok()?))
}

/// The soft limit of a name; what is unlimited is as large as Go's client says.
fn limit(limits: &str, name: &str) -> Option<f64> {
    const UNLIMITED: f64 = 18_446_744_073_709_551_615.0;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    let soft = line.split_ascii_whitespace().next()?;
    match soft {
        "unlimited" => Some(UNLIMITED),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stat, collect, limit, page, ticks_per_second};

    #[test]
    fn fields_are_found_behind_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 8192 3 1844";
        let tick = 1.0 / ticks_per_second();
        let expected = Stat {
            cpu: 300.0 * tick,
            started: 1000.0 * tick,
            virtual_memory: 8192.0,
            resident_memory: 3.0 * page(),
        };
        assert_eq!(Stat::read(stat), Some(expected));
        assert_eq!(Stat::read("7 (a) S 1"), None);
        assert_eq!(Stat::read(""), None);
    }

    #[test]
    fn limits_are_numbers_or_unlimited() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files  1024  4096  files\nMax address space  unlimited  unlimited  bytes\n";
        assert_eq!(limit(limits, "Max open files"), Some(1024.0));
        let unlimited = limit(limits, "Max address space").unwrap();
        assert!(unlimited > 1.8e19, "{unlimited}");
        assert_eq!(limit(limits, "Max nothing"), None);
    }

    #[test]
    fn this_process_has_time_memory_and_files() {
        let families = collect();
        assert_eq!(families.len(), 7);
        for family in families {
            let metric = &family.get_metric()[0];
            let value = metric.get_gauge().get_value() + metric.get_counter().get_value();
            assert!(value >= 0.0, "{}", family.name());
        }
    }
}
