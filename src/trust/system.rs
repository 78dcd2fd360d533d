//! The system's trust store: a folder of certificates, and a program that makes one file of them all.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use super::{Certificate, Change, Fault, Machine};

/// How a family of systems keeps what it trusts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Anchors {
    /// The folder for certificates of the machine's owner.
    folder: &'static str,
    /// How its files end.
    ending: &'static str,
    /// What has to be run after a change.
    update: &'static [&'static str],
    /// The file with everything that is trusted.
    bundle: &'static str,
}

/// Looked for in this order, as Caddy does.
static KNOWN: [Anchors; 4] = [
    // Fedora, RHEL
    Anchors {
        folder: "/etc/pki/ca-trust/source/anchors",
        ending: "pem",
        update: &["update-ca-trust", "extract"],
        bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    },
    // Debian, Ubuntu, Alpine
    Anchors {
        folder: "/usr/local/share/ca-certificates",
        ending: "crt",
        update: &["update-ca-certificates"],
        bundle: "/etc/ssl/certs/ca-certificates.crt",
    },
    // SUSE
    Anchors {
        folder: "/usr/share/pki/trust/anchors",
        ending: "crt",
        update: &["update-ca-certificates"],
        bundle: "/var/lib/ca-certificates/ca-bundle.pem",
    },
    // Arch
    Anchors {
        folder: "/etc/ca-certificates/trust-source/anchors",
        ending: "crt",
        update: &["trust", "extract-compat"],
        bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
    },
];

/// The store of this system, if it is one that we know.
pub(crate) fn anchors(machine: &Machine) -> Option<&'static Anchors> {
    KNOWN
        .iter()
        .find(|known| machine.path(known.folder).is_dir())
}

/// The folders of which one has to be there.
pub(crate) fn known_folders() -> String {
    KNOWN.each_ref().map(|known| known.folder).join(", ")
}

impl Anchors {
    /// The file of a certificate, named as Caddy names it.
    pub(crate) fn file(&self, machine: &Machine, certificate: &Certificate) -> PathBuf {
        let name = format!("{}.{}", certificate.file_stem(), self.ending);
        machine.path(self.folder).join(name)
    }

    /// The file of everything that is trusted.
    pub(crate) fn bundle(&self, machine: &Machine) -> PathBuf {
        machine.path(self.bundle)
    }

    /// Puts a certificate in, unless the system trusts it already.
    pub(crate) fn install(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        if self.trusts(machine, certificate) {
            return Ok(Change::Nothing);
        }
        let file = self.file(machine, certificate);
        self.look_for_update(machine)?;
        machine.write_as_root(&file, &certificate.pem())?;
        self.update(machine)?;
        Ok(Change::Done)
    }

    /// Takes a certificate out; what an earlier try has left to do is done too.
    pub(crate) fn remove(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        let file = self.file(machine, certificate);
        if !file.exists() && !self.trusts(machine, certificate) {
            return Ok(Change::Nothing);
        }
        self.look_for_update(machine)?;
        if file.exists() {
            machine.remove_as_root(&file)?;
        }
        self.update(machine)?;
        if self.trusts(machine, certificate) {
            return Err(self.still_trusted(machine, certificate));
        }
        Ok(Change::Done)
    }

    fn trusts(&self, machine: &Machine, certificate: &Certificate) -> bool {
        fs::read(self.bundle(machine)).is_ok_and(|bundle| certificate.is_in(&bundle))
    }

    /// Nothing is changed where the change could not be brought to its end.
    fn look_for_update(&self, machine: &Machine) -> Result<(), Fault> {
        self.update.first().map_or(Ok(()), |program| {
            machine.needed(program).map(drop).map_err(|fault| {
                fault.help("install the package `ca-certificates`; for root, `/usr/sbin` has to be in $PATH")
            })
        })
    }

    fn update(&self, machine: &Machine) -> Result<(), Fault> {
        let Some((program, words)) = self.update.split_first() else {
            return Ok(());
        };
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        machine.run_as_root(&machine.needed(program)?, &words, b"")
    }

