//! Text with `${CEL}` parts.

use statehold_core::expr::{Part, Template};

/// The parts as text: literals in quotes, expressions in angle brackets.
fn parts(text: &str) -> String {
    match Template::compile(text) {
        Ok(template) => {
            let parts = template.parts().iter().map(|part| match part {
                Part::Lit(text) => format!("{text:?}"),
                Part::Expr(expr) => format!("<{expr}>"),
            });
            parts.collect::<Vec<_>>().join(" ")
        }
        Err(error) => format!("! {} at {:?}", error.message, &text[error.range]),
    }
}

#[test]
fn a_template_is_text_and_expressions() {
    for (text, expected) in [
        ("", ""),
        ("plain", r#""plain""#),
        ("${ctx.total}", "<ctx.total>"),
        (
            "${env.PAY}/void/${ctx.id}",
            r#"<env.PAY> "/void/" <ctx.id>"#,
        ),
        ("a${1}b${2}", r#""a" <1> "b" <2>"#),
        ("costs $5 and {x}", r#""costs $5 and {x}""#),
        ("$${literal}", r#""${literal}""#),
        ("a$${b}${1}", r#""a${b}" <1>"#),
        ("${{'a': {'b': 1}}.a.b}", "<{'a': {'b': 1}}.a.b>"),
        ("${'}' + \"}\"}", "<'}' + \"}\">"),
        (r"${'it\'s }'}", r"<'it\'s }'>"),
        (r"${r'\'}", r"<r'\'>"),
        ("${'''a}'b'''}", "<'''a}'b'''>"),
        ("${'ä}'}ö", r#"<'ä}'> "ö""#),
        ("${ 1 }", "< 1 >"),
    ] {
        assert_eq!(parts(text), expected, "for {text}");
    }
}

#[test]
fn an_error_counts_in_the_text_of_the_template() {
    assert_eq!(
        parts("ab ${1 +}"),
        r#"! something is missing after `+` at "+""#
    );
    assert_eq!(parts("äö ${'ü' = 2}"), r#"! `=` is not an operator at "=""#);
    assert_eq!(
        parts("ab ${1"),
        r#"! `${` is never closed with `}` at "${""#
    );
    assert_eq!(
        parts("ab ${'}"),
        r#"! `${` is never closed with `}` at "${""#
    );
    assert_eq!(parts("${}"), r#"! the expression is empty at """#);
}

#[test]
fn a_value_that_is_one_expression_says_so() {
    let single = |text| {
        Template::compile(text)
            .expect("a template")
            .is_single_expr()
    };
    assert!(single("${ctx.total}"));
    assert!(!single(" ${ctx.total}"));
    assert!(!single("${1}${2}"));
    assert!(!single("text"));
    assert_eq!(
        Template::compile("text").expect("a template").as_literal(),
        Some("text")
    );
    assert_eq!(
        Template::compile("${1}").expect("a template").as_literal(),
        None
    );
}

#[test]
fn expressions_know_where_they_begin() {
    let text = "ä ${ctx.a} $${x} ${ctx.a}";
    let template = Template::compile(text).expect("a template");
    let places: Vec<_> = template
        .places()
        .map(|(at, expr)| &text[at..at + expr.source().len()])
        .collect();
    assert_eq!(places, ["ctx.a", "ctx.a"]);
    assert_eq!(
        template.places().map(|(at, _)| at).collect::<Vec<_>>(),
        [5, 20]
    );
}

#[test]
fn parts_are_bounded() {
    assert!(Template::compile(&"${1}".repeat(200)).is_ok());
    assert!(Template::compile(&"${1}".repeat(300)).is_err());
}
