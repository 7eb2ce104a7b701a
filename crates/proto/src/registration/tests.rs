//! Registration, from both sides: what is taken and what is refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::parse::*;
use super::*;
use crate::error::OAuthErrorCode;

fn parse(value: &Value) -> Result<ClientMetadata, RegistrationError> {
    ClientMetadata::parse(value.to_string().as_bytes(), RegistrationRules::default())
}

fn with(extra: Value) -> Value {
    let mut document = json!({"redirect_uris": ["https://a.example/cb"]});
    let (Value::Object(target), Value::Object(extra)) = (&mut document, extra) else {
        panic!("not objects")
    };
    target.extend(extra);
    document
}

#[test]
fn defaults_are_those_of_the_standards() {
    let client = parse(&with(
        json!({"unknown": {"a": 1}, "tos_uri": null, "logo_uri": ""}),
    ))
    .unwrap();
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.response_types, [ResponseType::Code]);
    assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.id_token_signed_response_alg, Algorithm::RS256);
    assert_eq!(client.application_type, ApplicationType::Web);
    assert!(client.is_confidential());
    assert_eq!(client.tos_uri, None);
}

#[test]
fn rfc_7591_example_is_read_and_survives_storage() {
    let client = parse(&with(json!({
        "client_name": "My Example Client", "client_name#ja-Jpan-JP": "\u{30af}\u{30e9}\u{30a4}\u{30a2}\u{30f3}\u{30c8}\u{540d}",
        "token_endpoint_auth_method": "client_secret_basic", "logo_uri": "https://client.example.org/logo.png",
        "jwks_uri": "https://client.example.org/my_public_keys.jwks", "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid  email", "contacts": ["ve7jtb@example.org"], "default_max_age": 3600, "require_auth_time": true,
        "backchannel_logout_uri": "https://client.example.org/bye", "example_extension_parameter": "example_value",
    })))
    .unwrap();
    assert_eq!(
        client.localized_member("client_name", ["fr", "ja-jpan-jp"]),
        Some("\u{30af}\u{30e9}\u{30a4}\u{30a2}\u{30f3}\u{30c8}\u{540d}")
    );
    assert_eq!(
        client.localized_member("client_name", ["fr"]),
        Some("My Example Client")
    );
    let stored = serde_json::to_value(&client).unwrap();
    assert_eq!(stored["scope"], "openid email");
    assert!(stored["client_name#ja-Jpan-JP"].is_string());
    assert!(stored.get("example_extension_parameter").is_none());
    assert_eq!(
        serde_json::from_value::<ClientMetadata>(stored.clone()).unwrap(),
        client
    );
    let mut newer = stored;
    newer["from_the_future"] = json!({"a": [1]});
    assert_eq!(serde_json::from_value::<ClientMetadata>(newer).unwrap(), client);
}

/// Each document is refused because of this field, with the code that belongs to it.
fn assert_refused(cases: &[(Value, &str)]) {
    for (extra, field) in cases {
        let error = parse(&with(extra.clone())).unwrap_err();
        assert_eq!(error.field(), Some(*field), "{extra}: {error}");
        let expected = match *field {
            "redirect_uris" if extra["redirect_uris"].is_array() => OAuthErrorCode::InvalidRedirectUri,
            _ => OAuthErrorCode::InvalidClientMetadata,
        };
        assert_eq!(error.code(), expected, "{extra}");
    }
}

#[test]
fn hostile_text_and_links_are_refused_by_name() {
    let long = "x".repeat(300);
    assert_refused(&[
        (json!({"redirect_uris": []}), "redirect_uris"),
        (json!({"redirect_uris": "https://a.example"}), "redirect_uris"),
        (
            json!({"redirect_uris": ["https://a.example/#f"]}),
            "redirect_uris",
        ),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "redirect_uris"),
        (json!({"redirect_uris": ["http://a.example"]}), "redirect_uris"),
        (json!({"redirect_uris": ["com.example:/cb"]}), "redirect_uris"),
        (
            json!({"redirect_uris": ["https://a.example/\n"]}),
            "redirect_uris",
        ),
        (
            json!({"post_logout_redirect_uris": ["data:text/html,x"]}),
            "post_logout_redirect_uris",
        ),
        (json!({"client_name": long}), "client_name"),
        (json!({"client_name": "a\u{202e}b"}), "client_name"),
        (json!({"client_name": "a\nb"}), "client_name"),
        (json!({"client_name": 1}), "client_name"),
        (json!({"client_name#not a tag": "x"}), "client_name"),
        (json!({"logo_uri#fr": "javascript:alert(1)"}), "logo_uri"),
        (json!({"client_uri": "javascript:alert(1)"}), "client_uri"),
        (json!({"logo_uri": "data:image/svg+xml,x"}), "logo_uri"),
        (json!({"tos_uri": "http://a.example"}), "tos_uri"),
        (json!({"policy_uri": "https://user@a.example"}), "policy_uri"),
        (json!({"jwks_uri": "file:///etc/passwd"}), "jwks_uri"),
        (json!({"jwks_uri": "http://127.0.0.1/jwks"}), "jwks_uri"),
        (
            json!({"backchannel_logout_uri": "gopher://a.example"}),
            "backchannel_logout_uri",
        ),
    ]);
}

