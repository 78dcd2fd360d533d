//! Text without its tags.

/// Takes away what stands between `<` and `>`, as Caddy does it: those within tags belong to each other, and quotes in
/// tags may hold both.
pub fn strip_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = 0_usize;
    let mut quote = None;
    for letter in text.chars() {
        match (letter, quote) {
            (letter, Some(mark)) if letter == mark => quote = None,
            ('"' | '\'', None) if open > 0 => quote = Some(letter),
            ('<', None) => open += 1,
            ('>', None) if open > 0 => open -= 1,
            (letter, None) if open == 0 => out.push(letter),
            (_, Some(_) | None) => {}
        }
    }
    out
}
