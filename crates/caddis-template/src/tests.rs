//! What templates come to, and what stops them.

use std::fmt::Write as _;

use crate::{Delimiters, Error, Limits, Result, Run, Value, World};

/// Nothing but the language and its library.
struct Nothing;

impl World for Nothing {
    fn knows(&self, function: &str) -> bool {
        function == "gone"
    }

    fn call(&self, _: &str, _: &[Value], _: &mut Run<'_>) -> Result<Value> {
        Err(Error::status(404))
    }

    fn waits(&self) -> bool {
        true
    }
}

fn render(text: &str) -> Result<String> {
    let delimiters = Delimiters::default();
    Run::new(&Nothing, &delimiters, Limits::default()).render("page", text, &Value::Nil)
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        match render(text) {
            Ok(found) => assert_eq!(found, *expected, "{text}"),
            Err(error) => assert!(
                error.message.contains(expected) && expected.len() > 3,
                "{text}: {error}"
            ),
        }
    }
}

/// With little to spend.
fn limited(text: &str, limits: Limits) -> String {
    let delimiters = Delimiters::default();
    let made = Run::new(&Nothing, &delimiters, limits).render("page", text, &Value::Nil);
    made.unwrap_or_else(|error| error.message)
}

#[test]
fn pipelines_branches_and_loops_are_run() {
    check(&[
        ("a{{- 1 -}} b", "a1b"),
        ("{{/* no */}}{{ `raw` }}{{ 'a' }}", "raw97"),
        ("{{if 0}}a{{else if 1}}b{{else}}c{{end}}", "b"),
        ("{{with 5}}{{.}}{{$}}{{end}}", "5<no value>"),
        (
            "{{range $i, $e := list 1 2 3}}{{if eq $e 2}}{{continue}}{{end}}{{$i}}{{$e}}{{end}}",
            "0123",
        ),
        ("{{range list}}x{{else}}none{{end}}", "none"),
        ("{{range 3}}{{if eq . 1}}{{break}}{{end}}{{.}}{{end}}", "0"),
        (
            "{{define \"a\"}}<{{.}}>{{end}}{{template \"a\" 5}}{{block \"b\" 6}}{{.}}{{end}}",
            "<5>6",
        ),
        (
            "{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{end}}{{$x}}",
            "2",
        ),
        ("{{1 | printf \"%d%d\" 2}}", "21"),
        ("{{printf \"%[2]d %[1]d\" 1 2}}", "2 1"),
        ("{{printf \"%[9223372036854775807]d\" 1}}", "%!d(MISSING)"),
        ("{{printf \"%.999999f\" 1.5 | len}}", "60002"),
        ("{{printf \"%.999999d\" 5 | len}}", "60000"),
    ]);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    check(&[
        ("\n{{nothing 1}}", "function \"nothing\" not defined"),
        (
            "{{genCA \"a\" 1}}",
            "function \"genCA\" is not there in caddis",
        ),
        (
            "\n\n{{upper 5}}",
            "template: page:3: error calling upper: wrong type",
        ),
        ("{{$x}}", "undefined variable \"$x\""),
        ("{{if false}}{{$x}}{{end}}", "undefined variable \"$x\""),
        ("{{break}}", "outside {{range}}"),
        ("{{5 | 6}}", "non executable command in pipeline stage 2"),
        ("{{if true}}", "unexpected EOF: `if`"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{else}}", "unexpected {{else}}"),
        ("{{if true}}{{\"{{end}}\"}}", "unexpected EOF: `if`"),
        ("{{eq 1 1.0}}", "incompatible types"),
        ("{{index (list 1) -1}}", "index out of range: -1"),
        ("{{template \"x\"}}", "template \"x\" not defined"),
        (
            "{{define \"a\"}}1{{end}}{{define \"a\"}}2{{end}}",
            "multiple definition",
        ),
    ]);
}

#[test]
fn a_status_is_an_error_with_a_status() {
    assert_eq!(render("{{gone}}").unwrap_err().status, Some(404));
    assert_eq!(render("{{httpError 418}}").unwrap_err().status, Some(418));
    assert_eq!(render("{{httpError 99}}").unwrap_err().status, None);
}

#[test]
fn values_are_not_run() {
    check(&[
        ("{{ print \"{{ fail }}\" }}", "{{ fail }}"),
        (
            "{{ $x := \"{{ fail }}\" }}{{ $x }}{{ printf \"%s\" $x }}",
            "{{ fail }}{{ fail }}",
        ),
    ]);
}

