//! What is wrong with a mock file: everything at once, each at its place.

use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::line_col;
use statehold_mock::{MockSpec, REPLIES_MAX, ROUTES_MAX};

/// `line:column code message (help)` of every problem.
fn problems(text: &str) -> Vec<String> {
    let shown = |problem: &Diagnostic| {
        let (line, column) = line_col(text, problem.span.start);
        let help = problem
            .help
            .as_ref()
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        format!("{line}:{column} {} {}{help}", problem.code, problem.message)
    };
    match MockSpec::load("a.mock.yaml", text) {
        Ok(spec) => panic!("no problem in {spec:#?}"),
        Err(problems) => problems.iter().map(shown).collect(),
    }
}

#[test]
fn a_good_file_has_names_routes_and_no_problem() {
    let text = "mock: pay\nenv: PAY_2\nroutes:\n  - GET /a: { replies: { status: 200 } }\n  - { method: PUT, path: '/b/{id}', replies: [{ timeout: true }] }";
    let spec = MockSpec::load("a.mock.yaml", text).expect("a good file");
    assert_eq!((spec.name(), spec.env()), ("pay", Some("PAY_2")));
    let routes: Vec<String> = spec.routes().iter().map(ToString::to_string).collect();
    assert_eq!(routes, ["GET /a", "PUT /b/{id}"]);
}

