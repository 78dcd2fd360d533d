//! Whole command lines: what they print, where, and how they exit.

#[test]
fn the_command_lines_of_testdata_print_what_they_say() {
    trycmd::TestCases::new().case("testdata/cli/*.trycmd").run();
}
