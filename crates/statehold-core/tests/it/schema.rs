//! Records: what they accept, what they say, what they hide.

use serde_json::{Map, Value, json};
use statehold_core::schema::{Field, Record, Type, TypeName, parse_duration, parse_timestamp};

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn address() -> Type {
    let record = Record::new(vec![
        Field::new("zip", Type::String),
        Field::new("phone", Type::String).optional().sensitive(),
        Field::new("country", Type::String).default(json!("DE")),
    ]);
    Type::Object(Some(Box::new(record.expect("a record"))))
}

fn order() -> Record {
    Record::new(vec![
        Field::new("id", Type::String),
        Field::new("total", Type::Integer),
        Field::new("weight", Type::Number).optional(),
        Field::new("gift", Type::Boolean).default(json!(false)),
        Field::new("paid_at", Type::Timestamp).optional(),
        Field::new("window", Type::Duration).optional(),
        Field::new("email", Type::String).optional().sensitive(),
        Field::new("address", address()).optional(),
        Field::new("others", Type::List(Some(Box::new(address())))).optional(),
        Field::from_schema("plan", json!({"type": "string", "enum": ["basic", "pro"]})).optional(),
        Field::from_schema(
            "sku",
            json!({"type": "string", "pattern": "^[A-Z]-[0-9]+$", "maxLength": 5}),
        )
        .optional(),
    ])
    .expect("a record")
}