#[test]
fn json_is_as_good_as_yaml() {
    let text = r#"{"mock": "pay", "routes": [{"POST /a": {"replies": [{"status": 200}]}}]}"#;
    assert!(MockSpec::load("a.mock.json", text).is_ok());
    assert!(MockSpec::load("a.mock.yaml", text).is_ok());
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = problems(text);
    assert_eq!(found, expected, "\n{}", found.join("\n"));
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let text = "\
mock: pay
evn: PAY
routes:
  - POST /a: { replise: [], per: keys }
  - PST /b: { replies: [{ status: 99 }, { delay: 3, body: x }] }
  - GET c: { replies: [{ body: \"${bdy.a}\" }] }
  - GET /d: { replies: [] }
";
    check(
        text,
        &[
            "2:1 SH0103 unknown key `evn` in a mock (did you mean `env`?)",
            "4:5 SH0104 a route needs the key `replies` (`replies`: the replies, used in turn; the last one repeats for ever)",
            "4:16 SH0103 unknown key `replise` in a route (did you mean `replies`?)",
            "4:34 SH0106 `per` cannot be `keys` (did you mean `key`?)",
            "5:5 SH0601 `PST` is no request method (did you mean `POST`?)",
            "5:35 SH0106 `status` must be from 200 to 599, not 99",
            "5:50 SH0116 `3` has no unit; write it like 30s, 48h, 14d, 1h30m, 250ms or P14D",
            "6:5 SH0601 a path begins with `/`",
            "6:32 SH0112 `${bdy.a}` begins with none of body, path, query, headers, key, call (`$${` stands for a literal `${`)",
            "7:15 SH0601 there is no reply (write at least one, e.g. `- { status: 200 }`)",
        ],
    );
}

/// One route with this reply.
fn reply(reply: &str) -> String {
    format!("mock: a\nroutes:\n- GET /a:\n    replies:\n    - {reply}")
}

#[test]
fn a_reply_that_cannot_be_given_is_refused() {
    check(
        &reply("{}"),
        &[
            "5:7 SH0601 the reply says nothing (give it a `status`, a `body`, a `cut` or `timeout: true`)",
        ],
    );
    check(
        &reply("{ delay: 1s }"),
        &[
            "5:9 SH0601 the reply says nothing (give it a `status`, a `body`, a `cut` or `timeout: true`)",
        ],
    );
    check(
        &reply("{ timeout: true, cut: before }"),
        &[
            "5:9 SH0601 a reply that never comes cannot be cut (keep `timeout` or `cut`; two replies can follow each other)",
        ],
    );
    check(
        &reply("{ timeout: yes }"),
        &["5:18 SH0105 `timeout` must be true or false, not text"],
    );
    check(
        &reply("{ cut: middle }"),
        &["5:14 SH0106 `cut` cannot be `middle` (possible: before, after)"],
    );
    check(
        &reply("{ status: 101 }"),
        &["5:17 SH0106 `status` must be from 200 to 599, not 101"],
    );
    check(
        &reply("{ status: '200' }"),
        &["5:17 SH0105 `status` must be a whole number, not text"],
    );
    check(
        &reply("{ status: 200, times: 0 }"),
        &["5:29 SH0106 `times` must be from 1 to 1000000, not 0"],
    );
    check(
        &reply("{ status: 200, delay: 1 fortnight }"),
        &[
            "5:29 SH0116 `1 fortnight` has no unit; write it like 30s, 48h, 14d, 1h30m, 250ms or P14D",
        ],
    );
    check(
        &reply("{ status: 200, delay: 11m }"),
        &[
            "5:29 SH0116 `11m` is longer than 10m (use `timeout: true` for a reply that never comes)",
        ],
    );
    check(
        &reply("{ status: 200, headers: { 'a b': x, c: [1] } }"),
        &[
            "5:33 SH0108 `a b` is no header name",
            "5:43 SH0105 `c` must be text or a number, not a list",
        ],
    );
    check(
        &reply("{ status: 200, headers: { Location: '${' } }"),
        &["5:43 SH0112 `${` is not closed (`$${` stands for a literal `${`)"],
    );
    check(
        &reply("{ body: { a: ['${body.x', '${env.X}'] } }"),
        &[
            "5:21 SH0112 `${body.x` is not closed (`$${` stands for a literal `${`)",
            "5:33 SH0112 `${env.X}` begins with none of body, path, query, headers, key, call (`$${` stands for a literal `${`)",
        ],
    );
    check(
        &reply("{ status: 200, then: { status: 201 } }"),
        &[
            "5:22 SH0103 unknown key `then` in a reply (possible here: status, headers, body, delay, timeout, cut, acted, times)",
        ],
    );
    check(
        &reply("503"),
        &["5:7 SH0105 this must be a mapping, not a whole number"],
    );
}

/// A file with these lines in place of a good list of routes.
fn routes(routes: &str) -> String {
    format!("mock: a\nroutes:\n{routes}")
}

#[test]
fn a_route_that_cannot_be_matched_is_refused() {
    let ok = "replies: [{ status: 200 }]";
    check(
        &routes("  []"),
        &["2:1 SH0601 a mock without routes answers nothing"],
    );
    check(
        &routes("  GET /a: 1"),
        &["2:1 SH0105 `routes` must be a list, not a mapping"],
    );
    check(
        &routes(&format!("- /a: {{ {ok} }}")),
        &["3:3 SH0601 `/a` lacks a method (write it like `POST /charges`)"],
    );
    check(
        &routes(&format!("- get /a: {{ {ok} }}")),
        &["3:3 SH0601 `get` is no request method (did you mean `GET`?)"],
    );
    check(
        &routes(&format!("- GET /__mock/x: {{ {ok} }}")),
        &["3:3 SH0601 `/__mock` belongs to the mock itself"],
    );
    check(
        &routes(&format!("- {{ method: FETCH, path: a, {ok} }}")),
        &[
            "3:13 SH0106 `method` cannot be `FETCH` (possible: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS)",
            "3:26 SH0601 a path begins with `/`",
        ],
    );
    check(
        &routes(&format!("- {{ path: /a, {ok} }}")),
        &["3:5 SH0104 a route needs the key `method` (`method`: the request method)"],
    );
    check(
        &routes(&format!("- GET /a: {{ method: GET, {ok} }}")),
        &[
            "3:21 SH0601 the route is named by its key already (leave it out, or write `method`, `path` and `replies` side by side)",
        ],
    );
    check(
        &routes(&format!(
            "- GET /a/{{id}}: {{ {ok} }}\n- GET /a/{{name}}: {{ {ok} }}\n- PUT /a/{{id}}: {{ {ok} }}"
        )),
        &[
            "4:3 SH0601 the route `GET /a/{name}` stands twice (put the second one's replies behind those of the first, they are used in turn)",
        ],
    );
    check(
        &routes(&format!("- GET /a: {{ idempotent: 1, {ok} }}")),
        &["3:25 SH0105 `idempotent` must be true or false, not a whole number"],
    );
    check(
        &routes("- 3"),
        &["3:3 SH0105 this must be a mapping, not a whole number"],
    );
}

#[test]
fn a_name_that_cannot_be_used_is_refused() {
    let rest = "routes:\n- GET /a: { replies: [{ status: 200 }] }";
    check(
        &format!("mock: ''\n{rest}"),
        &["1:7 SH0108 `` cannot name a mock (use letters, digits, `-` and `_`)"],
    );
    check(
        &format!("mock: a/b\n{rest}"),
        &["1:7 SH0108 `a/b` cannot name a mock (use letters, digits, `-` and `_`)"],
    );
    check(
        &format!("mock: a\nenv: ${{env.PAY}}\n{rest}"),
        &[
            "2:6 SH0108 `${env.PAY}` cannot be an environment name (write the name alone, in capitals, e.g. `PAYMENTS` for `${env.PAYMENTS}`)",
        ],
    );
    check(
        &format!("mock: a\nsensitive: token\n{rest}"),
        &["2:12 SH0105 `sensitive` must be a list, not text"],
    );
    check(
        rest,
        &["1:1 SH0104 a mock needs the key `mock` (`mock`: the name of the API)"],
    );
}

#[test]
fn text_that_is_no_mock_is_refused() {
    check("", &["1:1 SH0101 the file is empty"]);
    check("- 1", &["1:1 SH0105 this must be a mapping, not a list"]);
    check(
        "mock: [",
        &[
            "1:8 SH0101 this is not YAML: while parsing a node, did not find expected node content (a value that begins with `[` is read as a list; if it is an expression, put all of it in quotes)",
        ],
    );
    check(
        "mock: a\nmock: b\nroutes:\n- GET /a: { replies: [{ status: 200 }] }",
        &[
            "2:1 SH0102 the key `mock` stands twice in one mapping (remove one of the two, or rename it)",
        ],
    );
}

#[test]
fn limits_are_named() {
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("- GET /{n}: {{ replies: [{{ status: 200 }}] }}\n"))
            .collect::<String>()
    };
    assert!(MockSpec::load("a", &routes(&many(ROUTES_MAX))).is_ok());
    check(
        &routes(&many(ROUTES_MAX + 1)),
        &["2:1 SH0118 more than 500 routes"],
    );
    let replies = "{ status: 200 },".repeat(REPLIES_MAX + 1);
    check(
        &routes(&format!("- GET /a: {{ replies: [{replies}] }}")),
        &["3:13 SH0118 more than 1000 replies"],
    );
}
