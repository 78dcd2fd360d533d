//! One certificate in all stores: what is done is said store by store, and one that fails does not stop the others.

use super::machine::Rights;
use super::stores::{Change, Fault, Store, stores, unreachable_databases};
use super::{Certificate, Machine, system};
use crate::report::{Failure, Io};

/// What is wanted of every store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The certificate is trusted.
    Trust,
    /// It is not.
    Untrust,
}

/// Makes it so in every store of the machine.
pub(crate) fn everywhere(
    machine: &Machine,
    certificate: &Certificate,
    wish: Wish,
    io: &Io,
) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for store in stores_of(machine, io)? {
        if matches!(store, Store::System(_)) && machine.rights == Rights::User {
            io.note("sudo may ask for your password", &[]);
        }
        let changed = match wish {
            Wish::Trust => store.install(machine, certificate),
            Wish::Untrust => store.remove(machine, certificate),
        };
        let (name, place) = (store.name(), store.place(machine, certificate));
        let note = |message, place: &str| io.note(message, &[("store", name), ("place", place)]);
        match changed {
            Ok(Change::Done) => note(done(wish), &place),
            Ok(Change::Nothing) => note(nothing(wish), &store.evidence(machine, certificate)),
            Err(fault) => faults.push((format!("{name} {place}"), fault)),
        }
    }
    failed(faults)
}

/// Says what is not there, and fails where nothing is.
fn stores_of(machine: &Machine, io: &Io) -> Result<Vec<Store>, Failure> {
    for folder in unreachable_databases(machine) {
        let folder = folder.display().to_string();
        io.note(
            "left as it is, because `certutil` is not installed (Debian: libnss3-tools, Fedora: nss-tools)",
            &[("store", "NSS database"), ("place", &folder)],
        );
    }
    let stores = stores(machine);
    if !stores.iter().any(|store| matches!(store, Store::System(_))) {
        io.note(
            "no trust store of the system is known here",
            &[("looked_for", &system::known_folders())],
        );
    }
    if stores.is_empty() {
        return Err(
            Failure::message("there is no trust store that could be changed")
                .help("hand the certificate to the programs that need it: `curl --cacert FILE`"),
        );
    }
    Ok(stores)
}

fn done(wish: Wish) -> &'static str {
    match wish {
        Wish::Trust => "the certificate is trusted now",
        Wish::Untrust => "the certificate is not trusted any more",
    }
}

fn nothing(wish: Wish) -> &'static str {
    match wish {
        Wish::Trust => "the certificate was trusted already",
        Wish::Untrust => "the certificate was not trusted",
    }
}

fn failed(faults: Vec<(String, Fault)>) -> Result<(), Failure> {
    if faults.is_empty() {
        return Ok(());
    }
    let help = faults.iter().find_map(|(_, fault)| fault.help.clone());
    let lines: Vec<String> = (faults.into_iter())
        .map(|(place, fault)| format!("{place}: {}", fault.message))
        .collect();
    let failure = Failure::message(lines.join("\n"));
    Err(match help {
        Some(help) => failure.help(help),
        None => failure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Form;
    use crate::name::Name;
    use crate::trust::testing::{Fake, NAME, list, root};

    fn change(fake: &Fake, wish: Wish) -> Result<(), Failure> {
        everywhere(
            &fake.machine,
            &root(),
            wish,
            &Io::new(Form::Full, Name::Caddis),
        )
    }

    #[test]
    fn the_system_and_every_database_are_changed() {
        let fake = Fake::debian();
        fake.certutil();
        let folders = [
            fake.database(".pki/nssdb"),
            fake.database(".mozilla/firefox/a.default"),
        ];
        change(&fake, Wish::Trust).unwrap();
        assert!(folders.iter().all(|folder| list(folder).contains(NAME)));
        assert_eq!(fake.ran(), "update-ca-certificates\n");
        change(&fake, Wish::Untrust).unwrap();
        assert!(!folders.iter().any(|folder| list(folder).contains(NAME)));
        assert_eq!(fake.ran(), "update-ca-certificates\n");
    }

    #[test]
    fn a_store_that_fails_is_named_and_the_others_are_changed() {
        let fake = Fake::debian();
        fake.certutil();
        let (broken, good) = (
            fake.database(".mozilla/firefox/a"),
            fake.database(".mozilla/firefox/b"),
        );
        std::fs::write(broken.join("cert9.db"), "no database").unwrap();
        let Err(Failure::Message { message, .. }) = change(&fake, Wish::Trust) else {
            panic!("a broken database is a success");
        };
        assert!(
            message.contains("firefox/a:") && !message.contains("firefox/b:"),
            "{message}"
        );
        assert!(list(&good).contains(NAME));
        assert_eq!(fake.ran(), "update-ca-certificates\n");
    }

    #[test]
    fn a_missing_certutil_does_not_keep_the_system_from_trusting() {
        let fake = Fake::debian();
        let folder = fake.database(".pki/nssdb");
        change(&fake, Wish::Trust).unwrap();
        assert!(!list(&folder).contains(NAME));
        assert_eq!(fake.ran(), "update-ca-certificates\n");
    }

    #[test]
    fn a_machine_without_any_store_is_no_success() {
        assert!(change(&Fake::new(), Wish::Trust).is_err());
        assert!(change(&Fake::new(), Wish::Untrust).is_err());
    }
}
