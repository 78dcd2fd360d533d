//! `metrics`: what is counted of requests.

use caddis_ir::Metrics;

use super::{GlobalOption, Options};
use crate::scope::State;
use crate::{Args, Result, run_on};

const OPTIONS: &[&str] = &["observe_catchall_hosts", "otlp", "per_host"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("observe_catchall_hosts", 0), ("otlp", 0), ("per_host", 0)];

pub(super) const METRICS: GlobalOption = GlobalOption {
    name: "metrics",
    summary: "Count requests, for `metrics` to answer with.",
    syntax: "metrics { per_host  observe_catchall_hosts  otlp }",
    subdirectives: OPTIONS,
    examples: &["metrics", "metrics {\n\tper_host\n}"],
    read: metrics,
};

fn metrics(args: &mut Args<'_>, options: &mut Options, _: &mut State) -> Result<()> {
    // Of several, Caddy takes the last; and behind an argument it looks at no block.
    options.metrics = Some(if args.left() == 0 {
        read(args)?
    } else {
        Metrics::default()
    });
    Ok(())
}

fn read(args: &mut Args<'_>) -> Result<Metrics> {
    let mut metrics = Metrics::default();
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        let flag = match line.name().text() {
            "per_host" => &mut metrics.per_host,
            "observe_catchall_hosts" => &mut metrics.observe_catchall_hosts,
            "otlp" => &mut metrics.otlp,
            _ => return Err(args.unknown(line.name(), OPTIONS)),
        };
        *flag = true;
        Args::new(line, "").finish()?;
    }
    Ok(metrics)
}
