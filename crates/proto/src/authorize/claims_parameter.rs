//! The `claims` parameter (OIDC Core 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::{JsonLimits, parse_object};

const LIMITS: JsonLimits = JsonLimits {
    bytes: 8 * 1024,
    depth: 6,
    nodes: 512,
};
const MAX_CLAIM_NAME_BYTES: usize = 256;

/// Why a `claims` parameter was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsParameterError {
    /// Not a JSON object, too long, too deep, or a repeated member.
    #[error("`claims` must be a JSON object of at most {} bytes without repeated members", LIMITS.bytes)]
    Json,
    /// `userinfo` or `id_token` is not an object.
    #[error("`userinfo` and `id_token` in `claims` must be objects")]
    Section,
    /// A member is neither null nor an object with `essential`, `value`, `values` of the right types.
    #[error("a claim in `claims` must be null or an object with `essential`, `value` or `values`")]
    Claim,
}

/// What a client wants to know about one claim (OIDC Core 5.5.1).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// The client needs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The value it should have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values it may have, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// Whether the request is satisfied by `actual`: any value does when none was named.
    pub fn accepts(&self, actual: &Value) -> bool {
        let unnamed = self.value.is_none() && self.values.is_empty();
        unnamed || self.value.as_ref() == Some(actual) || self.values.contains(actual)
    }

    /// The text values named, best first: what `acr` and `sub` requests hold.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.value.iter().chain(&self.values).filter_map(Value::as_str)
    }
}

/// Individual claims asked for, per place of delivery.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// For the userinfo answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// For the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

impl ClaimsRequest {
    /// Parses the parameter; other top-level members and other members of a claim are ignored (OIDC Core 5.5).
    pub fn parse(text: &str) -> Result<Self, ClaimsParameterError> {
        let mut top = parse_object(text.as_bytes(), LIMITS).map_err(|_| ClaimsParameterError::Json)?;
        Ok(Self {
            userinfo: section(top.remove("userinfo"))?,
            id_token: section(top.remove("id_token"))?,
        })
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The subject that the client insists on (OIDC Core 5.5.1, `sub` with a `value` in `id_token`).
    pub fn required_subject(&self) -> Option<&str> {
        self.id_token.get("sub")?.value.as_ref()?.as_str()
    }
}

fn section(value: Option<Value>) -> Result<BTreeMap<String, ClaimRequest>, ClaimsParameterError> {
    match value {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members
            .into_iter()
            .map(|(name, value)| {
                if name.is_empty() || name.len() > MAX_CLAIM_NAME_BYTES || name.chars().any(char::is_control)
                {
                    return Err(ClaimsParameterError::Claim);
                }
                Ok((name, claim(value)?))
            })
            .collect(),
        Some(_) => Err(ClaimsParameterError::Section),
    }
}

fn claim(value: Value) -> Result<ClaimRequest, ClaimsParameterError> {
    let mut members: Map<String, Value> = match value {
        Value::Null => return Ok(ClaimRequest::default()),
        Value::Object(members) => members,
        _ => return Err(ClaimsParameterError::Claim),
    };
    let essential = match members.remove("essential") {
        None => false,
        Some(Value::Bool(essential)) => essential,
        Some(_) => return Err(ClaimsParameterError::Claim),
    };
    let values = match members.remove("values") {
        None => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(_) => return Err(ClaimsParameterError::Claim),
    };
    Ok(ClaimRequest {
        essential,
        value: members.remove("value"),
        values,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn oidc_core_5_5_example_is_read() {
        let text = r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"email":{"essential":true},
            "http://example.info/claims/groups":null},
            "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}"#;
        let claims = ClaimsRequest::parse(text).unwrap();
        assert!(claims.userinfo.get("email").unwrap().essential);
        assert!(!claims.userinfo.get("nickname").unwrap().essential);
        let acr = claims.id_token.get("acr").unwrap();
        assert_eq!(acr.texts().collect::<Vec<_>>(), ["urn:mace:incommon:iap:silver"]);
        assert!(acr.accepts(&json!("urn:mace:incommon:iap:silver")) && !acr.accepts(&json!("0")));
        let stored = serde_json::to_string(&claims).unwrap();
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).unwrap(), claims);
    }

    #[test]
    fn required_subject_is_the_value_in_the_id_token() {
        let claims = ClaimsRequest::parse(r#"{"id_token":{"sub":{"value":"248289761001"}}}"#).unwrap();
        assert_eq!(claims.required_subject(), Some("248289761001"));
        assert_eq!(
            ClaimsRequest::parse(r#"{"id_token":{"sub":null}}"#)
                .unwrap()
                .required_subject(),
            None
        );
    }

    #[test]
    fn wrong_shapes_are_refused() {
        use ClaimsParameterError as E;
        for (text, error) in [
            ("", E::Json),
            ("[]", E::Json),
            ("null", E::Json),
            (r#"{"id_token":{},"id_token":{}}"#, E::Json),
            (r#"{"id_token":{"a":null,"a":null}}"#, E::Json),
            (r#"{"id_token":{"a":{"value":[[[[1]]]]}}}"#, E::Json),
            (r#"{"id_token":[]}"#, E::Section),
            (r#"{"userinfo":true}"#, E::Section),
            (r#"{"userinfo":{"a":true}}"#, E::Claim),
            (r#"{"userinfo":{"a":{"essential":"yes"}}}"#, E::Claim),
            (r#"{"userinfo":{"a":{"values":"x"}}}"#, E::Claim),
            (r#"{"userinfo":{"":null}}"#, E::Claim),
        ] {
            assert_eq!(ClaimsRequest::parse(text), Err(error), "{text}");
        }
        let long = format!(r#"{{"x":"{}"}}"#, "a".repeat(LIMITS.bytes));
        assert_eq!(ClaimsRequest::parse(&long), Err(E::Json));
        assert!(ClaimsRequest::parse(r#"{"other":1}"#).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = ClaimsRequest::parse(&text);
        }
    }
}
