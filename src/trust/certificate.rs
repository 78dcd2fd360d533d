//! A root certificate, and the names that stores know it by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The most bytes of a file's name that are taken from the certificate's: with the rest there can be 255.
const LONGEST_NAME: usize = 180;
/// The name of a certificate that has none.
const NAMELESS: &str = "Truststore Development CA";
/// How long the lines of PEM are.
const PEM_LINE: usize = 64;

/// A certificate that stores can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// Whom it names.
    pub(crate) common_name: String,
    /// Its number, in decimals, which the authority gives only once.
    pub(crate) serial: String,
    /// What signs with it may sign for others.
    pub(crate) is_authority: bool,
    /// Its bytes.
    pub(crate) der: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text, or one in DER.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let pem = Pem::iter_from_buffer(bytes)
            .filter_map(Result::ok)
            .find(|pem| pem.label == "CERTIFICATE");
        match pem {
            Some(pem) => Self::of(pem.contents),
            None => Self::of(bytes.to_vec()),
        }
    }

    fn of(der: Vec<u8>) -> Result<Self, String> {
        let Ok((rest, certificate)) = X509Certificate::from_der(&der) else {
            return Err("it is no certificate, neither in PEM nor in DER".into());
        };
        if !rest.is_empty() {
            return Err("something follows the certificate".into());
        }
        // Go, and so Caddy, takes the last one.
        let name = certificate.subject().iter_common_name().last();
        let common_name = name.and_then(|name| name.as_str().ok()).unwrap_or_default();
        Ok(Self {
            common_name: common_name.to_owned(),
            serial: certificate.tbs_certificate.serial.to_string(),
            is_authority: certificate.is_ca(),
            der,
        })
    }

    /// The name in databases of NSS and of Java, which is Caddy's: either program finds what the other put there.
    pub(crate) fn nickname(&self) -> String {
        format!("{} {}", self.name(), self.serial)
    }

    fn name(&self) -> &str {
        match self.common_name.as_str() {
            "" => NAMELESS,
            name => name,
        }
    }

    /// The name of its file without the ending, which is Caddy's but for what cannot stand in a file's name.
    pub(crate) fn file_stem(&self) -> String {
        let longest = self.name().floor_char_boundary(LONGEST_NAME);
        let (name, _) = self.name().split_at(longest);
        let name: String = name
            .chars()
            .map(|char| match char {
                ' ' | '/' => '_',
                char if char.is_control() => '_',
                char => char,
            })
            .collect();
        format!("{name}_{}", self.serial)
    }

    /// The certificate as text.
    pub(crate) fn pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (index, char) in text.chars().enumerate() {
            if index > 0 && index % PEM_LINE == 0 {
                pem.push('\n');
            }
            pem.push(char);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// True if it is among the certificates of a PEM text.
    pub(crate) fn is_in(&self, pem: &[u8]) -> bool {
        Pem::iter_from_buffer(pem)
            .filter_map(Result::ok)
            .any(|pem| pem.contents == self.der)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::testing::{NAME, OTHER, ROOT};

    #[test]
    fn names_are_those_that_caddy_gives() {
        let root = Certificate::read(ROOT.as_bytes()).unwrap();
        assert!(root.is_authority);
        assert_eq!(root.nickname(), NAME);
        assert_eq!(root.file_stem(), NAME.replace(' ', "_"));
        let mut nameless = root;
        nameless.common_name = String::new();
        assert!(
            nameless
                .nickname()
                .starts_with("Truststore Development CA ")
        );
    }

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        let mut root = Certificate::read(ROOT.as_bytes()).unwrap();
        root.common_name = "../../etc/cron.d/x\n\0".into();
        assert_eq!(
            root.file_stem(),
            format!(".._.._etc_cron.d_x___{}", root.serial)
        );
        root.common_name = "ü".repeat(500);
        assert!(root.file_stem().len() + ".crt.new".len() <= 255);
    }

    #[test]
    fn text_and_bytes_are_the_same_certificate() {
        let root = Certificate::read(ROOT.as_bytes()).unwrap();
        assert_eq!(root.pem(), ROOT);
        assert_eq!(Certificate::read(&root.der), Ok(root));
    }

    #[test]
    fn the_first_of_several_counts() {
        let both = format!("a word before\n{ROOT}{OTHER}");
        assert_eq!(
            Certificate::read(both.as_bytes()),
            Certificate::read(ROOT.as_bytes())
        );
    }

    #[test]
    fn it_is_found_among_others() {
        let root = Certificate::read(ROOT.as_bytes()).unwrap();
        assert!(root.is_in(format!("# a comment\n{OTHER}{ROOT}").as_bytes()));
        assert!(!root.is_in(OTHER.as_bytes()));
    }

    #[test]
    fn a_certificate_that_may_not_sign_is_told_from_a_root() {
        let leaf = include_bytes!("../../testdata/trust/leaf.crt");
        assert!(!Certificate::read(leaf).unwrap().is_authority);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert!(Certificate::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