#[test]
fn a_map_cannot_hold_itself() {
    check(&[
        (
            "{{$d := dict}}{{$_ := set $d \"a\" (list $d)}}",
            "a map cannot hold itself",
        ),
        (
            "{{$d := dict}}{{$e := dict \"d\" $d}}{{$_ := set $d \"e\" $e}}",
            "a map cannot hold itself",
        ),
        (
            "{{$d := dict}}{{$_ := set $d \"a\" (dict \"b\" 1)}}{{$d}}",
            "map[a:map[b:1]]",
        ),
    ]);
}

#[test]
fn values_in_values_end_somewhere() {
    let nested = "{{$x := list}}{{range 3000}}{{$x = list $x}}{{end}}";
    for last in [
        "{{$x}}",
        "{{mustToJson $x}}",
        "{{deepEqual $x $x}}",
        "{{deepCopy $x}}",
    ] {
        let error = render(&format!("{nested}{last}")).unwrap_err();
        assert!(
            error.message.contains("nested too deeply"),
            "{last}: {error}"
        );
    }
    // What is nested that deep is let go without a stack that deep.
    let deep = "{{$x := list}}{{range 200000}}{{$x = list $x}}{{end}}done";
    assert_eq!(render(deep).unwrap(), "done");
}

#[test]
fn templates_in_templates_end_somewhere() {
    let error = render("{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}");
    assert!(error.unwrap_err().message.contains("nested too deeply"));
    let brackets = format!("{{{{{}1{}}}}}", "(".repeat(90), ")".repeat(90));
    assert_eq!(render(&brackets).unwrap(), "1");
    let brackets = format!("{{{{{}1{}}}}}", "(".repeat(9000), ")".repeat(9000));
    assert!(render(&brackets).is_err());
}

#[test]
fn a_template_has_so_many_steps_and_bytes() {
    let few = Limits {
        steps: 1000,
        memory: 10_000,
        text: 1000,
        ..Limits::default()
    };
    for (text, expected) in [
        ("{{range 100000}}{{end}}", "too many steps"),
        ("{{range 9223372036854775807}}{{end}}", "too many steps"),
        ("{{until 100000000}}", "too many steps"),
        ("{{seq 1 999999999}}", "too many steps"),
        ("{{repeat 1001 \"a\"}}", "too large a text"),
        ("{{repeat 9223372036854775807 \"ab\"}}", "too large a text"),
        ("{{indent 1000000 \"a\"}}", "too large a text"),
        ("{{printf \"%999999d\" 1}}", "too large a text"),
        (
            "{{replace \"\" (repeat 100 \"a\") (repeat 100 \"b\")}}",
            "too large a text",
        ),
        (
            "{{regexReplaceAll \"\" (repeat 100 \"b\") (repeat 100 \"a\")}}",
            "too large a text",
        ),
        ("{{randBytes 100000000}}", "too large a text"),
        (
            "{{range 100}}{{$x := repeat 900 \"a\"}}{{end}}",
            "too much memory",
        ),
        (
            "{{range 100}}{{repeat 900 \"a\"}}{{end}}",
            "too large a text",
        ),
        ("{{range 500}}{{bcrypt \"x\"}}{{end}}", "too many steps"),
    ] {
        let found = limited(text, few);
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn expressions_have_a_size() {
    let error = render("{{regexMatch \"((a{1000}){1000}){1000}\" \"a\"}}").unwrap_err();
    assert!(error.message.contains("size"), "{error}");
}

#[test]
fn a_template_that_nobody_waits_for_is_stopped() {
    struct Gone;
    impl World for Gone {
        fn knows(&self, _: &str) -> bool {
            false
        }
        fn call(&self, function: &str, _: &[Value], _: &mut Run<'_>) -> Result<Value> {
            Err(Error::new(function))
        }
        fn waits(&self) -> bool {
            false
        }
    }
    let delimiters = Delimiters::default();
    let mut run = Run::new(&Gone, &delimiters, Limits::default());
    let error = run.render("page", "{{range 1000000}}{{end}}", &Value::Nil);
    assert!(error.unwrap_err().message.contains("nobody waits"));
}

#[test]
fn aliases_of_yaml_cost_no_memory() {
    let mut text = String::from("---\na0: &a0 [x]\n");
    for level in 1..60 {
        let before = level - 1;
        writeln!(text, "a{level}: &a{level} [*a{before}, *a{before}]").unwrap();
    }
    text += "---\nbody";
    let page = crate::pages::split_front_matter(&text).unwrap();
    assert!(matches!(page, Value::Object(_)));
    let deep = format!("---\n{}\n---\n", "[".repeat(1000));
    assert!(crate::pages::split_front_matter(&deep).is_err());
}
