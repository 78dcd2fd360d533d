//! "Did you mean": the known name that is nearest to what was written.

/// Two letters wrong is a slip, three is another word.
const MAX_DISTANCE: usize = 2;

/// The known name nearest to what was written, if one is near enough to be meant.
pub fn suggest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .filter_map(|name| Some((rank(written, name)?, name)))
        .min()
        .map(|(_, name)| name)
}

/// Lower is nearer: the edit distance, or a place behind all of them for a word within the other.
fn rank(written: &str, name: &str) -> Option<usize> {
    let distance = distance(&written.to_lowercase(), name);
    let allowed = MAX_DISTANCE.min(written.chars().count() / 2);
    if distance <= allowed {
        return Some(distance);
    }
    let contains =
        written.len() >= 3 && name.len() >= 3 && (name.contains(written) || written.contains(name));
    contains.then_some(MAX_DISTANCE + distance)
}

/// Edits (insert, delete, replace, swap of neighbours) from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["reverse_proxy", "respond", "redir", "route", "basic_auth"];
        assert_eq!(suggest("reverse_porxy", known), Some("reverse_proxy"));
        assert_eq!(suggest("proxy", known), Some("reverse_proxy"));
        assert_eq!(suggest("Respond", known), Some("respond"));
        assert_eq!(suggest("basicauth", known), Some("basic_auth"));
        assert_eq!(suggest("gzip", known), None);
        assert_eq!(suggest("x", known), None);
    }
}
