//! The head of an answer as a script writes it: fields, with the status as one of them.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The most bytes of a head.
pub(super) const MOST: usize = 128 * 1024;

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Where the body begins.
    pub(super) end: usize,
}

/// Reads a head; `None` if it has not ended yet, and an error that says what is wrong.
pub(super) fn parse(text: &[u8]) -> Result<Option<Head>, String> {
    let mut headers = HeaderMap::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            return match text.len() {
                length if length > MOST => Err("the header of the answer is too long".into()),
                _ => Ok(None),
            };
        };
        let line = rest.get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at += length + 1;
        if line.is_empty() {
            break;
        }
        let (name, value) = field(line)?;
        headers.append(name, value);
    }
    Ok(Some(Head {
        status: status(&headers)?,
        headers,
        end: at,
    }))
}

fn field(line: &[u8]) -> Result<(HeaderName, HeaderValue), String> {
    let malformed = || {
        let line = String::from_utf8_lossy(line);
        format!(
            "the header of the answer is malformed: {:?}",
            line.get(..80).unwrap_or(&line)
        )
    };
    let colon = line.iter().position(|byte| *byte == b':');
    let (name, value) = line.split_at(colon.ok_or_else(malformed)?);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let name = HeaderName::from_bytes(name).map_err(|_| malformed())?;
    let value = HeaderValue::from_bytes(value).map_err(|_| malformed())?;
    Ok((name, value))
}

/// `Status: 404 Not Found`; 200 if there is none.
fn status(headers: &HeaderMap) -> Result<StatusCode, String> {
    let Some(status) = headers.get("status") else {
        return Ok(StatusCode::OK);
    };
    let code = status.as_bytes().split(|byte| *byte == b' ').next();
    let code = code.and_then(|code| StatusCode::from_bytes(code).ok());
    code.filter(|code| !code.is_informational())
        .ok_or_else(|| format!("{status:?} is not the status of an answer"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::parse;

    #[test]
    fn the_status_is_a_field() {
        let head = parse(b"Status: 404 Not Found\r\nX-A: 1\nX-A: 2\r\n\r\nbody").unwrap();
        let head = head.unwrap();
        assert_eq!(head.status, StatusCode::NOT_FOUND);
        assert_eq!(head.headers.get_all("x-a").iter().count(), 2);
        assert_eq!(head.end, 40);
        assert_eq!(parse(b"\n").unwrap().unwrap().status, StatusCode::OK);
    }

    #[test]
    fn half_a_head_is_waited_for_and_a_malformed_one_is_an_error() {
        assert_eq!(parse(b"A: b\r\n"), Ok(None));
        for bad in [
            "no colon\r\n\r\n",
            "a b: c\n\n",
            "Status: x\n\n",
            "Status: 101\n\n",
            ": a\n\n",
            "A: \x01\n\n",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(parse(&vec![b'x'; super::MOST + 1]).is_err());
    }
}
