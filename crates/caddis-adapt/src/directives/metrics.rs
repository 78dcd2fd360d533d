//! `metrics`: answer with the server's metrics.

use caddis_ir::{Handler, MetricsHandler};

use crate::{Args, Directive, Lower, Result, Scope};

const OPTIONS: &[&str] = &["disable_openmetrics"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "metrics",
    old_names: &[],
    summary: "Answer with the server's metrics, for Prometheus.",
    syntax: "metrics [<matcher>] { disable_openmetrics }",
    subdirectives: OPTIONS,
    examples: &["metrics /metrics"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    args.only_a_matcher()?;
    let mut metrics = MetricsHandler::default();
    for line in args.options() {
        if line.name().text() != "disable_openmetrics" {
            return Err(args.unknown(line.name(), OPTIONS));
        }
        Args::new(line, "disable_openmetrics").finish()?;
        metrics.disable_openmetrics = true;
    }
    Ok(Handler::Metrics(metrics))
}
