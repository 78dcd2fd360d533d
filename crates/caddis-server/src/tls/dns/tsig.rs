//! Messages to DNS servers, signed with a shared secret (TSIG, RFC 8945).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};

use super::lookup::name;
use crate::tls::issue::Fault;

/// How far the clocks of both sides may differ, in seconds.
const FUDGE: u16 = 300;
/// The type and the class of the record, and its time to live.
const TYPE: u16 = 250;
const CLASS: u16 = 255;
const TTL: u32 = 0;
/// Where the number of the additional records stands in a message.
const ADDITIONAL: std::ops::Range<usize> = 10..12;

/// A shared secret with its name.
pub(super) struct Secret {
    name: Vec<u8>,
    algorithm: Vec<u8>,
    key: hmac::Key,
}

impl Secret {
    /// `key` is in base 64, as in the configuration of DNS servers.
    pub(super) fn new(key_name: &str, algorithm: &str, key: &str) -> Result<Self, Fault> {
        let spelled = algorithm.trim_end_matches('.').to_ascii_lowercase();
        let spelled = match spelled.as_str() {
            "" => "hmac-sha256",
            given => given,
        };
        let hash = match spelled {
            "hmac-sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "hmac-sha224" => hmac::HMAC_SHA224,
            "hmac-sha256" => hmac::HMAC_SHA256,
            "hmac-sha384" => hmac::HMAC_SHA384,
            "hmac-sha512" => hmac::HMAC_SHA512,
            _ => {
                return Err(format!(
                    "`{algorithm}` is not an algorithm of TSIG keys: write `hmac-sha256`"
                ));
            }
        };
        let secret = STANDARD.decode(key.trim());
        let secret = secret.map_err(|_| "the TSIG `key` is not base 64".to_owned())?;
        if secret.is_empty() || key_name.is_empty() {
            return Err("a TSIG key needs a `key_name` and a `key`".into());
        }
        Ok(Self {
            name: wire(&name(key_name)?)?,
            algorithm: wire(&name(spelled)?)?,
            key: hmac::Key::new(hash, &secret),
        })
    }

    /// Signs a message at a time, in seconds.
    pub(super) fn sign(&self, mut message: Vec<u8>, now: u64) -> Result<Vec<u8>, Fault> {
        let id = message
            .get(..2)
            .ok_or("a message without a number")?
            .to_vec();
        // 48 bits, of which the first two bytes are for the years to come.
        let time = now.to_be_bytes();
        let time = time.get(2..).unwrap_or_default();
        let fudge = FUDGE.to_be_bytes();
        let none = [0; 2];
        let mut signed = hmac::Context::with_key(&self.key);
        for part in [
            message.as_slice(),
            &self.name,
            &CLASS.to_be_bytes(),
            &TTL.to_be_bytes(),
            &self.algorithm,
            time,
            &fudge,
            // No error, and nothing else to say.
            &none,
            &none,
        ] {
            signed.update(part);
        }
        let signature = signed.sign();
        let signature = signature.as_ref();
        let length = u16::try_from(signature.len()).map_err(|error| error.to_string())?;
        let data = [
            self.algorithm.as_slice(),
            time,
            &fudge,
            &length.to_be_bytes(),
            signature,
            &id,
            &none,
            &none,
        ]
        .concat();
        let count = message
            .get_mut(ADDITIONAL)
            .ok_or("a message without a header")?;
        let more = u16::from_be_bytes([count[0], count[1]]) + 1;
        count.copy_from_slice(&more.to_be_bytes());
        let length = u16::try_from(data.len()).map_err(|error| error.to_string())?;
        message.extend_from_slice(&self.name);
        message.extend_from_slice(&TYPE.to_be_bytes());
        message.extend_from_slice(&CLASS.to_be_bytes());
        message.extend_from_slice(&TTL.to_be_bytes());
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(&data);
        Ok(message)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A name in its one form for signatures: in lower case, and not shortened.
fn wire(name: &Name) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut encoder = BinEncoder::new(&mut bytes);
    let emitted = name.to_lowercase().emit(&mut encoder);
    emitted.map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::Message;

    use super::Secret;

    #[test]
    fn keys_that_cannot_be_used_are_refused() {
        let fault = |name, algorithm, key| Secret::new(name, algorithm, key).err();
        assert!(fault("k", "hmac-md5", "c2VjcmV0").is_some());
        assert!(fault("k", "", "not base 64").is_some());
        assert!(fault("k", "", "").is_some());
        assert!(fault("", "", "c2VjcmV0").is_some());
        assert!(fault("k.", "HMAC-SHA512.", "c2VjcmV0").is_none());
    }

    #[test]
    fn a_signed_message_has_its_signature_last() {
        let secret = Secret::new("Key.test", "", "c2VjcmV0").unwrap();
        let message = Message::query();
        let bytes = message.to_vec().unwrap();
        let signed = secret.sign(bytes.clone(), 1_800_000_000).unwrap();
        let read = Message::from_vec(&signed).unwrap();
        let signature = read.additionals.last().unwrap();
        assert_eq!(signature.name.to_string(), "key.test.");
        assert_eq!(u16::from(signature.record_type()), 250);
        assert_eq!(read.metadata.id, message.metadata.id);
        assert!(signed.len() > bytes.len() + 32);
    }
}
