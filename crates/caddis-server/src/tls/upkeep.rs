//! The storage looked after: whether it can be written, and what has expired long ago taken out, as Caddy does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caddis_ir::TlsApp;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::{AbortHandle, spawn_blocking};
use tracing::{error, info, warn};

use super::{Storage, files, kept, ocsp};

/// The time between two cleanings if the config does not say.
const INTERVAL: Duration = Duration::from_hours(24);
/// How long after its end a certificate stays.
const GRACE: time::Duration = time::Duration::days(14);
/// Where it is noted when the storage was cleaned.
const LAST: &str = "last_clean.json";
/// What is written to see whether it can be.
const CHECK: &str = "rw_test";
/// The most folders of certificates that are looked at in one cleaning.
const MOST: usize = 1_000_000;

/// What is done for the storage, as the config wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Upkeep {
    check: bool,
    /// The time between two cleanings; none if `None`.
    clean: Option<Duration>,
}

/// The work, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Looking(AbortHandle);

impl Upkeep {
    pub(super) fn of(tls: Option<&TlsApp>) -> Self {
        let automation = tls.and_then(|tls| tls.automation.as_ref());
        let interval = automation.and_then(|automation| automation.storage_clean_interval);
        let interval = interval.filter(|interval| interval.0 > 0);
        let interval = interval.map_or(INTERVAL, caddis_ir::Duration::to_std);
        Self {
            check: !tls.is_some_and(|tls| tls.disable_storage_check),
            clean: (!tls.is_some_and(|tls| tls.disable_storage_clean)).then_some(interval),
        }
    }

    /// Looks after a storage from now on.
    pub(super) fn begin(self, storage: Storage) -> Looking {
        Looking(tokio::spawn(self.run(storage)).abort_handle())
    }

    async fn run(self, storage: Storage) {
        if self.check {
            let of_check = storage.clone();
            let checked = spawn_blocking(move || check(&of_check)).await;
            if let Ok(Err(error)) = checked {
                error!(target: "tls", %error, "the storage cannot be written: certificates are not kept");
            }
        }
        let Some(interval) = self.clean else {
            return;
        };
        loop {
            tokio::time::sleep(left(&storage, interval)).await;
            let of_cleaning = storage.clone();
            let now = OffsetDateTime::now_utc();
            let cleaned = spawn_blocking(move || clean(&of_cleaning, now)).await;
            if let Ok(Err(error)) = cleaned {
                warn!(target: "tls", %error, "the storage could not be cleaned");
                // What is not noted must not be tried again at once.
                tokio::time::sleep(interval).await;
            }
        }
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn check(storage: &Storage) -> io::Result<()> {
    let name = format!("{CHECK}_{}", rand::random::<u64>());
    storage.write(&name, CHECK)?;
    let read = storage.read(&name)?;
    fs::remove_file(storage.path(&name))?;
    if read.as_deref() == Some(CHECK) {
        return Ok(());
    }
    Err(io::Error::other("what was read is not what was written"))
}

/// How long it is until the storage is to be cleaned again.
fn left(storage: &Storage, interval: Duration) -> Duration {
    let text = storage.read(LAST).ok().flatten();
    let last: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    let last = last.and_then(|last| {
        let text = last.get("tls")?.get("timestamp")?.as_str()?;
        OffsetDateTime::parse(text, &Rfc3339).ok()
    });
    let since = last.map(|last| OffsetDateTime::now_utc() - last);
    let since = since.and_then(|since| Duration::try_from(since).ok());
    since.map_or(Duration::ZERO, |since| interval.saturating_sub(since))
}

/// Takes out certificates that ended long ago.
fn clean(storage: &Storage, now: OffsetDateTime) -> io::Result<()> {
    info!(target: "tls", storage = %storage.path("").display(), "cleaning storage unit");
    let issuers = folders(&storage.path("certificates"));
    let names = issuers.iter().flat_map(|issuer| folders(issuer));
    for folder in names.take(MOST) {
        if has_expired(&folder, now) {
            info!(target: "tls", folder = %folder.display(), "deleting an expired certificate");
            take_out(&folder)?;
        }
    }
    ocsp::clean(storage, now)?;
    let note = json!({ "tls": { "timestamp": now.format(&Rfc3339).unwrap_or_default() } });
    let note = kept::text(&note).map_err(io::Error::other)?;
    storage.write(LAST, &note)?;
    info!(target: "tls", "finished cleaning storage units");
    Ok(())
}

/// The folders in a folder; none if there is none.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).collect()
}

/// True if the certificate in a folder ended long ago.
fn has_expired(folder: &Path, now: OffsetDateTime) -> bool {
    let end = file(folder, "crt").and_then(|file| {
        let chain = fs::read_to_string(file).ok()?;
        files::not_after(&chain)
    });
    end.is_some_and(|end| now - end > GRACE)
}

/// `<folder>/<its name>.<ending>`
fn file(folder: &Path, ending: &str) -> Option<PathBuf> {
    let mut name = folder.file_name()?.to_owned();
    name.push(".");
    name.push(ending);
    Some(folder.join(name))
}

/// Takes out a certificate with its key, and the folder if nothing else is in it.
fn take_out(folder: &Path) -> io::Result<()> {
    for ending in ["crt", "key", "json"] {
        match file(folder, ending).map(fs::remove_file) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Some(_) | None => {}
        }
    }
    fs::remove_dir(folder).ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::OffsetDateTime;

