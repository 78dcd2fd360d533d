//! An account elsewhere (EAB) that an ACME account belongs to: as the config has it, or from `ZeroSSL`, which gives
//! one to who names an e-mail address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use caddis_ir::ExternalAccount;
use http::Request;
use http::header::CONTENT_TYPE;
use instant_acme::ExternalAccountKey;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::calls::Failure;
use super::client::Client;
use crate::tls::issue::Fault;
use crate::tls::issuer::{Cause, Refusal};

/// The servers of `ZeroSSL`, by how their URLs begin.
const ZEROSSL: &str = "https://acme.zerossl.com/";
/// Where `ZeroSSL` gives accounts to e-mail addresses.
const BY_EMAIL: &str = "https://api.zerossl.com/acme/eab-credentials-email";

/// What `ZeroSSL` answers.
#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    eab_kid: String,
    #[serde(default)]
    eab_hmac_key: String,
}

/// True if a server gives external accounts to e-mail addresses.
pub(crate) fn gives_accounts(directory: &str) -> bool {
    directory.starts_with(ZEROSSL)
}

/// Why the secret of an account in the config cannot be used.
pub(crate) fn fault(account: &ExternalAccount) -> Option<Fault> {
    if account.key_id.is_empty() || account.mac_key.is_empty() {
        return Some("an external account needs a `key_id` and a `mac_key`".into());
    }
    let key = decoded(&account.mac_key);
    key.is_none()
        .then(|| "the `mac_key` of the external account is not base 64 of a URL".into())
}

/// The key that says whose an account is, for a server that wants to know.
pub(super) async fn key(
    client: &Client,
    directory: &str,
    email: &str,
    account: Option<&ExternalAccount>,
) -> Result<Option<ExternalAccountKey>, Failure> {
    match account {
        Some(account) => of(account).map(Some),
        None if gives_accounts(directory) => {
            let account = ask(client, BY_EMAIL, email).await?;
            of(&account).map(Some)
        }
        None => Ok(None),
    }
}

fn of(account: &ExternalAccount) -> Result<ExternalAccountKey, Failure> {
    let refused = |fault: Fault| Failure::from(Refusal::new(Cause::Refused, fault));
    if let Some(fault) = fault(account) {
        return Err(refused(fault));
    }
    let key = decoded(&account.mac_key).unwrap_or_default();
    Ok(ExternalAccountKey::new(account.key_id.clone(), &key))
}

/// Caddy takes it without padding; some authorities give it with padding.
fn decoded(key: &str) -> Option<Vec<u8>> {
    let key = key.trim().trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(key).ok()
}

async fn ask(client: &Client, url: &str, email: &str) -> Result<ExternalAccount, Failure> {
    const WHAT: &str = "external account by e-mail address";
    let fault = |cause, why: String| Failure::from(Refusal::new(cause, format!("{WHAT}: {why}")));
    let form = format!("email={}", utf8_percent_encode(email, NON_ALPHANUMERIC));
    let request = Request::post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .map_err(|error| fault(Cause::Refused, error.to_string()))?;
    let answer = client.ask(&request).await;
    let answer = answer.map_err(|silence| fault(Cause::Down, silence.to_string()))?;
    let status = answer.status();
    let given = serde_json::from_slice::<Given>(answer.body()).ok();
    match given.filter(|given| status.is_success() && given.success) {
        Some(given) => Ok(ExternalAccount {
            key_id: given.eab_kid,
            mac_key: given.eab_hmac_key,
        }),
        None if status.is_server_error() => Err(fault(Cause::Down, format!("status {status}"))),
        None => Err(fault(
            Cause::Refused,
            format!("it gives none to `{email}` (status {status})"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::ExternalAccount;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{ask, fault};
    use crate::tls::acme::client::Client;
    use crate::tls::acme::roots::client;

    fn account(key_id: &str, mac_key: &str) -> ExternalAccount {
        ExternalAccount {
            key_id: key_id.into(),
            mac_key: mac_key.into(),
        }
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_refused() {
        assert_eq!(fault(&account("id", "c2VjcmV0LV8")), None);
        assert_eq!(fault(&account("id", "c2VjcmV0LQ==")), None);
        assert!(fault(&account("id", "c2Vj/mV0")).is_some());
        assert!(fault(&account("", "c2VjcmV0")).is_some());
        assert!(fault(&account("id", "")).is_some());
    }

    /// What becomes of an answer, and what was asked.
    async fn given(answer: &str) -> (Result<ExternalAccount, String>, String) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/eab", socket.local_addr().unwrap());
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
            answer.len()
        );
        let serve = async {
            let (mut stream, _) = socket.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"example%2Etest") {
                assert!(stream.read_buf(&mut asked).await.unwrap() > 0);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        };
        let client = Client::new(&client(&[]).unwrap());
        let (asked, given) = tokio::join!(serve, ask(&client, &url, "me+x@example.test"));
        (given.map_err(|failure| failure.refusal.message), asked)
    }

    #[tokio::test]
    async fn an_account_is_given_to_an_address() {
        let answer = r#"{"success":true,"eab_kid":"id","eab_hmac_key":"c2VjcmV0"}"#;
        let (given, asked) = given(answer).await;
        assert_eq!(given, Ok(account("id", "c2VjcmV0")));
        assert!(asked.starts_with("POST /eab HTTP/1.1\r\n"), "{asked}");
        assert!(
            asked.ends_with("\r\n\r\nemail=me%2Bx%40example%2Etest"),
            "{asked}"
        );
    }

    #[tokio::test]
    async fn an_address_that_gets_no_account_is_named() {
        let (given, _) = given(r#"{"success":false,"error":{"code":1}}"#).await;
        assert!(given.unwrap_err().contains("`me+x@example.test`"));
    }
}
