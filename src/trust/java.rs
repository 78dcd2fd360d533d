//! The key store of the Java that `$JAVA_HOME` names; its own `keytool` changes it.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::PathBuf;

use super::{Certificate, Change, Fault, Machine};

/// Where Java's key store is, newer ones first.
const FILES: [&str; 2] = ["lib/security/cacerts", "jre/lib/security/cacerts"];
/// The password that every Java comes with; it keeps nothing secret.
const PASSWORD: &str = "changeit";

/// A key store, and the program that changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyStore {
    /// The key store.
    pub(crate) file: PathBuf,
    keytool: PathBuf,
}

/// The key store of the user's Java.
pub(super) fn key_store(machine: &Machine) -> Option<KeyStore> {
    let java = machine.java.as_ref()?;
    let file = FILES
        .map(|file| java.join(file))
        .into_iter()
        .find(|file| file.is_file())?;
    let keytool = java.join("bin/keytool");
    keytool.is_file().then_some(KeyStore { file, keytool })
}

impl KeyStore {
    /// Puts a certificate in, unless it is there.
    pub(super) fn install(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        if self.has(machine, certificate) {
            return Ok(Change::Nothing);
        }
        self.change(machine, &["-importcert", "-noprompt"], certificate)
    }

    /// Takes a certificate out.
    pub(super) fn remove(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        if !self.has(machine, certificate) {
            return Ok(Change::Nothing);
        }
        self.change(machine, &["-delete"], certificate)
    }

    fn has(&self, machine: &Machine, certificate: &Certificate) -> bool {
        let alias = certificate.nickname();
        let words = self.words(&["-exportcert"], &alias);
        let kept = machine.run(&self.keytool, &words, b"");
        kept.is_ok_and(|kept| kept == certificate.der)
    }

    fn change(
        &self,
        machine: &Machine,
        verb: &[&'static str],
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        let alias = certificate.nickname();
        let words = self.words(verb, &alias);
        let pem = certificate.pem();
        if OpenOptions::new().append(true).open(&self.file).is_ok() {
            machine.run(&self.keytool, &words, pem.as_bytes())?;
        } else {
            machine.run_as_root(&self.keytool, &words, pem.as_bytes())?;
        }
        Ok(Change::Done)
    }

    fn words<'a>(&'a self, verb: &[&'a str], alias: &'a str) -> Vec<&'a OsStr> {
        let mut words: Vec<&OsStr> = verb.iter().map(|word| OsStr::new(*word)).collect();
        words.extend(["-alias", alias, "-storepass", PASSWORD, "-keystore"].map(OsStr::new));
        words.push(self.file.as_os_str());
        words
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trust::testing::{Fake, NAME, root};

    /// A `keytool` that keeps one certificate beside itself.
    const KEYTOOL: &str = r#"kept="$(dirname "$0")/kept"
case $1 in
    -importcert) openssl x509 -outform der -out "$kept" ;;
    -exportcert) cat "$kept" ;;
    -delete) rm "$kept" ;;
esac"#;

    fn with_java() -> Fake {
        let mut fake = Fake::new();
        let java = PathBuf::from(&fake.machine.search).join("..");
        fs::create_dir_all(java.join("lib/security")).unwrap();
        fs::write(java.join("lib/security/cacerts"), "").unwrap();
        fake.script("keytool", KEYTOOL);
        fake.machine.java = Some(java);
        fake
    }

    #[test]
    fn a_certificate_is_put_in_once_and_taken_out_once() {
        let fake = with_java();
        let store = key_store(&fake.machine).unwrap();
        assert_eq!(store.install(&fake.machine, &root()), Ok(Change::Done));
        assert!(fake.ran().contains(&format!(
            "keytool -importcert -noprompt -alias {NAME} -storepass changeit -keystore "
        )));
        assert_eq!(store.install(&fake.machine, &root()), Ok(Change::Nothing));
        assert!(!fake.ran().contains("-importcert"));
        assert_eq!(store.remove(&fake.machine, &root()), Ok(Change::Done));
        assert_eq!(store.remove(&fake.machine, &root()), Ok(Change::Nothing));
    }

    #[test]
    fn there_is_none_where_the_user_names_no_java() {
        let mut fake = with_java();
        fake.machine.java = Some(fake.machine.home.clone());
        assert_eq!(key_store(&fake.machine), None);
        fake.machine.java = None;
        assert_eq!(key_store(&fake.machine), None);
    }
}
