//! The stores of a machine, and what changes in them.

use std::path::PathBuf;

use super::java::KeyStore;
use super::system::Anchors;
use super::{Certificate, Machine, java, nss, system};

/// A place that says which certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// A database of NSS: of Firefox, of Chromium, of the user.
    Nss {
        /// Its folder.
        folder: PathBuf,
        /// The program that changes it.
        certutil: PathBuf,
    },
    /// The store of the Java in `$JAVA_HOME`.
    Java(KeyStore),
    /// The system's own.
    System(&'static Anchors),
}

/// What a store had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is different now.
    Done,
    /// Nothing: it was like this already.
    Nothing,
}

/// Why a store could not be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Fault {
    /// Something that went wrong.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

/// Every store that is there. The system's comes last, since it may ask for a password.
pub(crate) fn stores(machine: &Machine) -> Vec<Store> {
    let mut stores = Vec::new();
    if let Some(certutil) = machine.program(nss::PROGRAM) {
        stores.extend(
            nss::databases(machine)
                .into_iter()
                .map(|folder| Store::Nss {
                    folder,
                    certutil: certutil.clone(),
                }),
        );
    }
    stores.extend(java::key_store(machine).map(Store::Java));
    stores.extend(system::anchors(machine).map(Store::System));
    stores
}

/// Databases of NSS that nothing can change, because the program for it is not there.
pub(crate) fn unreachable_databases(machine: &Machine) -> Vec<PathBuf> {
    match machine.program(nss::PROGRAM) {
        Some(_) => Vec::new(),
        None => nss::databases(machine),
    }
}

impl Store {
    /// Where it is seen that nothing had to change.
    pub(crate) fn evidence(&self, machine: &Machine, certificate: &Certificate) -> String {
        match self {
            Self::System(anchors) => anchors.bundle(machine).display().to_string(),
            Self::Nss { .. } | Self::Java(_) => self.place(machine, certificate),
        }
    }

    /// Where the certificate is put, or was.
    pub(crate) fn place(&self, machine: &Machine, certificate: &Certificate) -> String {
        match self {
            Self::Nss { folder, .. } => folder.display().to_string(),
            Self::Java(store) => store.file.display().to_string(),
            Self::System(anchors) => anchors.file(machine, certificate).display().to_string(),
        }
    }

    /// Whose store it is.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Nss { .. } => "NSS database",
            Self::Java(_) => "Java key store",
            Self::System(_) => "system trust store",
        }
    }

    /// Puts a certificate in.
    pub(crate) fn install(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        match self {
            Self::Nss { folder, certutil } => nss::install(machine, certutil, folder, certificate),
            Self::Java(store) => store.install(machine, certificate),
            Self::System(anchors) => anchors.install(machine, certificate),
        }
    }

    /// Takes a certificate out.
    pub(crate) fn remove(
        &self,
        machine: &Machine,
        certificate: &Certificate,
    ) -> Result<Change, Fault> {
        match self {
            Self::Nss { folder, certutil } => nss::remove(machine, certutil, folder, certificate),
            Self::Java(store) => store.remove(machine, certificate),
            Self::System(anchors) => anchors.remove(machine, certificate),
        }
    }
}
