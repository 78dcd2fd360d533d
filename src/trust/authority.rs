//! The root certificate of an authority: asked of the server that has it, or read where it is kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Certificate;
use crate::report::Failure;

/// The authority that every server has.
const LOCAL: &str = "local";

/// The admin endpoint of a server.
pub(crate) trait Ask {
    /// Its address, as it is written in messages.
    fn address(&self) -> String;

    /// The status and the body of the answer to `GET` of a path; a failure if there is no answer.
    fn get(&self, path: &str) -> Result<(u16, Vec<u8>), Failure>;
}

/// A root certificate, and where it is from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The certificate.
    pub(crate) certificate: Certificate,
    /// An address, or a file.
    pub(crate) origin: String,
}

/// Asks the server for the root of an authority. Where none answers, `kept` is the folder in which it would keep it.
pub(crate) fn root(id: &str, server: &dyn Ask, kept: Option<PathBuf>) -> Result<Found, Failure> {
    let id = if id.is_empty() { LOCAL } else { id };
    match server.get(&format!("/pki/ca/{}", encoded(id))) {
        Ok((status, body)) => answered(id, &server.address(), status, &body),
        Err(silence) => match kept.filter(|_| is_plain(id)) {
            Some(folder) => read(
                &folder.join(format!("pki/authorities/{id}/root.crt")),
                silence,
            ),
            None => Err(silence),
        },
    }
}

fn answered(id: &str, address: &str, status: u16, body: &[u8]) -> Result<Found, Failure> {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    if status == 404 {
        let message = format!("the server at {address} has no authority `{id}`");
        let help =
            "authorities are those of `pki` in its config, and `local`, which every server has";
        return Err(Failure::message(message).help(help));
    }
    if status != 200 {
        let why = text("error").unwrap_or("it does not say why");
        let message = format!("the server at {address} answers {status}: {why}");
        return Err(Failure::message(message));
    }
    let Some(pem) = text("root_certificate") else {
        let message = format!("what answers at {address} gives no certificate");
        return Err(Failure::message(message).help("is it the admin endpoint of the server?"));
    };
    let certificate = Certificate::read(pem.as_bytes())
        .map_err(|why| Failure::message(format!("the root certificate from {address}: {why}")))?;
    Ok(Found {
        certificate,
        origin: address.to_owned(),
    })
}

/// Reads the certificate that a server has kept, or says both: that none answers, and that none has been here.
fn read(file: &Path, silence: Failure) -> Result<Found, Failure> {
    let origin = file.display().to_string();
    let certificate = match fs::read(file) {
        Ok(bytes) => {
            Certificate::read(&bytes).map_err(|why| Failure::message(format!("{origin}: {why}")))?
        }
        Err(error) => {
            return Err(with(
                silence,
                &format!("; {origin} cannot be read either: {error}"),
            ));
        }
    };
    Ok(Found {
        certificate,
        origin,
    })
}

fn with(failure: Failure, more: &str) -> Failure {
    match failure {
        Failure::Message { message, help } => Failure::Message {
            message: message + more,
            help,
        },
        Failure::Findings(..) | Failure::Usage(..) | Failure::Help(_) => failure,
    }
}

/// True for a name that is one folder, and no other than its own.
fn is_plain(id: &str) -> bool {
    !id.contains(['/', '\0']) && id != "." && id != ".."
}

fn encoded(id: &str) -> String {
    let mut path = String::new();
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte));
            }
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::testing::{ROOT, Server, root as certificate};

    fn message(found: Result<Found, Failure>) -> String {
        match found {
            Err(Failure::Message { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_server_that_runs_is_asked() {
        let answer = serde_json::json!({ "id": "local", "root_certificate": ROOT });
        let server = Server::answering(200, &answer.to_string());
        for id in ["", "local"] {
            let found = root(id, &server, None).unwrap();
            assert_eq!(found.certificate, certificate());
            assert_eq!(found.origin, "localhost:2019");
        }
        assert_eq!(server.asked(), ["/pki/ca/local", "/pki/ca/local"]);
    }

    #[test]
    fn where_none_runs_the_certificate_that_it_kept_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("pki/authorities/company");
        fs::create_dir_all(&authority).unwrap();
        fs::write(authority.join("root.crt"), ROOT).unwrap();
        let kept = || Some(folder.path().to_owned());
        let found = root("company", &Server::silent(), kept()).unwrap();
        assert_eq!(found.certificate, certificate());
        assert!(found.origin.ends_with("company/root.crt"));
        let message = message(root("", &Server::silent(), kept()));
        assert!(
            message.contains("no server answers at localhost:2019"),
            "{message}"
        );
        assert!(
            message.contains("pki/authorities/local/root.crt"),
            "{message}"
        );
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder_or_the_path() {
        let server = Server::silent();
        for id in ["..", "../../x", "a/b"] {
            let message = message(root(id, &server, Some("/nowhere".into())));
            assert!(!message.contains("/nowhere"), "{message}");
        }
        assert_eq!(
            server.asked(),
            ["/pki/ca/..", "/pki/ca/..%2F..%2Fx", "/pki/ca/a%2Fb"]
        );
    }

    #[test]
    fn a_server_that_has_no_such_authority_is_believed() {
        let server = Server::answering(404, r#"{"error":"no"}"#);
        let message = message(root("x", &server, Some("/nowhere".into())));
        assert_eq!(message, "the server at localhost:2019 has no authority `x`");
    }

    #[test]
    fn what_a_server_says_of_its_trouble_is_repeated() {
        let server = Server::answering(500, r#"{"error":"disk full"}"#);
        let message = message(root("", &server, None));
        assert_eq!(
            message,
            "the server at localhost:2019 answers 500: disk full"
        );
    }

    #[test]
    fn another_program_at_the_address_is_noticed() {
        for body in ["<html>", "{}", r#"{"root_certificate":"no"}"#] {
            let message = message(root("", &Server::answering(200, body), None));
            assert!(message.contains("localhost:2019"), "{message}");
        }
    }
}
