//! The one place that prints.

/// The result, for the README.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub(crate) fn table(text: &str) {
    println!("{text}");
}

/// What is being done.
#[expect(
    clippy::print_stderr,
    reason = "a long run without a word looks like one that hangs"
)]
pub(crate) fn progress(text: &str) {
    eprintln!("{text}");
}
