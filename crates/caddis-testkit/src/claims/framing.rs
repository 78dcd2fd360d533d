//! Where messages of HTTP/1.1 end, for a reader that takes nothing that is not as it should be.

use httparse::{EMPTY_HEADER, Header, Status};

/// More than caddis sends.
const MAX_FIELDS: usize = 256;
const BLANK: &[u8] = b"\r\n\r\n";

/// A request that is whole and well framed.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: Vec<u8>,
    pub(super) fields: Fields,
    pub(super) body: Vec<u8>,
}

/// Names and values, as they came.
#[derive(Debug)]
pub(super) struct Fields(pub(super) Vec<(String, Vec<u8>)>);

/// What is wrong with a message.
type Fault = String;
/// A message and what comes after it, once all of it is there.
type Next<'a, M> = Result<Option<(M, &'a [u8])>, Fault>;

impl Fields {
    /// The values of a field, under any case of its name.
    pub(super) fn values(&self, name: &str) -> Vec<&[u8]> {
        let fields = self.0.iter();
        let found = fields.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value).collect()
    }

    /// The value of a field that may be there once.
    fn once(&self, name: &str) -> Result<Option<&[u8]>, Fault> {
        match *self.values(name) {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(format!("`{name}` more than once")),
        }
    }
}

/// The first request of a connection.
pub(super) fn next_request(bytes: &[u8]) -> Next<'_, Request> {
    let Some((head, rest)) = head(bytes)? else {
        return Ok(None);
    };
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let read = parsed.parse(head).map_err(|error| error.to_string())?;
    if read != Status::Complete(head.len()) || parsed.version != Some(1) {
        return Err("no head of HTTP/1.1".into());
    }
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().as_bytes().to_vec(),
        fields: Fields(owned(parsed.headers)),
        body: Vec::new(),
    };
    let fields = &request.fields;
    if fields.once("host")?.is_none() {
        return Err("no `Host`".into());
    }
    let body = match (
        fields.once("content-length")?,
        fields.once("transfer-encoding")?,
    ) {
        (Some(_), Some(_)) => return Err("two framings".into()),
        (None, None) => Some((Vec::new(), rest)),
        (Some(length), None) => exactly(rest, number(length, 10)?),
        (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => chunks(rest)?,
        (None, Some(_)) => return Err("an unknown coding".into()),
    };
    let Some((body, rest)) = body else {
        return Ok(None);
    };
    request.body = body;
    Ok(Some((request, rest)))
}

/// An answer that is whole and well framed.
pub(super) struct Answer {
    pub(super) status: u16,
    /// What it says that the request's method was.
    pub(super) method: Option<Vec<u8>>,
}

/// The first answer of a connection that has ended.
pub(super) fn next_answer(bytes: &[u8]) -> Next<'_, Answer> {
    let Some((head, rest)) = head(bytes)? else {
        return Ok(None);
    };
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let read = parsed.parse(head).map_err(|error| error.to_string())?;
    if read != Status::Complete(head.len()) {
        return Err("no head of an answer".into());
    }
    let status = parsed.code.unwrap_or_default();
    let fields = Fields(owned(parsed.headers));
    let method = fields.once("x-method")?.map(<[u8]>::to_vec);
    let is_head = method.as_deref() == Some(b"HEAD");
    let has_no_body = is_head || matches!(status, 100..=199 | 204 | 304);
    let body = match (
        fields.once("content-length")?,
        fields.once("transfer-encoding")?,
    ) {
        (Some(_), Some(_)) => return Err("two framings".into()),
        _ if has_no_body => Some((Vec::new(), rest)),
        (Some(length), None) => exactly(rest, number(length, 10)?),
        (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => chunks(rest)?,
        (None, Some(_)) => return Err("an unknown coding".into()),
        (None, None) => Some((rest.to_vec(), &[][..])),
    };
    Ok(body.map(|(_, rest)| (Answer { status, method }, rest)))
}

/// The head with the blank line after it; no line of it ends in a way of its own.
fn head(bytes: &[u8]) -> Next<'_, &[u8]> {
    let Some(end) = find(bytes, BLANK) else {
        return Ok(None);
    };
    let Some((head, rest)) = bytes.split_at_checked(end + BLANK.len()) else {
        return Ok(None);
    };
    let lines = head.split(|byte| *byte == b'\n');
    let odd = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.iter().any(|byte| b"\r\0".contains(byte))
    };
    let bare = head
        .windows(2)
        .any(|pair| pair.ends_with(b"\n") && !pair.starts_with(b"\r"));
    if bare || lines.into_iter().any(odd) {
        return Err("a line that ends oddly".into());
    }
    Ok(Some((head, rest)))
}

/// The body in chunks, with what comes after its trailer.
fn chunks(mut rest: &[u8]) -> Next<'_, Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let Some((size, after)) = line(rest) else {
            return Ok(None);
        };
        let size = size.split(|byte| *byte == b';').next().unwrap_or(size);
        let size = number(size, 16)?;
        rest = after;
        if size == 0 {
            break;
        }
        let Some((chunk, after)) = exactly(rest, size) else {
            return Ok(None);
        };
        body.extend(chunk);
        match after {
            [b'\r', b'\n', after @ ..] => rest = after,
            [] | [b'\r'] => return Ok(None),
            _ => return Err("a chunk of another size".into()),
        }
    }
    loop {
        match line(rest) {
            None => return Ok(None),
            Some(([], after)) => return Ok(Some((body, after))),
            Some((field, _)) if !field.contains(&b':') => return Err("no trailer".into()),
            Some((_, after)) => rest = after,
        }
    }
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = find(bytes, b"\r\n")?;
    Some((bytes.get(..end)?, bytes.get(end + 2..)?))
}

fn exactly(bytes: &[u8], length: usize) -> Option<(Vec<u8>, &[u8])> {
    let (body, rest) = bytes.split_at_checked(length)?;
    Some((body.to_vec(), rest))
}

/// Digits and nothing else.
fn number(text: &[u8], radix: u32) -> Result<usize, Fault> {
    let digits = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    let are_digits = digits.chars().all(|char| char.is_digit(radix));
    let number = usize::from_str_radix(digits, radix).ok();
    let number = number.filter(|_| are_digits);
    number.ok_or_else(|| format!("`{digits}` is no length"))
}

fn owned(fields: &[Header<'_>]) -> Vec<(String, Vec<u8>)> {
    fields
        .iter()
        .map(|field| (field.name.to_owned(), field.value.to_vec()))
        .collect()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