    fn still_trusted(&self, machine: &Machine, certificate: &Certificate) -> Fault {
        let holds = |path: &PathBuf| fs::read(path).is_ok_and(|text| certificate.is_in(&text));
        let files = fs::read_dir(machine.path(self.folder))
            .into_iter()
            .flatten();
        let other = files
            .filter_map(Result::ok)
            .map(|file| file.path())
            .find(holds);
        let fault = Fault::new(format!(
            "{} holds the certificate still, under a name that it did not get from here",
            self.bundle(machine).display()
        ));
        match other {
            Some(other) => fault.help(format!(
                "remove {} and run `{}`",
                other.display(),
                self.update.join(" ")
            )),
            None => fault.help(format!(
                "look for it in {}",
                machine.path(self.folder).display()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::testing::{Fake, NAME, OTHER, ROOT, other, root};

    fn install(fake: &Fake) -> Result<Change, Fault> {
        anchors(&fake.machine)
            .unwrap()
            .install(&fake.machine, &root())
    }

    fn remove(fake: &Fake) -> Result<Change, Fault> {
        anchors(&fake.machine)
            .unwrap()
            .remove(&fake.machine, &root())
    }

    #[test]
    fn each_family_of_systems_has_its_folder_its_ending_and_its_program() {
        for known in &KNOWN {
            let fake = Fake::system(known.folder, known.update[0], known.bundle);
            let file = fake.machine.path(known.folder);
            let file = file.join(format!("{}.{}", NAME.replace(' ', "_"), known.ending));
            assert_eq!(install(&fake), Ok(Change::Done));
            assert_eq!(fs::read_to_string(&file).unwrap(), ROOT);
            assert_eq!(fake.ran(), format!("{}\n", known.update.join(" ")));
            assert_eq!(remove(&fake), Ok(Change::Done));
            assert!(!file.exists());
            assert_eq!(fake.ran(), format!("{}\n", known.update.join(" ")));
        }
    }

    #[test]
    fn the_folder_that_caddy_looks_for_first_is_taken() {
        let fake = Fake::debian();
        fs::create_dir_all(fake.machine.path("/etc/pki/ca-trust/source/anchors")).unwrap();
        assert_eq!(anchors(&fake.machine), Some(&KNOWN[0]));
        assert_eq!(anchors(&Fake::new().machine), None);
    }

    #[test]
    fn a_second_time_does_nothing() {
        let fake = Fake::debian();
        assert_eq!(remove(&fake), Ok(Change::Nothing));
        assert_eq!(install(&fake), Ok(Change::Done));
        fake.ran();
        assert_eq!(install(&fake), Ok(Change::Nothing));
        assert_eq!(fake.ran(), "");
        assert_eq!(remove(&fake), Ok(Change::Done));
        fake.ran();
        assert_eq!(remove(&fake), Ok(Change::Nothing));
        assert_eq!(fake.ran(), "");
    }

    #[test]
    fn who_is_not_root_asks_sudo() {
        let fake = Fake::debian().with_sudo();
        let file = format!(
            "~/root/usr/local/share/ca-certificates/{}.crt",
            NAME.replace(' ', "_")
        );
        assert_eq!(install(&fake), Ok(Change::Done));
        assert_eq!(
            fake.ran(),
            format!(
                "sudo -- ~/bin/tee {file}\nsudo -- ~/bin/update-ca-certificates\nupdate-ca-certificates\n"
            )
        );
        assert_eq!(remove(&fake), Ok(Change::Done));
        assert_eq!(
            fake.ran(),
            format!(
                "sudo -- ~/bin/rm -f -- {file}\nsudo -- ~/bin/update-ca-certificates\nupdate-ca-certificates\n"
            )
        );
    }

    #[test]
    fn who_is_not_root_and_has_no_sudo_is_told_so() {
        let fake = Fake::debian().with_sudo();
        fs::remove_file(fake.path_of("sudo")).unwrap();
        let fault = install(&fake).unwrap_err();
        assert!(fault.message.contains("only root"), "{fault:?}");
        assert!(fault.help.is_some());
    }

    #[test]
    fn what_a_failed_update_has_left_is_done_by_the_next_try() {
        let fake = Fake::debian();
        for change in [install, remove] {
            let repair = fake.broken("update-ca-certificates", "echo no room >&2; exit 3");
            let fault = change(&fake).unwrap_err();
            assert!(fault.message.contains("no room"), "{fault:?}");
            repair();
            assert_eq!(change(&fake), Ok(Change::Done));
        }
        assert!(!KNOWN[1].trusts(&fake.machine, &root()));
    }

    #[test]
    fn nothing_is_written_where_the_program_for_it_is_missing() {
        let fake = Fake::new();
        let folder = fake.machine.path("/usr/local/share/ca-certificates");
        fs::create_dir_all(&folder).unwrap();
        let fault = install(&fake).unwrap_err();
        assert!(
            fault.message.contains("update-ca-certificates"),
            "{fault:?}"
        );
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }

    #[test]
    fn one_that_somebody_else_put_there_is_named_and_left() {
        let fake = Fake::debian();
        let mine = fake.machine.path(KNOWN[1].folder).join("company.crt");
        fs::write(&mine, format!("{OTHER}{ROOT}")).unwrap();
        install(&fake).unwrap();
        assert!(other().is_in(&fs::read(fake.machine.path(KNOWN[1].bundle)).unwrap()));
        assert_eq!(install(&fake), Ok(Change::Nothing));
        let fault = remove(&fake).unwrap_err();
        assert!(fault.help.unwrap().contains("company.crt"));
        assert!(mine.exists());
    }

    #[test]
    fn everybody_may_read_what_is_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let fake = Fake::debian();
        install(&fake).unwrap();
        let file = KNOWN[1].file(&fake.machine, &root());
        assert_eq!(
            fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o644
        );
    }
}
