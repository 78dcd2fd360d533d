//! Which of several certificates for a name is taken.

use caddis_ir::{CertificateSelection, KeyAlgorithm};

use super::Certificate;

/// What a certificate must be like to be taken; everything that is given has to fit.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Whether the config says anything of it.
    pub(super) chooses: bool,
    /// In decimal, without anything before the first digit that counts.
    serials: Vec<String>,
    organizations: Vec<String>,
    key: Option<KeyAlgorithm>,
    any_tag: Vec<String>,
    all_tags: Vec<String>,
}

impl Selection {
    pub(super) fn new(config: &CertificateSelection) -> Self {
        Self {
            chooses: true,
            serials: (config.serial_number.iter())
                .map(|serial| whole_number(serial))
                .collect(),
            organizations: config.subject_organization.clone(),
            key: config.public_key_algorithm,
            any_tag: config.any_tag.clone(),
            all_tags: config.all_tags.clone(),
        }
    }

    /// Whether a certificate may be taken.
    pub(super) fn takes(&self, certificate: &Certificate) -> bool {
        let about = &certificate.about;
        let has = |tag: &String| certificate.tags.contains(tag);
        (self.serials.is_empty() || self.serials.contains(&about.serial))
            && (self.organizations.is_empty()
                || (self.organizations.iter()).any(|one| about.organizations.contains(one)))
            && (self.key.is_none() || self.key == about.key)
            && (self.any_tag.is_empty() || self.any_tag.iter().any(has))
            && self.all_tags.iter().all(has)
    }
}

fn whole_number(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::whole_number;

    #[test]
    fn numbers_are_compared_whatever_way_they_are_written() {
        let cases = [
            ("007", "7"),
            ("+7", "7"),
            ("-07", "-7"),
            ("0", "0"),
            ("-0", "0"),
        ];
        for (text, expected) in cases {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