    use super::{Upkeep, check, clean, left};
    use crate::tls::Storage;

    fn storage(folder: &tempfile::TempDir) -> Storage {
        Storage::of(&caddis_ir::Config::default(), folder.path())
    }

    fn keep(storage: &Storage, name: &str, end: OffsetDateTime) {
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = end - Duration::from_hours(1);
        params.not_after = end;
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap().pem();
        for (ending, text) in [("crt", made.as_str()), ("key", "k"), ("json", "{}")] {
            let place = format!("certificates/ca/{name}/{name}.{ending}");
            storage.write(&place, text).unwrap();
        }
    }

    #[test]
    fn what_ended_two_weeks_ago_is_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        let now = OffsetDateTime::now_utc();
        let day = time::Duration::days(1);
        keep(&storage, "old.test", now - day * 15);
        keep(&storage, "fresh.test", now + day);
        keep(&storage, "ended.test", now - day * 13);
        storage
            .write("certificates/ca/odd/odd.crt", "no certificate")
            .unwrap();
        assert_eq!(left(&storage, Duration::from_mins(1)), Duration::ZERO);
        clean(&storage, now).unwrap();
        let is_there = |name: &str| folder.path().join("certificates/ca").join(name).exists();
        assert!(!is_there("old.test"));
        assert!(is_there("fresh.test/fresh.test.key"));
        assert!(is_there("ended.test/ended.test.crt"));
        assert!(is_there("odd/odd.crt"));
        assert!(left(&storage, Duration::from_mins(1)) > Duration::from_secs(50));
    }

    #[test]
    fn a_storage_that_can_be_written_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        check(&storage(&folder)).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(folder.path().join("file"), "").unwrap();
        let config = caddis_ir::Config::default();
        let nowhere = Storage::of(&config, &folder.path().join("file"));
        assert!(check(&nowhere).is_err());
    }

    #[test]
    fn the_config_says_what_is_done() {
        let of = |json: &str| Upkeep::of(Some(&serde_json::from_str(json).unwrap()));
        let day = Some(Duration::from_hours(24));
        assert_eq!(
            (Upkeep::of(None).check, Upkeep::of(None).clean),
            (true, day)
        );
        assert!(!of(r#"{"disable_storage_check":true}"#).check);
        assert_eq!(of(r#"{"disable_storage_clean":true}"#).clean, None);
        let hour = of(r#"{"automation":{"storage_clean_interval":"1h"}}"#).clean;
        assert_eq!(hour, Some(Duration::from_hours(1)));
    }
}