/// Everything wrong with an object that has also a good `id` and `total`.
fn violations(value: &Value) -> Vec<String> {
    let mut full = json!({"id": "o-1", "total": 5});
    for (name, value) in object(value) {
        full[name] = value.clone();
    }
    order()
        .validate(object(&full))
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[track_caller]
fn wrong(value: &Value, expected: &[&str]) {
    assert_eq!(violations(value), expected, "for {value}");
}

#[test]
fn a_fitting_object_has_no_violations() {
    wrong(
        &json!({
            "total": 9_007_199_254_740_993_i64, "weight": 5, "gift": true, "paid_at": "2026-11-25T09:30:00.5+01:00",
            "window": "PT48H", "email": "a@b", "address": {"zip": "1"}, "others": [{"zip": "2"}], "plan": "pro",
            "sku": "A-1",
        }),
        &[],
    );
    wrong(&json!({"total": 5.0, "window": "48h"}), &[]);
}

#[test]
fn violations_are_in_plain_words_at_a_pointer() {
    wrong(
        &json!({"total": "5"}),
        &["/total: expected integer, got string"],
    );
    wrong(
        &json!({"total": 5.5}),
        &["/total: expected integer, got a number with a fraction"],
    );
    wrong(
        &json!({"total": 9_223_372_036_854_775_808_u64}),
        &["/total: expected integer, got a number beyond 64 bits"],
    );
    wrong(
        &json!({"total": 1e300}),
        &["/total: expected integer, got a number beyond 64 bits"],
    );
    wrong(
        &json!({"weight": "5"}),
        &["/weight: expected number, got string"],
    );
    wrong(
        &json!({"gift": 1}),
        &["/gift: expected boolean, got number"],
    );
    wrong(
        &json!({"email": null}),
        &["/email: expected string, got null (leave the field out instead)"],
    );
    wrong(
        &json!({"paid_at": "2026-11-25"}),
        &["/paid_at: expected a timestamp such as 2026-11-25T09:30:00Z (RFC 3339)"],
    );
    wrong(
        &json!({"window": "P1M"}),
        &["/window: expected a duration such as PT48H, P14D or 48h"],
    );
    wrong(
        &json!({"address": []}),
        &["/address: expected object, got list"],
    );
    wrong(
        &json!({"address": {"zip": 1}}),
        &["/address/zip: expected string, got number"],
    );
    wrong(
        &json!({"others": [{"zip": "1"}, {}]}),
        &["/others/1/zip: required and missing"],
    );
    wrong(
        &json!({"plan": "gold"}),
        &[r#"/plan: expected one of ["basic","pro"]"#],
    );
    wrong(&json!({"plan": 1}), &["/plan: expected string, got number"]);
    wrong(
        &json!({"sku": "a-123456"}),
        &[
            "/sku: expected at most 5 characters",
            "/sku: expected text that matches ^[A-Z]-[0-9]+$",
        ],
    );
    wrong(
        &json!({"totl": 1}),
        &["/totl: unknown field; did you mean `total`?"],
    );
    wrong(&json!({"a/b~c": 1}), &["/a~1b~0c: unknown field"]);
    wrong(
        &json!({"address": {"zip": "1", "zap": 1}}),
        &["/address/zap: unknown field; did you mean `zip`?"],
    );
    assert_eq!(order().validate(&Map::new()).len(), 2);
}

#[test]
fn all_violations_are_reported_up_to_a_bound() {
    wrong(
        &json!({"total": "x", "gift": "y", "plan": "z"}),
        &[
            "/total: expected integer, got string",
            "/gift: expected boolean, got string",
            r#"/plan: expected one of ["basic","pro"]"#,
        ],
    );
    let many: Map<String, Value> = (0..500)
        .map(|n| (format!("field_number_{n}"), json!(n)))
        .collect();
    assert_eq!(violations(&Value::Object(many)).len(), 50);
}

#[test]
fn a_violation_never_repeats_the_value() {
    let record = Record::new(vec![
        Field::from_schema("pin", json!({"type": "string", "not": {"const": "4711"}})),
        Field::from_schema(
            "card",
            json!({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}),
        ),
        Field::from_schema(
            "list",
            json!({"type": "array", "contains": {"type": "null"}}),
        ),
    ])
    .expect("a record");
    let value = json!({"pin": "4711", "card": "4111-1111", "list": ["secret-1"]});
    let violations = record.validate(object(&value));
    assert_eq!(violations.len(), 3);
    for violation in violations {
        assert!(
            !violation.message.contains("4711") || violation.pointer == "/pin",
            "{violation}"
        );
        assert!(
            !violation.message.contains("4111") && !violation.message.contains("secret"),
            "{violation}"
        );
    }
}

#[test]
fn defaults_fill_what_was_left_out_at_every_depth() {
    let mut value = json!({"id": "o-1", "total": 5, "address": {"zip": "1"}, "others": [{"zip": "2", "country": "FR"}, {"zip": "3"}]});
    order().fill_defaults(value.as_object_mut().expect("an object"));
    assert_eq!(
        value,
        json!({
            "id": "o-1", "total": 5, "gift": false, "address": {"zip": "1", "country": "DE"},
            "others": [{"zip": "2", "country": "FR"}, {"zip": "3", "country": "DE"}],
        })
    );
}

#[test]
fn sensitive_values_are_masked_at_every_depth() {
    let value = json!({
        "id": "o-1", "email": "ann@example.org", "address": {"zip": "1", "phone": "123"},
        "others": [{"zip": "2", "phone": {"deep": ["456"]}}], "unknown": 1,
    });
    assert_eq!(
        Value::Object(order().mask(object(&value))),
        json!({
            "id": "o-1", "email": "[masked]", "address": {"zip": "1", "phone": "[masked]"},
            "others": [{"zip": "2", "phone": "[masked]"}], "unknown": 1,
        })
    );
    assert!(order().has_sensitive());
    let plain = Record::new(vec![Field::new("a", Type::Integer)]).expect("a record");
    assert!(!plain.has_sensitive());
}

#[test]
fn a_value_of_the_wrong_shape_does_not_escape_the_mask() {
    let value = json!({"address": "ann, 123", "others": {"phone": "456"}});
    let masked = Value::Object(order().mask(object(&value))).to_string();
    assert!(
        !masked.contains("123") && !masked.contains("456"),
        "{masked}"
    );
}

#[test]
fn a_nested_schema_can_mark_its_fields_sensitive() {
    let field = Field::from_schema(
        "person",
        json!({"type": "object", "properties": {"name": {"type": "string", "sensitive": true}, "age": {"type": "integer"}}}),
    );
    let record = Record::new(vec![field]).expect("a record");
    let value = json!({"person": {"name": "Ann", "age": 5, "more": true}});
    assert_eq!(record.validate(object(&value)), []);
    assert_eq!(
        Value::Object(record.mask(object(&value))),
        json!({"person": {"name": "[masked]", "age": 5, "more": true}})
    );
}

#[test]
fn a_record_that_could_not_be_checked_is_refused() {
    let refused = |field: Field| Record::new(vec![field]).expect_err("a refusal").to_string();
    assert_eq!(
        refused(Field::from_schema(
            "a",
            json!({"$ref": "https://example.org/a.json"})
        )),
        "field `a`: `$ref: https://example.org/a.json` leads outside this schema; only `#...` is allowed"
    );
    assert_eq!(
        refused(Field::from_schema(
            "a",
            json!({"anyOf": [{"$dynamicRef": "file:///etc/passwd"}]})
        )),
        "field `a`: `$dynamicRef: file:///etc/passwd` leads outside this schema; only `#...` is allowed"
    );
    assert!(
        refused(Field::from_schema("a", json!({"type": "strin"})))
            .starts_with("field `a`: not a usable JSON Schema")
    );
    assert!(
        refused(Field::from_schema(
            "a",
            json!({"type": "string", "pattern": "("})
        ))
        .contains("not a usable JSON Schema")
    );
    assert_eq!(
        refused(Field::new("a", Type::Integer).default(json!("x"))),
        "field `a`: the default does not fit: expected integer, got string"
    );
    assert_eq!(
        refused(Field::new("a-b", Type::Any)),
        "field `a-b`: a name is a letter or `_`, then letters, digits and `_`"
    );
    assert!(
        refused(Field::new("a".repeat(64), Type::Any)).ends_with("a name has at most 63 bytes")
    );
    let twice = Record::new(vec![Field::new("a", Type::Any), Field::new("a", Type::Any)]);
    assert_eq!(
        twice.expect_err("a refusal").to_string(),
        "field `a`: declared twice"
    );
    let mut deep = json!({"type": "string"});
    for _ in 0..100 {
        deep = json!({"not": deep});
    }
    assert!(refused(Field::from_schema("a", deep)).contains("nests deeper"));
}

#[test]
fn patterns_of_schemas_run_in_linear_time_and_bounded_size() {
    let backtracking = json!({"type": "string", "pattern": "^(a+)+$"});
    let record = Record::new(vec![Field::from_schema("a", backtracking)]).expect("a record");
    let value = json!({"a": format!("{}!", "a".repeat(50_000))});
    assert_eq!(record.validate(object(&value)).len(), 1);
    let huge = json!({"type": "string", "pattern": "(a{1000}){1000}"});
    assert!(Record::new(vec![Field::from_schema("a", huge)]).is_err());
    let lookaround = json!({"type": "string", "pattern": "(?=a)b"});
    assert!(Record::new(vec![Field::from_schema("a", lookaround)]).is_err());
}

#[test]
fn references_inside_a_field_work_and_lead_through_the_published_schema() {
    let tree = json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "required": ["value"], "properties": {
            "value": {"type": "integer"}, "next": {"$ref": "#/$defs/node"},
        }}},
    });
    let record = Record::new(vec![Field::from_schema("tree", tree)]).expect("a record");
    assert_eq!(
        record.validate(object(&json!({"tree": {"value": 1, "next": {"value": 2}}}))),
        []
    );
    let violations = record.validate(object(&json!({"tree": {"value": 1, "next": {}}})));
    assert_eq!(
        violations[0].to_string(),
        r#"/tree/next: field "value" is required and missing"#
    );
    let published = record.json_schema();
    assert_eq!(
        published["properties"]["tree"]["$ref"],
        "#/properties/tree/$defs/node"
    );
    assert_eq!(
        published["properties"]["tree"]["$defs"]["node"]["properties"]["next"]["$ref"],
        "#/properties/tree/$defs/node"
    );
}

