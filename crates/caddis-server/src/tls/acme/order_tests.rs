//! What an order says to an ACME server, as a server sees it that refuses every order.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use caddis_ir::{AcmeIssuer, Apps, Config};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::issuer::Acme;
use super::world::Ports;
use crate::tls::Storage;
use crate::tls::issuer::{Issue as _, Refusal, Wish};
use crate::tls::stub::{Answer, Stub};

/// What a server with these profiles is asked for, and what becomes of it.
async fn order(profiles: Value, config: AcmeIssuer) -> (Vec<Value>, Refusal) {
    let orders: Arc<Mutex<Vec<Value>>> = Arc::default();
    let seen = Arc::clone(&orders);
    let server = Stub::serve(move |address, asked| {
        let at = |path: &str| format!("http://{address}{path}");
        let answer = |status, fields: String, body: Value| -> Answer {
            let fields = format!("Replay-Nonce: bm9uY2U\r\nContent-Type: application/json\r\n{fields}");
            (status, fields, body.to_string().into_bytes())
        };
        match asked.path.as_str() {
            "/dir" => answer(
                200,
                String::new(),
                json!({
                    "newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/order"),
                    "revokeCert": at("/revoke"), "keyChange": at("/key"), "meta": {"profiles": profiles},
                }),
            ),
            "/account" => {
                let place = format!("Location: {}\r\n", at("/account/1"));
                answer(201, place, json!({"status": "valid"}))
            }
            "/order" => {
                seen.lock().push(payload(&asked.body));
                let no = json!({"type": "urn:ietf:params:acme:error:rejectedIdentifier", "detail": "no"});
                answer(403, String::new(), no)
            }
            _ => answer(200, String::new(), json!({})),
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::of(&Config::default(), folder.path());
    let config = AcmeIssuer {
        ca: server.url("/dir"),
        ..config
    };
    let ports = Ports::of(&Apps::default());
    let acme = Acme::new(&config, &[], (ports, None), &storage, &Arc::default()).unwrap();
    let wish = Wish::new("a.test".into(), String::new());
    let Err(refusal) = acme.issue(&wish).await else {
        panic!("it signs nothing");
    };
    let orders = orders.lock().clone();
    (orders, refusal)
}

/// What stands in a signed message.
fn payload(message: &[u8]) -> Value {
    let message: Value = serde_json::from_slice(message).unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(message["payload"].as_str().unwrap());
    serde_json::from_slice(&payload.unwrap()).unwrap()
}

fn with_profile(profile: &str) -> AcmeIssuer {
    AcmeIssuer {
        profile: profile.to_owned(),
        ..AcmeIssuer::default()
    }
}

#[tokio::test]
async fn an_order_carries_the_profile() {
    let profiles = json!({"classic": "the usual", "shortlived": "six days"});
    let (orders, refusal) = order(profiles.clone(), with_profile("shortlived")).await;
    let names = json!([{"type": "dns", "value": "a.test"}]);
    assert_eq!(
        orders,
        [json!({"identifiers": names, "profile": "shortlived"})]
    );
    assert!(
        refusal.message.contains("rejectedIdentifier: no"),
        "{refusal:?}"
    );
    let (orders, _) = order(profiles, with_profile("")).await;
    assert_eq!(orders, [json!({"identifiers": names})]);
}

#[tokio::test]
async fn a_server_without_the_profile_is_not_asked() {
    let profiles = json!({"tlsserver": "", "classic": ""});
    let (orders, refusal) = order(profiles, with_profile("shortlived")).await;
    assert!(orders.is_empty());
    assert!(
        (refusal.message)
            .ends_with(": the server has no profile `shortlived`: it has `classic`, `tlsserver`"),
        "{refusal:?}"
    );
    let help = "write `profile` with one of `classic`, `tlsserver`, or leave it out";
    assert_eq!(refusal.help.as_deref(), Some(help));
    let (_, refusal) = order(json!({}), with_profile("shortlived")).await;
    assert!(
        refusal.message.ends_with("it has no profiles"),
        "{refusal:?}"
    );
}
