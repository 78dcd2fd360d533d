//! `{uri}` → `{http.request.uri}`: short placeholders of the Caddyfile, written out.
//!
//! The names are those of <https://caddyserver.com/docs/caddyfile/concepts#placeholders>.

use caddis_syntax::{Block, Line, Token};

/// Short placeholders that stand for one long one.
const WHOLE: &[(&str, &str)] = &[
    ("host", "http.request.host"),
    ("hostport", "http.request.hostport"),
    ("port", "http.request.port"),
    ("orig_method", "http.request.orig_method"),
    ("orig_uri", "http.request.orig_uri"),
    ("orig_path", "http.request.orig_uri.path"),
    ("orig_dir", "http.request.orig_uri.path.dir"),
    ("orig_file", "http.request.orig_uri.path.file"),
    ("orig_query", "http.request.orig_uri.query"),
    ("orig_?query", "http.request.orig_uri.prefixed_query"),
    ("method", "http.request.method"),
    ("uri", "http.request.uri"),
    ("%uri", "http.request.uri_escaped"),
    ("path", "http.request.uri.path"),
    ("%path", "http.request.uri.path_escaped"),
    ("dir", "http.request.uri.path.dir"),
    ("file", "http.request.uri.path.file"),
    ("query", "http.request.uri.query"),
    ("%query", "http.request.uri.query_escaped"),
    ("?query", "http.request.uri.prefixed_query"),
    ("remote", "http.request.remote"),
    ("remote_host", "http.request.remote.host"),
    ("remote_port", "http.request.remote.port"),
    ("scheme", "http.request.scheme"),
    ("uuid", "http.request.uuid"),
    ("tls_cipher", "http.request.tls.cipher_suite"),
    ("tls_version", "http.request.tls.version"),
    (
        "tls_client_fingerprint",
        "http.request.tls.client.fingerprint",
    ),
    ("tls_client_issuer", "http.request.tls.client.issuer"),
    ("tls_client_serial", "http.request.tls.client.serial"),
    ("tls_client_subject", "http.request.tls.client.subject"),
    (
        "tls_client_certificate_pem",
        "http.request.tls.client.certificate_pem",
    ),
    (
        "tls_client_certificate_der_base64",
        "http.request.tls.client.certificate_der_base64",
    ),
    ("upstream_hostport", "http.reverse_proxy.upstream.hostport"),
    ("client_ip", "http.vars.client_ip"),
];

/// A short placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shorthand {
    /// As it is written, without braces; what has a parameter ends with a dot.
    pub short: &'static str,
    /// What it is written out to; the parameter is put behind it.
    pub long: &'static str,
}

/// Every short placeholder.
pub(crate) fn shorthands() -> impl Iterator<Item = Shorthand> {
    let whole = WHOLE.iter().map(|(short, long)| (*short, *long));
    let with_parameter = WITH_PARAMETER
        .iter()
        .map(|(short, _, long)| (*short, *long));
    whole
        .chain(with_parameter)
        .map(|(short, long)| Shorthand { short, long })
}

/// The short placeholder that is written out to this one, braces and all.
pub(crate) fn short_form(placeholder: &str) -> Option<&'static str> {
    let name = placeholder.strip_prefix('{')?.strip_suffix('}')?;
    let known = WHOLE.iter().find(|(_, long)| *long == name);
    known.map(|(short, _)| *short)
}

/// Which parameters a short placeholder takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameter {
    /// Letters, digits, `_` and `-`.
    Word,
    /// The same, and dots.
    Dotted,
}

/// Short placeholders with a parameter: `{header.X}`. In the order in which they are replaced.
const WITH_PARAMETER: &[(&str, Parameter, &str)] = &[
    ("header.", Parameter::Word, "http.request.header."),
    ("cookie.", Parameter::Word, "http.request.cookie."),
    ("labels.", Parameter::Word, "http.request.host.labels."),
    ("path.", Parameter::Word, "http.request.uri.path."),
    ("file.", Parameter::Word, "http.request.uri.path.file."),
    ("query.", Parameter::Word, "http.request.uri.query."),
    ("re.", Parameter::Dotted, "http.regexp."),
    ("vars.", Parameter::Word, "http.vars."),
    ("rp.", Parameter::Dotted, "http.reverse_proxy."),
    ("resp.", Parameter::Dotted, "http.intercept."),
    ("err.", Parameter::Dotted, "http.error."),
    ("file_match.", Parameter::Word, "http.matchers.file."),
];

/// Writes out the short placeholders in every word of a block.
pub(crate) fn fill(block: &mut Block) {
    // A work list and not recursion: the depth of a config is not the depth of our stack.
    let mut lines: Vec<&mut Line> = block.lines.iter_mut().collect();
    while let Some(line) = lines.pop() {
        line.words.iter_mut().for_each(fill_word);
        if let Some(block) = &mut line.block {
            lines.extend(block.lines.iter_mut());
        }
    }
}

fn fill_word(word: &mut Token) {
    if !word.text().contains('{') {
        return;
    }
    let filled = written_out(word.text());
    if filled != word.text() {
        word.set_text(filled);
    }
}

/// The text with short placeholders written out; what is no short placeholder stays.
pub(crate) fn written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((long, length)) = long_form(rest) {
            out.push_str(&long);
            rest = &rest[length..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The long form of the placeholder that the text starts with, and how long the short one was.
fn long_form(text: &str) -> Option<(String, usize)> {
    let end = text.find('}')?;
    let name = &text[1..end];
    if let Some((_, long)) = WHOLE.iter().find(|(short, _)| *short == name) {
        return Some((format!("{{{long}}}"), end + 1));
    }
    let (prefix, _, long) = WITH_PARAMETER
        .iter()
        .find(|(prefix, parameter, _)| takes(*parameter, name.strip_prefix(prefix)))?;
    Some((format!("{{{long}{}}}", &name[prefix.len()..]), end + 1))
}

fn takes(parameter: Parameter, written: Option<&str>) -> bool {
    let dots = parameter == Parameter::Dotted;
    written.is_some_and(|text| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || (dots && c == '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::written_out;

    #[test]
    fn short_placeholders_are_written_out_and_others_stay() {
        let cases = [
            ("{host}{uri}", "{http.request.host}{http.request.uri}"),
            ("{?query}", "{http.request.uri.prefixed_query}"),
            ("{path.0}", "{http.request.uri.path.0}"),
            ("{path.a.b}", "{path.a.b}"),
            ("{re.x.1}", "{http.regexp.x.1}"),
            ("{header.X-Y}", "{http.request.header.X-Y}"),
            ("{env.HOME}", "{env.HOME}"),
            ("{{host}}", "{{http.request.host}}"),
            ("{host", "{host"),
            ("a{x{host}", "a{x{http.request.host}"),
        ];
        for (short, long) in cases {
            assert_eq!(written_out(short), long, "{short}");
        }
    }
}