#[test]
fn the_published_schema_says_what_is_checked() {
    assert_eq!(order().json_schema()["required"], json!(["id", "total"]));
    assert_eq!(order().json_schema()["additionalProperties"], json!(false));
    assert_eq!(
        order().json_schema()["properties"]["email"],
        json!({"type": "string", "sensitive": true})
    );
    assert_eq!(
        order().json_schema()["properties"]["gift"],
        json!({"type": "boolean", "default": false})
    );
    let again = Field::from_schema("order", order().json_schema());
    let record = Record::new(vec![again]).expect("a record");
    let value = json!({"order": {"id": "1", "total": 1, "address": {"zip": "1", "phone": "123"}}});
    assert_eq!(record.validate(object(&value)), []);
    assert!(
        !Value::Object(record.mask(object(&value)))
            .to_string()
            .contains("123")
    );
}

#[test]
fn type_names_are_supported_planned_or_unknown() {
    for name in Type::NAMES {
        let TypeName::Supported(ty) = Type::parse(name) else {
            panic!("{name}");
        };
        assert_eq!(ty.name(), name);
        let nearest = Type::nearest(&ty.json_schema());
        assert_eq!(nearest.name(), name);
    }
    assert!(
        matches!(Type::parse("decimal"), TypeName::NotYet(text) if text.contains("not supported yet"))
    );
    assert!(matches!(Type::parse("money"), TypeName::Unknown));
}

#[test]
fn timestamps_are_rfc_3339_and_nothing_else() {
    for good in [
        "2026-11-25T09:30:00Z",
        "2026-11-25t09:30:00z",
        "2026-11-25T09:30:00.123456789+01:00",
        "0001-01-01T00:00:00-23:59",
    ] {
        assert!(parse_timestamp(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "2026-11-25",
        "2026-11-25 09:30:00Z",
        "2026-11-25T09:30Z",
        "2026-11-25T09:30:00",
        "2026-13-25T09:30:00Z",
        "2026-11-25T09:30:00.Z",
        "2026-11-25T09:30:00Z[Europe/Berlin]",
        "2026-11-25T09:30:00+0100",
        "2026-11-25T09:30:00+01:0",
        "20261125T093000Z",
        "2026-11-25T09:30:00é",
        "+002026-11-25T09:30:00Z",
    ] {
        assert!(parse_timestamp(bad).is_none(), "{bad}");
    }
}

#[test]
fn durations_are_iso_8601_or_short() {
    for (text, seconds) in [
        ("PT48H", 172_800),
        ("P14D", 1_209_600),
        ("P2W", 1_209_600),
        ("P1DT1H", 90_000),
        ("-PT5M", -300),
        ("48h", 172_800),
        ("14d", 1_209_600),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("90s", 90),
        ("0s", 0),
        ("1.5h", 5_400),
        ("5m", 300),
    ] {
        assert_eq!(
            parse_duration(text).map(|duration| duration.as_secs()),
            Some(seconds),
            "{text}"
        );
    }
    for bad in [
        "",
        "P1M",
        "P1Y",
        "1mo",
        "1y",
        "abc",
        "5",
        "PT",
        "é",
        "9999999999999999999h",
    ] {
        assert!(parse_duration(bad).is_none(), "{bad}");
    }
    assert!(parse_duration(&"1h ".repeat(100)).is_none());
}
