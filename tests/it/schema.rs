//! A small validator for the JSON Schemas that the project ships: the keywords they use, and an
//! error for any other, so that no rule is passed over.

use serde_json::Value;

/// Every place where `value` is not as `schema` says.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, value, "$", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else {
        faults.push(format!("{at}: the schema is no object"));
        return;
    };
    for (rule, wanted) in rules {
        let fine = match rule.as_str() {
            "$schema" | "$id" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let path = wanted.as_str().and_then(|path| path.strip_prefix('#')).unwrap();
                check(
                    root,
                    root.pointer(path).expect("a $ref that leads somewhere"),
                    value,
                    at,
                    faults,
                );
                true
            }
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "type" => match wanted {
                Value::String(one) => is(value, one),
                several => {
                    several.as_array().unwrap().iter().any(|one| is(value, one.as_str().unwrap()))
                }
            },
            "anyOf" => wanted.as_array().unwrap().iter().any(|one| {
                let mut inner = Vec::new();
                check(root, one, value, at, &mut inner);
                inner.is_empty()
            }),
            "required" => {
                let missing =
                    |key: &&Value| value.is_object() && value.get(key.as_str().unwrap()).is_none();
                !wanted.as_array().unwrap().iter().any(|key| missing(&key))
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                let known = |key: &String| known.is_some_and(|known| known.contains_key(key));
                let more = value.as_object().into_iter().flatten().filter(|(key, _)| !known(key));
                match wanted {
                    Value::Bool(false) => more.count() == 0,
                    wanted => {
                        for (key, inner) in more {
                            check(root, wanted, inner, &format!("{at}.{key}"), faults);
                        }
                        true
                    }
                }
            }
            "properties" => {
                for (key, rule) in wanted.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        check(root, rule, inner, &format!("{at}.{key}"), faults);
                    }
                }
                true
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, item, &format!("{at}[{index}]"), faults);
                }
                true
            }
            "minItems" => {
                value.as_array().is_none_or(|a| a.len() as u64 >= wanted.as_u64().unwrap())
            }
            "minimum" => value.as_i64().is_none_or(|n| n >= wanted.as_i64().unwrap()),
            "pattern" => {
                assert_eq!(wanted, "^[EL][0-9]{4}$", "only the pattern of codes is known");
                value.as_str().is_none_or(|s| {
                    s.len() == 5
                        && s.starts_with(['E', 'L'])
                        && s[1..].bytes().all(|b| b.is_ascii_digit())
                })
            }
            other => panic!("the validator does not know the keyword {other}"),
        };
        if !fine {
            faults.push(format!("{at}: {rule} {wanted}, found {value}"));
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the validator does not know the type {other}"),
    }
}

#[test]
fn the_validator_finds_faults() {
    let schema: Value = serde_json::from_str(colabc::diag::json::SCHEMA).unwrap();
    let fault = |text: &str| faults(&schema, &serde_json::from_str(text).unwrap());
    assert_eq!(fault(r#"{"format":1,"diagnostics":[]}"#), [""; 0]);
    assert_eq!(fault(r#"{"format":2,"diagnostics":[]}"#).len(), 1);
    assert_eq!(fault(r#"{"format":1}"#).len(), 1);
    assert_eq!(fault(r#"{"format":1,"diagnostics":[],"more":1}"#).len(), 1);
    assert!(fault(r#"{"format":1,"diagnostics":[{"code":"E01"}]}"#).len() > 1);
}
