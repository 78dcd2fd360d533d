//! Functions that encode and decode.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::BASE32;

use crate::args::exactly;
use crate::{Function, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "b64enc" => exactly(1, |args, _| Ok(STANDARD.encode(&**args.text(0)?).into())),
        "b64dec" => exactly(1, |args, _| {
            Ok(match STANDARD.decode(&**args.text(0)?) {
                Ok(bytes) => text(&bytes),
                Err(base64::DecodeError::InvalidByte(at, _)) => illegal("base64", at),
                Err(_) => illegal("base64", args.text(0)?.len()),
            })
        }),
        "b32enc" => exactly(1, |args, _| {
            Ok(BASE32.encode(args.text(0)?.as_bytes()).into())
        }),
        "b32dec" => exactly(1, |args, _| {
            Ok(match BASE32.decode(args.text(0)?.as_bytes()) {
                Ok(bytes) => text(&bytes),
                Err(error) => illegal("base32", error.position),
            })
        }),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// As in Caddy, what is wrong stands where the text would.
fn illegal(coding: &str, at: usize) -> Value {
    format!("illegal {coding} data at input byte {at}").into()
}
