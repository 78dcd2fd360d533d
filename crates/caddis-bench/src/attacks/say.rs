//! What these programs print.

/// The result, or a line of it.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub(super) fn result(text: &str) {
    println!("{text}");
}

/// What is being done.
#[expect(
    clippy::print_stderr,
    reason = "a long run without a word looks like one that hangs"
)]
pub(super) fn progress(text: &str) {
    eprintln!("{text}");
}
