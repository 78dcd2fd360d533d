//! Which spans are written down: `OTEL_TRACES_SAMPLER`.

use super::ids::TraceId;

/// 2^63, above all that the chance of a trace can be.
const ALL: f64 = 9_223_372_036_854_775_808.0;

/// Decides whether a span is written down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// What the parent says counts more.
    asks_parent: bool,
    /// The part of traces that is.
    ratio: f64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            asks_parent: true,
            ratio: 1.0,
        }
    }
}

impl Sampler {
    /// The one that is called so, with its argument.
    pub(super) fn named(name: &str, argument: Option<&str>) -> Option<Self> {
        let (asks_parent, kind) = match name.strip_prefix("parentbased_") {
            Some(kind) => (true, kind),
            None => (false, name),
        };
        let ratio = match (kind, argument) {
            ("always_on", _) | ("traceidratio", None) => 1.0,
            ("always_off", _) => 0.0,
            ("traceidratio", Some(text)) => {
                let ratio: f64 = text.trim().parse().ok()?;
                (0.0..=1.0).contains(&ratio).then_some(ratio)?
            }
            _ => return None,
        };
        Some(Self { asks_parent, ratio })
    }

    /// Whether a span of a trace is written down; `parent` says whether that of its parent is.
    pub(crate) fn takes(self, trace: TraceId, parent: Option<bool>) -> bool {
        if let Some(parent) = parent.filter(|_| self.asks_parent) {
            return parent;
        }
        #[expect(clippy::cast_precision_loss, reason = "a chance need not be exact")]
        let chance = trace.chance() as f64;
        self.ratio >= 1.0 || chance < self.ratio * ALL
    }
}

#[cfg(test)]
mod tests {
    use super::Sampler;
    use crate::spans::TraceId;

    #[test]
    fn a_sampler_takes_what_its_name_says() {
        let takes = |name, argument, parent| {
            let sampler = Sampler::named(name, argument).unwrap();
            sampler.takes(TraceId::random(), parent)
        };
        assert!(takes("always_on", None, Some(false)));
        assert!(!takes("always_off", None, Some(true)));
        assert!(!takes("parentbased_always_on", None, Some(false)));
        assert!(takes("parentbased_always_off", None, Some(true)));
        assert!(!takes("parentbased_always_off", None, None));
        assert!(!takes("traceidratio", Some("0"), Some(true)));
        assert!(takes("parentbased_traceidratio", Some("1"), None));
        for (name, argument) in [
            ("x", None),
            ("traceidratio", Some("2")),
            ("traceidratio", Some("y")),
        ] {
            assert_eq!(Sampler::named(name, argument), None);
        }
    }

    #[test]
    fn a_ratio_is_a_part_of_all_traces() {
        let sampler = Sampler::named("traceidratio", Some("0.25")).unwrap();
        let taken = (0..4000).filter(|_| sampler.takes(TraceId::random(), None));
        assert!((800..1200).contains(&taken.count()));
    }
}
