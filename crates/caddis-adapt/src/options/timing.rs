//! Times of the server as a whole: `grace_period`, `shutdown_delay`.

use super::GlobalOption;
use crate::read;

pub(super) const GRACE_PERIOD: GlobalOption = GlobalOption {
    name: "grace_period",
    summary: "How long open connections may go on when the server stops or reloads.",
    syntax: "grace_period <duration>",
    subdirectives: &[],
    examples: &["grace_period 10s"],
    read: |args, options, _| {
        let duration = read::duration(args.required("a duration")?)?;
        options.grace_period = Some(duration).filter(|duration| duration.0 != 0);
        Ok(())
    },
};

pub(super) const SHUTDOWN_DELAY: GlobalOption = GlobalOption {
    name: "shutdown_delay",
    summary: "How long the server goes on before it begins to stop, so that others can notice.",
    syntax: "shutdown_delay <duration>",
    subdirectives: &[],
    examples: &["shutdown_delay 5s"],
    read: |args, options, _| {
        let duration = read::duration(args.required("a duration")?)?;
        options.shutdown_delay = Some(duration).filter(|duration| duration.0 != 0);
        Ok(())
    },
};
