//! Databases of NSS, in which Firefox and Chromium keep what they trust; `certutil` changes them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Certificate, Change, Fault, Machine};

/// The program that changes databases.
pub(super) const PROGRAM: &str = "certutil";
/// The file that makes a folder a database. The older form, `cert8.db`, is of programs before 2018.
const DATABASE: &str = "cert9.db";
/// Trusted to sign for servers, and for nothing else.
const SERVERS: &str = "C,,";

/// Folders below the user's home that are databases.
const SHARED: [&str; 2] = [".pki/nssdb", "snap/chromium/current/.pki/nssdb"];
/// Folders below the user's home with a database for each profile.
const PROFILES: [&str; 4] = [
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
];
/// The same, below the folder for settings: where newer Firefox has them.
const PROFILES_IN_SETTINGS: &str = "mozilla/firefox";

/// The folders of all databases of the user.
pub(super) fn databases(machine: &Machine) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = SHARED
        .iter()
        .map(|below| machine.home.join(below))
        .collect();
    let profiles = PROFILES.iter().map(|below| machine.home.join(below));
    for folder in profiles.chain([machine.settings.join(PROFILES_IN_SETTINGS)]) {
        let files = fs::read_dir(folder).into_iter().flatten();
        let mut folders: Vec<PathBuf> = files
            .filter_map(Result::ok)
            .map(|file| file.path())
            .collect();
        folders.sort();
        found.extend(folders);
    }
    found.retain(|folder| folder.join(DATABASE).is_file());
    found
}

/// A database, and what changes it.
struct Database<'a> {
    machine: &'a Machine,
    certutil: &'a Path,
    folder: &'a Path,
}

/// Puts a certificate in, unless it is there and trusted.
pub(super) fn install(
    machine: &Machine,
    certutil: &Path,
    folder: &Path,
    certificate: &Certificate,
) -> Result<Change, Fault> {
    let database = Database {
        machine,
        certutil,
        folder,
    };
    let kept = database.nickname(certificate)?;
    if kept.is_some_and(|nickname| database.trusts(&nickname)) {
        return Ok(Change::Nothing);
    }
    let words = ["-A", "-a", "-t", SERVERS, "-n", &certificate.nickname()];
    database.run(&words, certificate.pem().as_bytes())?;
    Ok(Change::Done)
}

/// Takes a certificate out, under whatever name it is there.
pub(super) fn remove(
    machine: &Machine,
    certutil: &Path,
    folder: &Path,
    certificate: &Certificate,
) -> Result<Change, Fault> {
    let database = Database {
        machine,
        certutil,
        folder,
    };
    let Some(nickname) = database.nickname(certificate)? else {
        return Ok(Change::Nothing);
    };
    database.run(&["-D", "-n", &nickname], b"")?;
    Ok(Change::Done)
}

impl Database<'_> {
    fn run(&self, words: &[&str], input: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut folder = OsString::from("sql:");
        folder.push(self.folder);
        let mut all: Vec<&OsStr> = vec!["-d".as_ref(), &folder];
        all.extend(words.iter().map(OsStr::new));
        self.machine.run(self.certutil, &all, input)
    }

    fn trusts(&self, nickname: &str) -> bool {
        self.run(&["-V", "-u", "L", "-n", nickname], b"").is_ok()
    }

    /// The name under which a certificate is kept, which is the one that it had when it first came.
    fn nickname(&self, certificate: &Certificate) -> Result<Option<String>, Fault> {
        let ours = certificate.nickname();
        let list = self.run(&["-L"], b"")?;
        let list = String::from_utf8_lossy(&list).into_owned();
        let others = list.lines().filter_map(nickname_in);
        let found = std::iter::once(ours.as_str()).chain(others).find(|name| {
            let kept = self.run(&["-L", "-r", "-n", name], b"");
            kept.is_ok_and(|kept| kept == certificate.der)
        });
        Ok(found.map(str::to_owned))
    }
}

