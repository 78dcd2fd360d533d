//! What was there before: findings that are known, and not said again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::linted::Linted;

const VERSION: u32 = 1;

/// Known findings, by fingerprint, with how often each was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: BTreeMap<String, Known>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    code: String,
    message: String,
    count: usize,
}

impl Baseline {
    /// All that is found now.
    pub fn of(all: &[Linted]) -> Self {
        let mut findings: BTreeMap<String, Known> = BTreeMap::new();
        for linted in all {
            for finding in linted.active() {
                let known = findings
                    .entry(linted.fingerprint(finding))
                    .or_insert_with(|| Known {
                        code: finding.code().into(),
                        message: finding.diagnostic.message().into(),
                        count: 0,
                    });
                known.count += 1;
            }
        }
        Self {
            version: VERSION,
            findings,
        }
    }

    /// Reads a file that was written before.
    pub fn read(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.version == VERSION {
            Ok(baseline)
        } else {
            Err(format!("version {} is not known", baseline.version))
        }
    }

    /// As a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Marks what is known, each as often as it was there.
    pub fn apply(&self, all: &mut [Linted]) {
        let mut left: BTreeMap<&str, usize> = self
            .findings
            .iter()
            .map(|(print, known)| (print.as_str(), known.count))
            .collect();
        for linted in all {
            for at in 0..linted.findings.len() {
                let print = linted.fingerprint(&linted.findings[at]);
                let finding = &mut linted.findings[at];
                if let Some(count) = left
                    .get_mut(print.as_str())
                    .filter(|count| **count > 0 && finding.is_active())
                {
                    *count -= 1;
                    finding.suppressed = Some("known from the baseline".into());
                }
            }
        }
    }
}
