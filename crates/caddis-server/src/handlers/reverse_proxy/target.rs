//! The request's target as the upstream gets it.

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// What Go's `URL.EscapedPath` escapes when it has to escape a path anew.
const ESCAPED_ANEW: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// Path and query alone, with the path escaped as Caddy would send it.
///
/// A path that needs no more escaping stays as the client wrote it. One with a character that does is decoded and
/// escaped anew, as Go does it, so that the upstream never sees raw what the client did not write so.
pub(super) fn origin_form(uri: &Uri) -> Cow<'_, Uri> {
    let path = uri.path();
    if path.bytes().all(is_fine) {
        if uri.scheme().is_none() && uri.authority().is_none() {
            return Cow::Borrowed(uri);
        }
        return Cow::Owned(alone(uri));
    }
    escaped_anew(uri).map_or(Cow::Borrowed(uri), Cow::Owned)
}

/// The target without scheme and host.
fn alone(uri: &Uri) -> Uri {
    uri.path_and_query()
        .map_or_else(|| Uri::from_static("/"), |target| target.clone().into())
}

fn escaped_anew(uri: &Uri) -> Option<Uri> {
    let decoded = percent_decode_str(uri.path()).collect::<Vec<u8>>();
    let mut target = percent_encode(&decoded, ESCAPED_ANEW).to_string();
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    PathAndQuery::try_from(target).ok().map(Uri::from)
}

/// What Go leaves as it is in a path that is escaped already.
const fn is_fine(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_'
                | b'.'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'/'
                | b'%'
                | b'['
                | b']'
        )
}

#[cfg(test)]
mod tests {
    use super::origin_form;

    fn sent(target: &str) -> String {
        origin_form(&target.parse().unwrap()).to_string()
    }

    #[test]
    fn a_path_goes_up_as_the_client_wrote_it() {
        for target in [
            "/",
            "/a%2Fb/../c?x=1&y=%20",
            "//x/./y",
            "/a?",
            "/x;y?a;b&c=%zz",
            "/[]!*'()",
        ] {
            assert_eq!(sent(target), target);
        }
    }

    #[test]
    fn a_path_with_raw_characters_is_escaped_as_go_does_it() {
        assert_eq!(sent("/a%2Fb\"{}|?q={}|"), "/a/b%22%7B%7D%7C?q={}|");
    }

    #[test]
    fn scheme_and_host_stay_here() {
        assert_eq!(sent("http://a/abs?x"), "/abs?x");
        assert_eq!(sent("https://a"), "/");
    }
}
