//! The `Content-Type` of a file by the ending of its name, as Go's `mime` has it: a table, and what the system says.

use std::collections::HashMap;
use std::fs;

use http::HeaderValue;

/// Types by ending, without its dot.
#[derive(Debug, Default)]
pub(crate) struct ContentTypes {
    exact: HashMap<Box<str>, HeaderValue>,
    folded: HashMap<Box<str>, HeaderValue>,
}

/// Databases of the desktop, of which the first that is there counts.
const GLOBS: [&str; 2] = ["/usr/local/share/mime/globs2", "/usr/share/mime/globs2"];
/// What counts if there is none; the last one most.
const LISTS: [&str; 4] = [
    "/etc/mime.types",
    "/etc/apache2/mime.types",
    "/etc/apache/mime.types",
    "/etc/httpd/conf/mime.types",
];

impl ContentTypes {
    /// The types that this machine knows.
    pub(crate) fn of_machine() -> Self {
        let mut types = Self::built_in();
        let globs = GLOBS.iter().find_map(|file| fs::read(file).ok());
        if let Some(globs) = globs {
            types.add_globs(&String::from_utf8_lossy(&globs));
            return types;
        }
        for list in LISTS.iter().filter_map(|file| fs::read(file).ok()) {
            types.add_list(&String::from_utf8_lossy(&list));
        }
        types
    }

    fn built_in() -> Self {
        let mut types = Self::default();
        for (ending, kind) in BUILT_IN {
            types.add(ending, kind);
        }
        types
    }

    /// The type of a file, if its name tells.
    pub(super) fn of(&self, path: &[u8]) -> Option<HeaderValue> {
        let slash = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
        let name = path.get(slash..)?;
        let ending = name.get(memchr::memrchr(b'.', name)? + 1..)?;
        let ending = std::str::from_utf8(ending).ok()?;
        let found = self.exact.get(ending);
        found
            .or_else(|| self.folded.get(&*ending.to_lowercase()))
            .cloned()
    }

    /// Lines of `weight:type:*.ending`, the weightiest first; what is known stays as it is.
    fn add_globs(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(':').skip(1);
            let (Some(kind), Some(glob)) = (fields.next(), fields.next()) else {
                continue;
            };
            let ending = glob.strip_prefix("*.").unwrap_or_default();
            let is_plain = !ending.is_empty() && !ending.contains(['?', '*', '[']);
            if is_plain && !self.exact.contains_key(ending) {
                self.add(ending, kind);
            }
        }
    }

    /// Lines of a type and its endings.
    fn add_list(&mut self, text: &str) {
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let Some(kind) = fields.next().filter(|kind| !kind.starts_with('#')) else {
                continue;
            };
            for ending in fields.take_while(|ending| !ending.starts_with('#')) {
                self.add(ending, kind);
            }
        }
    }

    fn add(&mut self, ending: &str, kind: &str) {
        let kind = if kind.starts_with("text/") && !kind.contains(';') {
            format!("{}; charset=utf-8", kind.to_lowercase())
        } else {
            kind.to_owned()
        };
        if let Ok(kind) = HeaderValue::try_from(kind) {
            self.folded
                .insert(ending.to_lowercase().into(), kind.clone());
            self.exact.insert(ending.into(), kind);
        }
    }
}

/// What Caddy 2.11.4 knows on a machine that says nothing.
const BUILT_IN: &[(&str, &str)] = &[
    ("ai", "application/postscript"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("avif", "image/avif"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("com", "application/octet-stream"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("ehtml", "text/html; charset=utf-8"),
    ("eml", "message/rfc822"),
    ("eps", "application/postscript"),
    ("exe", "application/octet-stream"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jfif", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("m4a", "audio/mp4"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("ps", "application/postscript"),
    ("rdf", "application/rdf+xml"),
    ("rtf", "application/rtf"),
    ("shtml", "text/html; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("text", "text/plain; charset=utf-8"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webm", "audio/webm"),
    ("webp", "image/webp"),
    ("xbl", "text/xml; charset=utf-8"),
    ("xbm", "image/x-xbitmap"),
    ("xht", "application/xhtml+xml"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("xml", "text/xml; charset=utf-8"),
    ("xsl", "text/xml; charset=utf-8"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::ContentTypes;

    fn of(types: &ContentTypes, name: &str) -> Option<String> {
        let kind = types.of(name.as_bytes())?;
        Some(kind.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_last_ending_tells_and_its_case_does_not_matter() {
        let types = ContentTypes::built_in();
        let html = Some("text/html; charset=utf-8".to_owned());
        for name in ["/a/b.html", "/a.txt/x.HTML", ".html"] {
            assert_eq!(of(&types, name), html, "{name}");
        }
        for name in ["/a.html/b", "/html", "/a.", "/a.nope", "/a.html.x"] {
            assert_eq!(of(&types, name), None, "{name}");
        }
    }

    #[test]
    fn the_desktop_adds_what_is_not_known() {
        let mut types = ContentTypes::built_in();
        types.add_globs("# comment\n60:text/x-a:*.a\n50:text/x-b:*.a\n50:x/y:*.html\n50:x/z:*.[a]\n50:x/z:READ*\n");
        assert_eq!(of(&types, "x.a").unwrap(), "text/x-a; charset=utf-8");
        assert_eq!(of(&types, "x.html").unwrap(), "text/html; charset=utf-8");
        assert_eq!(of(&types, "x.[a]"), None);
    }

    #[test]
    fn lists_say_it_better() {
        let mut types = ContentTypes::built_in();
        types.add_list("# x/y html\nx/y html HTM2 # more\nx/z\n");
        assert_eq!(of(&types, "x.html").unwrap(), "x/y");
        assert_eq!(of(&types, "x.htm2").unwrap(), "x/y");
        assert_eq!(of(&types, "x.more"), None);
    }
}
