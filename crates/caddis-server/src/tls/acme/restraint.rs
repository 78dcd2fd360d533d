//! Restraint that outlives the process: a server that is started again and again does not try again and again.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tracing::warn;

use super::certificate_authority::CertificateAuthority;
use crate::tls::storage::safe;
use crate::tls::validations::{Validation, Validations};
use crate::tls::{Storage, kept};

/// The validations of one name by one server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restraint<'a> {
    pub(super) validations: &'a Arc<Validations>,
    pub(super) storage: &'a Storage,
    pub(super) ca: &'a CertificateAuthority,
    pub(super) name: &'a str,
}

impl Restraint<'_> {
    /// Begins a validation, unless too many have failed; then says how long to wait.
    pub(super) fn begin(self) -> Result<Validation, Duration> {
        let Self {
            validations,
            ca,
            name,
            ..
        } = self;
        validations.recall(&ca.directory, name, || self.kept());
        let begun = validations.begin(&ca.directory, name)?;
        // It is kept before the server looks: who is ended meanwhile cannot keep it any more.
        self.keep();
        Ok(begun)
    }

    /// A validation did not fail.
    pub(super) fn passed(self, validation: Validation) {
        validation.passed();
        self.keep();
    }

    /// What to do if it is known that the next validation will pass.
    pub(super) fn way_out(self) -> String {
        let file = self.storage.path(&self.place());
        format!(
            "if what was wrong is put right, stop the server, remove `{}`, and start it to try at once",
            file.display()
        )
    }

    /// How long ago those began that are kept.
    fn kept(self) -> Vec<Duration> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let text = self.storage.read(&self.place()).ok().flatten();
        let times: Option<Vec<i64>> = text.and_then(|text| serde_json::from_str(&text).ok());
        let ages = times.unwrap_or_default().into_iter();
        // What is to come is of a clock that was wrong.
        ages.filter_map(|time| u64::try_from(now.checked_sub(time)?).ok())
            .map(Duration::from_secs)
            .collect()
    }

    fn keep(self) {
        let now = OffsetDateTime::now_utc();
        let ages = self.validations.ages(&self.ca.directory, self.name);
        let times = ages.into_iter().map(|age| (now - age).unix_timestamp());
        let times: Vec<_> = times.collect();
        if times.is_empty() {
            std::fs::remove_file(self.storage.path(&self.place())).ok();
            return;
        }
        let text = kept::text(&times.into());
        let written = text.map(|text| self.storage.write(&self.place(), &text));
        if let Ok(Err(error)) = written {
            warn!(
                target: "tls.issuance.acme", identifier = self.name, %error,
                "failed validations cannot be kept, and another start does not know of them"
            );
        }
    }

    fn place(self) -> String {
        let (ca, name) = (safe(&self.ca.folder), safe(self.name));
        format!("caddis/validations/{ca}/{name}.json")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::Restraint;
    use crate::tls::Storage;
    use crate::tls::acme::certificate_authority::CertificateAuthority;
    use crate::tls::validations::Validations;

    /// Does something in a process of its own with the same storage.
    fn started<T>(storage: &Storage, ca: &str, act: impl Fn(Restraint<'_>) -> T) -> T {
        act(Restraint {
            validations: &Arc::new(Validations::default()),
            storage,
            ca: &CertificateAuthority::new(ca),
            name: "a.test",
        })
    }

    #[test]
    fn three_may_fail_in_an_hour_however_often_the_server_is_started() {
        let folder = tempfile::tempdir().unwrap();
        let storage = &Storage::of(&caddis_ir::Config::default(), folder.path());
        let fails = |ca| started(storage, ca, |restraint| restraint.begin().map(drop));
        for _ in 0..3 {
            assert_eq!(fails("https://one.test/dir"), Ok(()));
        }
        let wait = fails("https://one.test/dir").unwrap_err();
        assert!((3_500..=3_600).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(fails("https://other.test/dir"), Ok(()));
    }

    #[test]
    fn what_passes_and_what_is_long_ago_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let storage = &Storage::of(&caddis_ir::Config::default(), folder.path());
        let passes = |restraint: Restraint<'_>| restraint.passed(restraint.begin().unwrap());
        for _ in 0..5 {
            started(storage, "", passes);
        }
        let old = OffsetDateTime::now_utc().unix_timestamp() - 3_601;
        started(storage, "", |restraint| {
            let text = format!("[{old}, {old}, {old}, {}]", old + 9_999);
            storage.write(&restraint.place(), &text).unwrap();
        });
        assert!(started(storage, "", |restraint| restraint.begin().is_ok()));
    }
}
