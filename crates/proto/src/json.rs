//! Strict JSON for input from strangers: duplicate members, depth, member count and NUL are refused.
//!
//! RFC 7515 4 and RFC 7519 4 let a parser refuse duplicate names or take the last; refusing is the only choice that
//! cannot be turned into two parties reading two different documents.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a JSON text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// Longer than the limit.
    #[error("the JSON is too long")]
    TooLarge,
    /// Not JSON, or JSON that breaks a limit (depth, count, duplicate member, NUL).
    #[error("the JSON is malformed, too deep or repeats a member")]
    Malformed,
    /// JSON, but not an object.
    #[error("the JSON is not an object")]
    NotAnObject,
}

/// Bounds on one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonLimits {
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
    pub(crate) nodes: usize,
}

/// Parses one document within the limits.
pub(crate) fn parse_value(bytes: &[u8], limits: JsonLimits) -> Result<Value, JsonError> {
    if bytes.len() > limits.bytes {
        return Err(JsonError::TooLarge);
    }
    let mut nodes = limits.nodes;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict {
        depth: limits.depth,
        nodes: &mut nodes,
    }
    .deserialize(&mut deserializer)
    .map_err(|_| JsonError::Malformed)?;
    deserializer.end().map_err(|_| JsonError::Malformed)?;
    Ok(value)
}

/// Parses one object within the limits.
pub(crate) fn parse_object(bytes: &[u8], limits: JsonLimits) -> Result<Map<String, Value>, JsonError> {
    match parse_value(bytes, limits)? {
        Value::Object(map) => Ok(map),
        _ => Err(JsonError::NotAnObject),
    }
}

struct Strict<'n> {
    depth: usize,
    nodes: &'n mut usize,
}

impl Strict<'_> {
    fn take_node<E: de::Error>(&mut self) -> Result<(), E> {
        *self.nodes = self
            .nodes
            .checked_sub(1)
            .ok_or_else(|| E::custom("too many values"))?;
        Ok(())
    }

    fn deeper<E: de::Error>(&mut self) -> Result<Strict<'_>, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        Ok(Strict {
            depth,
            nodes: self.nodes,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(mut self, deserializer: D) -> Result<Value, D::Error> {
        self.take_node()?;
        deserializer.deserialize_any(self)
    }
}

fn text<E: de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') {
        Err(E::custom("NUL"))
    } else {
        Ok(text)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        text(v.to_owned()).map(Value::String)
    }

    fn visit_string<E: de::Error>(self, v: String) -> Result<Value, E> {
        text(v).map(Value::String)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Strict {
            depth: inner.depth,
            nodes: inner.nodes,
        })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let name = text(name)?;
            // SECURITY: names that serde_json gives a meaning of its own would read differently the next time.
            if map.contains_key(&name) || name.starts_with("$serde_json::") {
                return Err(de::Error::custom("repeated or reserved member"));
            }
            let value = access.next_value_seed(Strict {
                depth: inner.depth,
                nodes: inner.nodes,
            })?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: JsonLimits = JsonLimits {
        bytes: 200,
        depth: 3,
        nodes: 10,
    };

    fn parse(text: &str) -> Result<Value, JsonError> {
        parse_value(text.as_bytes(), LIMITS)
    }

    #[test]
    fn duplicate_members_are_refused_at_any_depth() {
        assert_eq!(parse(r#"{"a":1,"a":1}"#), Err(JsonError::Malformed));
        assert_eq!(parse(r#"{"a":1,"\u0061":1}"#), Err(JsonError::Malformed));
        assert_eq!(parse(r#"[{"b":{"a":1,"a":2}}]"#), Err(JsonError::Malformed));
    }

    #[test]
    fn limits_hold_at_their_boundary() {
        assert!(parse("[[[]]]").is_ok());
        assert_eq!(parse("[[[[]]]]"), Err(JsonError::Malformed));
        assert!(parse("[1,1,1,1,1,1,1,1,1]").is_ok());
        assert_eq!(parse("[1,1,1,1,1,1,1,1,1,1]"), Err(JsonError::Malformed));
        assert_eq!(parse(&" ".repeat(201)), Err(JsonError::TooLarge));
        assert_eq!(parse(&"[".repeat(200)), Err(JsonError::Malformed));
    }

    #[test]
    fn names_that_the_json_library_treats_specially_are_refused() {
        assert_eq!(
            parse(r#"{"$serde_json::private::RawValue":"{}"}"#),
            Err(JsonError::Malformed)
        );
        assert_eq!(
            parse(r#"[{"$serde_json::private::Number":"1"}]"#),
            Err(JsonError::Malformed)
        );
    }

    #[test]
    fn nul_lone_surrogates_and_trailing_text_are_refused() {
        for bad in [
            r#""\u0000""#,
            r#"{"\u0000":1}"#,
            r#""\ud800""#,
            "1 2",
            "{}{}",
            "",
            "nul",
            "01",
            "\u{feff}{}",
        ] {
            assert_eq!(parse(bad), Err(JsonError::Malformed), "{bad}");
        }
        assert_eq!(parse_object(b"[]", LIMITS), Err(JsonError::NotAnObject));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_as_serde_json_reads_it(text in r#"[\[\]{}",:0-9a-z\\ ]{0,40}"#) {
            if let Ok(value) = parse(&text) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
