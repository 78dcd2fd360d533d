//! Locks in the storage, as Caddy takes them: of all servers that share a storage, one at a time gets a certificate.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::AbortHandle;
use tokio::time::sleep;
use tracing::info;

use super::Storage;
use super::storage::safe;

/// How often the holder says that it is still there,
const ALIVE: Duration = Duration::from_secs(5);
/// and after how long without a word its lock is nobody's.
const STALE: time::Duration = time::Duration::seconds(10);
/// The time between two looks at a lock that another one holds.
const LOOK: Duration = Duration::from_secs(1);

/// Held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    alive: AbortHandle,
    /// True if another one had it before.
    pub(super) waited: bool,
}

/// Takes the lock for getting the certificate of a name; waits as long as another one holds it.
pub(super) async fn lock(storage: &Storage, name: &str) -> io::Result<Lock> {
    let path = storage.path(&format!("locks/issue_cert_{}.lock", safe(name)));
    let mut waited = false;
    loop {
        let created = OffsetDateTime::now_utc();
        match take(&path, created) {
            Ok(()) => {
                let alive = tokio::spawn(stay_alive(path.clone(), created)).abort_handle();
                return Ok(Lock {
                    path,
                    alive,
                    waited,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        if is_stale(&path) {
            fs::remove_file(&path).ok();
            continue;
        }
        if !waited {
            info!(target: "tls", identifier = name, "another server is getting the certificate, waiting for it");
        }
        waited = true;
        sleep(LOOK).await;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.alive.abort();
        fs::remove_file(&self.path).ok();
    }
}

fn take(path: &Path, created: OffsetDateTime) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text(created, created).as_bytes())
}

async fn stay_alive(path: PathBuf, created: OffsetDateTime) {
    loop {
        sleep(ALIVE).await;
        let file = OpenOptions::new().write(true).truncate(true).open(&path);
        let text = text(created, OffsetDateTime::now_utc());
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        if written.is_err() {
            // Somebody has taken it away: it is no longer ours to keep.
            return;
        }
    }
}

fn text(created: OffsetDateTime, updated: OffsetDateTime) -> String {
    let time = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
    json!({ "created": time(created), "updated": time(updated) }).to_string()
}

/// True if nobody who holds it has said so for a while.
fn is_stale(path: &Path) -> bool {
    let text = fs::read_to_string(path).ok();
    let about: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    let said = about.and_then(|about| {
        let field = about.get("updated").or_else(|| about.get("created"))?;
        OffsetDateTime::parse(field.as_str()?, &Rfc3339).ok()
    });
    // One that cannot be read may just be written.
    let said = said.or_else(|| Some(fs::metadata(path).ok()?.modified().ok()?.into()));
    said.is_some_and(|said| OffsetDateTime::now_utc() - said > STALE)
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use tokio::time::{Duration, timeout};

    use super::{lock, text};
    use crate::tls::Storage;

    const A_WHILE: Duration = Duration::from_hours(1);

    fn storage(folder: &tempfile::TempDir) -> Storage {
        Storage::of(&caddis_ir::Config::default(), folder.path())
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_holds_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        let first = lock(&storage, "*.a.test").await.unwrap();
        assert!(!first.waited);
        let file = folder.path().join("locks/issue_cert_wildcard_.a.test.lock");
        assert!(
            std::fs::read_to_string(&file)
                .unwrap()
                .contains("\"updated\"")
        );
        let other = lock(&storage, "b.test").await.unwrap();
        assert!(!other.waited);
        let second = async { lock(&storage, "*.a.test").await.unwrap() };
        let mut second = std::pin::pin!(second);
        assert!(timeout(A_WHILE, &mut second).await.is_err());
        drop(first);
        assert!(second.await.waited);
        assert!(!file.exists());
    }

    #[tokio::test(start_paused = true)]
    async fn the_lock_of_a_server_that_is_gone_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(&folder);
        let long_ago = OffsetDateTime::now_utc() - Duration::from_mins(1);
        let file = storage.path("locks/issue_cert_a.test.lock");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text(long_ago, long_ago)).unwrap();
        let taken = timeout(A_WHILE, lock(&storage, "a.test")).await;
        assert!(!taken.unwrap().unwrap().waited);
    }
}
