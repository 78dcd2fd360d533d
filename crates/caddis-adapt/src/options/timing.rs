//! `grace_period`: how long open connections may go on when the server stops.

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
