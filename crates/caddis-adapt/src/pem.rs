//! Certificates in files, for the few places where Caddy puts them into the JSON.

use std::collections::HashMap;
use std::io;

use caddis_source::{Code, Diagnostic};
use caddis_syntax::{Line, Tree};

use crate::{Result, Token};

const UNREADABLE: Code = Code("tls/unreadable-file");
const NO_CERTIFICATE: Code = Code("tls/no-certificate");

/// The options of `tls { client_auth { … } }` that name a file.
const OPTIONS: [&str; 2] = ["trusted_ca_cert_file", "trusted_leaf_cert_file"];

/// The files that a config names, as they were read before it was adapted.
pub(crate) type Files = HashMap<String, io::Result<Vec<u8>>>;

/// Reads the files whose certificates become part of the JSON.
pub(crate) fn read(tree: &Tree, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) -> Files {
    let lines = tree.sites.iter().flat_map(|site| &site.block.lines);
    let tls = lines.filter(|line| line.name().text() == "tls");
    let client_auth = tls
        .flat_map(within)
        .filter(|line| line.name().text() == "client_auth");
    let options = client_auth
        .flat_map(within)
        .filter(|line| OPTIONS.contains(&line.name().text()));
    let files = options.filter_map(|line| line.arguments().first());
    let files = files.map(|file| file.text().to_owned());
    files.map(|file| (file.clone(), read(&file))).collect()
}

fn within(line: &Line) -> impl Iterator<Item = &Line> {
    line.block.iter().flat_map(|block| &block.lines)
}

/// The certificates of a file, each as DER in base 64.
pub(crate) fn certificates(file: &Token, files: &Files) -> Result<Vec<String>> {
    let bytes = match files.get(file.text()) {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => return Err(unreadable(file, &error.to_string())),
        None => return Err(unreadable(file, "files are not read here")),
    };
    blocks(&String::from_utf8_lossy(bytes))
        .filter(|found| !found.is_empty())
        .ok_or_else(|| {
            let message = format!("`{}` is not a file of certificates", file.text());
            let error = file.error(NO_CERTIFICATE, message);
            error.label("expected PEM: `-----BEGIN CERTIFICATE-----` …")
        })
}

fn unreadable(file: &Token, why: &str) -> Diagnostic {
    let message = format!("`{}` cannot be read: {why}", file.text());
    file.error(UNREADABLE, message)
        .label("its certificates become part of the config")
}

/// The contents of all blocks of PEM; `None` if one of them is no certificate.
fn blocks(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (kind, after) = after.split_once("-----")?;
        let end = format!("-----END {kind}-----");
        let Some((body, after)) = after.split_once(&end) else {
            break;
        };
        if kind != "CERTIFICATE" {
            return None;
        }
        let lines = body.lines().filter(|line| !line.contains(':'));
        let body: String = lines.flat_map(str::split_whitespace).collect();
        if !is_base64(&body) {
            return None;
        }
        found.push(body);
        rest = after;
    }
    Some(found)
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.len().is_multiple_of(4) && text.len() - body.len() < 3 && body.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn every_certificate_of_a_file_is_found() {
        let text = "x\n-----BEGIN CERTIFICATE-----\nAAAA\nBBB=\n-----END CERTIFICATE-----\ny\n\
                    -----BEGIN CERTIFICATE-----\r\nCCCC\r\n-----END CERTIFICATE-----\n";
        let found = blocks(text);
        assert_eq!(found, Some(vec!["AAAABBB=".to_owned(), "CCCC".to_owned()]));
    }

    #[test]
    fn a_key_and_letters_that_are_no_base64_are_refused() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let letters = "-----BEGIN CERTIFICATE-----\nAAA!\n-----END CERTIFICATE-----\n";
        assert_eq!(blocks(key), None);
        assert_eq!(blocks(letters), None);
        assert_eq!(blocks("nothing"), Some(Vec::new()));
    }
}
