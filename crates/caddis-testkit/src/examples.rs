//! Whole Caddyfiles made of the examples of the tables.

/// A site with a directive.
pub fn of_directive(line: &str) -> String {
    let definitions = definitions(line);
    format!("&(example) {{\n\tabort\n}}\n\nexample.com {{\n{definitions}\t{line}\n}}\n")
}

/// A site whose answer is for a matcher.
pub fn of_matcher(line: &str) -> String {
    of_directive(&format!("@example {{\n{line}\n}}\nrespond @example hello"))
}

/// A site, and a global option.
pub fn of_option(line: &str) -> String {
    format!("{{\n\t{line}\n}}\n\nexample.com {{\n\trespond hello\n}}\n")
}

/// Definitions of the matchers that an example names; those of answers it defines itself.
fn definitions(example: &str) -> String {
    let names = example
        .split_whitespace()
        .skip(1)
        .filter(|word| word.starts_with('@'))
        .filter(|name| !example.contains(&format!("\t{name} ")) && !example.starts_with(name));
    names.fold(String::new(), |lines, name| {
        lines + "\t" + name + " path /example\n"
    })
}