/// The name in a line of a list: what stands before the last word, which is the trust: `C,,` or `,,` or `CT,C,c`.
fn nickname_in(line: &str) -> Option<&str> {
    let (name, trust) = line.trim_end().rsplit_once(' ')?;
    (trust.matches(',').count() == 2).then(|| name.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::testing::{Fake, NAME, list, other, root};

    #[test]
    fn a_certificate_is_put_in_once_and_taken_out_once() {
        let fake = Fake::new();
        let folder = fake.database(".pki/nssdb");
        let (certutil, root) = (fake.certutil(), root());
        let install = || install(&fake.machine, &certutil, &folder, &root);
        let remove = || remove(&fake.machine, &certutil, &folder, &root);
        assert_eq!(install(), Ok(Change::Done));
        assert!(list(&folder).contains(&format!("{NAME} C,,")));
        assert_eq!(install(), Ok(Change::Nothing));
        assert_eq!(remove(), Ok(Change::Done));
        assert!(!list(&folder).contains(NAME));
        assert_eq!(remove(), Ok(Change::Nothing));
    }

    #[test]
    fn one_that_is_there_under_another_name_is_trusted_and_taken_out() {
        let fake = Fake::new();
        let folder = fake.database(".pki/nssdb");
        let (certutil, root) = (fake.certutil(), root());
        fake.add(&folder, "my own name", &root);
        let install = || install(&fake.machine, &certutil, &folder, &root);
        assert_eq!(install(), Ok(Change::Done));
        assert!(list(&folder).contains("my own name C,,"));
        assert_eq!(install(), Ok(Change::Nothing));
        let removed = remove(&fake.machine, &certutil, &folder, &root);
        assert_eq!(removed, Ok(Change::Done));
        assert!(!list(&folder).contains("my own name"));
    }

    #[test]
    fn others_stay() {
        let fake = Fake::new();
        let folder = fake.database(".mozilla/firefox/a.default");
        let certutil = fake.certutil();
        fake.add(&folder, "other", &other());
        assert_eq!(
            install(&fake.machine, &certutil, &folder, &root()),
            Ok(Change::Done)
        );
        assert_eq!(
            remove(&fake.machine, &certutil, &folder, &root()),
            Ok(Change::Done)
        );
        assert!(list(&folder).contains("other"));
    }

    #[test]
    fn a_database_that_cannot_be_read_is_no_success() {
        let fake = Fake::new();
        let folder = fake.database(".pki/nssdb");
        fs::write(folder.join(DATABASE), "no database").unwrap();
        let certutil = fake.certutil();
        for change in [install, remove] {
            let fault = change(&fake.machine, &certutil, &folder, &root()).unwrap_err();
            assert!(fault.message.contains("certutil"), "{fault:?}");
        }
    }

    #[test]
    fn databases_are_those_of_the_user_and_of_every_profile() {
        let fake = Fake::new();
        let mut folders = vec![
            fake.database(".pki/nssdb"),
            fake.database(".mozilla/firefox/a.default"),
            fake.database(".mozilla/firefox/with space"),
            fake.database("snap/firefox/common/.mozilla/firefox/b.default"),
            fake.database(".config/mozilla/firefox/c.default"),
        ];
        fs::create_dir_all(fake.machine.home.join(".mozilla/firefox/Crash Reports")).unwrap();
        folders.sort();
        let mut found = databases(&fake.machine);
        found.sort();
        assert_eq!(found, folders);
    }

    #[test]
    fn names_in_a_list_may_have_spaces() {
        assert_eq!(nickname_in("a b - c 12    CT,C,c"), Some("a b - c 12"));
        assert_eq!(nickname_in("other   ,,  "), Some("other"));
        assert_eq!(
            nickname_in("Certificate Nickname      Trust Attributes"),
            None
        );
        assert_eq!(nickname_in(""), None);
    }
}