#[test]
fn contradictions_are_refused_by_name() {
    assert_refused(&[
        (
            json!({"jwks": {"keys": []}, "jwks_uri": "https://a.example/jwks"}),
            "jwks",
        ),
        (json!({"jwks": {"keys": []}}), "jwks"),
        (json!({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}), "jwks"),
        (json!({"jwks": "x"}), "jwks"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), "jwks"),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            "token_endpoint_auth_method",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"}),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({"token_endpoint_auth_signing_alg": "none"}),
            "token_endpoint_auth_signing_alg",
        ),
        (json!({"grant_types": ["implicit"]}), "grant_types"),
        (json!({"grant_types": []}), "grant_types"),
        (
            json!({"grant_types": ["refresh_token"], "response_types": []}),
            "grant_types",
        ),
        (
            json!({"grant_types": ["client_credentials"], "response_types": ["code"]}),
            "grant_types",
        ),
        (
            json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}),
            "grant_types",
        ),
        (json!({"response_types": ["token"]}), "response_types"),
        (json!({"response_types": []}), "response_types"),
        (json!({"scope": "a\"b"}), "scope"),
        (json!({"scope": ["a"]}), "scope"),
        (
            json!({"id_token_signed_response_alg": "none"}),
            "id_token_signed_response_alg",
        ),
        (
            json!({"id_token_signed_response_alg": "HS256"}),
            "id_token_signed_response_alg",
        ),
        (json!({"subject_type": "odd"}), "subject_type"),
        (
            json!({"subject_type": "pairwise", "redirect_uris": ["https://a.example", "https://b.example"]}),
            "sector_identifier_uri",
        ),
        (json!({"default_max_age": -1}), "default_max_age"),
        (json!({"require_auth_time": "yes"}), "require_auth_time"),
        (json!({"contacts": "a@b.example"}), "contacts"),
    ]);
}

#[test]
fn broken_documents_are_refused() {
    assert_eq!(
        ClientMetadata::parse(b"[]", RegistrationRules::default()),
        Err(RegistrationError::Json)
    );
    let repeated = br#"{"redirect_uris":["https://a.example"],"redirect_uris":["https://b.example"]}"#;
    assert_eq!(
        ClientMetadata::parse(repeated, RegistrationRules::default()),
        Err(RegistrationError::Json)
    );
}

#[test]
fn service_client_needs_no_redirect_uri() {
    let client = parse(&json!({"grant_types": ["client_credentials"]})).unwrap();
    assert!(client.response_types.is_empty());
}

#[test]
fn loopback_endpoints_are_for_development_only() {
    let document = with(json!({"backchannel_logout_uri": "http://127.0.0.1:9/bye"})).to_string();
    assert!(ClientMetadata::parse(document.as_bytes(), RegistrationRules::default()).is_err());
    let rules = RegistrationRules {
        allow_loopback_http: true,
    };
    assert!(ClientMetadata::parse(document.as_bytes(), rules).is_ok());
}

proptest! {
    #[test]
    fn arbitrary_values_never_panic_and_survive_storage(
        name in proptest::sample::select(vec!["client_name", "client_uri", "scope", "contacts", "jwks", "application_type", "client_name#fr"]),
        text in ".{0,40}",
    ) {
        for value in [json!(text), json!([text]), json!({ "keys": text })] {
            if let Ok(client) = parse(&with(json!({ name: value }))) {
                let stored = serde_json::to_value(&client).unwrap();
                prop_assert_eq!(serde_json::from_value::<ClientMetadata>(stored).unwrap(), client);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ClientMetadata::parse(&bytes, RegistrationRules::default());
    }
}
