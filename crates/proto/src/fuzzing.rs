//! Bodies of the fuzz targets, so that a stable test runs the same code. Each panics only when a property is broken.

use http::{HeaderMap, HeaderValue};

use crate::api_key::{self, ApiKey, ApiKeyError};
use crate::authorize::{AuthorizationRequest, AuthorizationTarget, ReplyTo, ResolvedTarget};
use crate::authorize_response::{AuthorizationResponse, Delivery, Outcome};
use crate::client_auth::{Presented, parse_basic};
use crate::form::{FormLimits, Params, append_pair};
use crate::jose::{JwkSet, VerifyingKey, peek};
use crate::pkce::{CodeChallenge, CodeVerifier};
use crate::redirect_uri::{ApplicationType, RedirectUri, check_web_url, matches};
use crate::registration::{ClientMetadata, RegistrationRules};
use crate::token_request::TokenRequest;
use crate::webauthn::{self as passkey, AttestationPolicy, AuthenticationResponse, RegistrationResponse};
use crate::{bearer, introspection, logout};

/// The body of a fuzz target.
pub type Target = fn(&[u8]);

/// Every target by name: what `fuzz/` and the stable smoke test run.
pub const TARGETS: &[(&str, Target)] = &[
    ("authorization_request", authorization_request),
    ("redirect_uri", redirect_uri),
    ("jwt", jwt),
    ("basic_header", basic_header),
    ("form_body", form_body),
    ("pkce", pkce),
    ("registration", registration),
    ("webauthn", webauthn),
    ("api_key", api_key),
];

/// A query string becomes a request, is stored, read back and answered.
pub fn authorization_request(data: &[u8]) {
    let Ok(params) = Params::parse(data, FormLimits::QUERY) else {
        return;
    };
    let _ = AuthorizationTarget::parse(&params)
        .map(|t| t.resolve(&["https://a.example/cb"], ApplicationType::Native));
    let target = ResolvedTarget {
        client_id: String::from("c"),
        redirect_uri: String::from("https://a.example/cb?x=y"),
        redirect_uri_sent: true,
    };
    let reply = ReplyTo::of(&params);
    if let Ok(request) = AuthorizationRequest::parse(target, &params) {
        assert_eq!(request.state, reply.state, "both readings of the state agree");
        let stored = serde_json::to_string(&request).unwrap_or_default();
        let read = serde_json::from_str::<AuthorizationRequest>(&stored).ok();
        assert_eq!(read.as_ref(), Some(&request), "storage changes nothing");
    }
    let response = AuthorizationResponse {
        redirect_uri: "https://a.example/cb?x=y",
        response_mode: reply.response_mode,
        issuer: "https://id.example",
        state: reply.state.as_deref(),
        outcome: Outcome::Code("abc"),
    };
    if let Delivery::Redirect(location) = response.deliver() {
        assert!(
            HeaderValue::from_str(&location).is_ok(),
            "a location is a header value"
        );
        assert!(
            location.starts_with("https://a.example/cb?x=y"),
            "the redirect URI is kept"
        );
    }
}

/// What may be registered reads as it is written, and matches itself.
pub fn redirect_uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (registered, presented) = text.split_once('\n').unwrap_or((text, text));
    let _ = check_web_url(registered, true);
    for kind in [ApplicationType::Web, ApplicationType::Native] {
        let same = matches(registered, presented, kind);
        if let Ok(uri) = RedirectUri::register(registered, kind) {
            assert!(matches(uri.as_str(), registered, kind), "a URI matches itself");
            let url = url::Url::parse(registered).ok();
            let plain = url
                .is_some_and(|u| u.username().is_empty() && u.password().is_none() && u.fragment().is_none());
            assert!(plain, "no user name, password or fragment is registered");
            if same && kind == ApplicationType::Web {
                assert_eq!(registered, presented, "web clients match on the text");
            }
        }
    }
}

/// No text verifies under a key that did not sign it.
pub fn jwt(data: &[u8]) {
    let _ = JwkSet::parse(data);
    let Ok(token) = std::str::from_utf8(data) else {
        return;
    };
    let _ = peek(token);
    if let Some(key) = VerifyingKey::hs256(&[7; 32]) {
        assert!(key.verify_token(token).is_err(), "nobody knows this key");
    }
}

/// An `Authorization` header, raw and in base64.
pub fn basic_header(data: &[u8]) {
    use base64::Engine as _;
    let _ = parse_basic(data);
    let encoded = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(data));
    if let Ok((id, secret)) = parse_basic(encoded.as_bytes()) {
        assert!(
            !id.is_empty() && id.is_ascii() && secret.expose().is_ascii(),
            "credentials are plain text"
        );
    }
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let headers: HeaderMap = [(http::header::AUTHORIZATION, value)].into_iter().collect();
        let _ = Presented::extract(&headers, &Params::default());
        let _ = bearer::extract(&headers, None);
    }
}

/// A form body goes through every endpoint's parser and round trips.
pub fn form_body(data: &[u8]) {
    let Ok(params) = Params::parse(data, FormLimits::BODY) else {
        return;
    };
    let mut again = String::new();
    for (name, value) in params.iter() {
        let first = again.is_empty();
        append_pair(&mut again, first, name, value);
    }
    if again.len() <= FormLimits::BODY.max_bytes {
        let read = Params::parse(again.as_bytes(), FormLimits::BODY).ok();
        assert!(
            read.is_some_and(|r| r.iter().eq(params.iter())),
            "what was read can be written and read again"
        );
    }
    let _ = TokenRequest::parse(&params);
    let _ = introspection::TokenLookup::parse(&params);
    let _ = logout::EndSessionRequest::parse(&params);
    let _ = Presented::extract(&HeaderMap::new(), &params);
    let _ = bearer::extract(&HeaderMap::new(), Some(&params));
}

/// A verifier verifies its own challenge and no other.
pub fn pkce(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (verifier, challenge) = text.split_once('\n').unwrap_or((text, text));
    let challenge = CodeChallenge::parse(challenge).ok();
    if let Ok(verifier) = CodeVerifier::parse(verifier) {
        let own = verifier.challenge();
        assert!(own.verify(&verifier), "a verifier fits its challenge");
        if let Some(challenge) = challenge {
            assert_eq!(challenge.verify(&verifier), challenge == own, "and no other");
        }
    }
}

/// Accepted metadata is consistent and survives storage.
pub fn registration(data: &[u8]) {
    if let Ok(client) = ClientMetadata::parse(
        data,
        RegistrationRules {
            allow_loopback_http: true,
        },
    ) {
        assert!(client.check().is_ok(), "what was accepted stays acceptable");
        let stored = serde_json::to_vec(&client).unwrap_or_default();
        let read = serde_json::from_slice::<ClientMetadata>(&stored).ok();
        assert_eq!(read.as_ref(), Some(&client), "storage changes nothing");
    }
}

/// What parses is written the same; one changed character is noticed; a header never panics.
pub fn api_key(data: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let headers: HeaderMap = [(http::header::AUTHORIZATION, value.clone())]
            .into_iter()
            .collect();
        let _ = api_key::presented(&headers);
        let headers: HeaderMap = [(api_key::HEADER, value)].into_iter().collect();
        let _ = api_key::presented(&headers);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = ApiKey::parse(text) {
        assert_eq!(key.expose(), text, "a key is its text");
        assert!(text.is_ascii() && text.len() <= 61, "a key is short plain text");
        let (body, last) = text.split_at(text.len() - 1);
        let other = if last == "0" { '1' } else { '0' };
        let changed = ApiKey::parse(&format!("{body}{other}"));
        assert!(
            matches!(changed, Err(ApiKeyError::Checksum)),
            "a changed key is none"
        );
    }
}

/// Bytes as every structure of a passkey, and as the attestation object of a response: nothing of it is trusted.
pub fn webauthn(data: &[u8]) {
    use base64::Engine as _;
    let b64 = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    passkey::parse_anything(data);
    let challenge = [7; 32];
    let client_data = |ceremony: &str| {
        let challenge = b64(&challenge);
        b64(
            format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"https://a.example"}}"#)
                .as_bytes(),
        )
    };
    let expected = passkey::Expected {
        challenge: &challenge,
        rp_id: "a.example",
        origins: &["https://a.example"],
        embedding: passkey::Embedding::Refused,
        user_verification: false,
    };
    let body = b64(data);
    let registration = format!(
        r#"{{"id":"AA","rawId":"AA","type":"public-key","response":{{"clientDataJSON":"{}","attestationObject":"{body}"}}}}"#,
        client_data("webauthn.create")
    );
    if let Ok(response) = serde_json::from_str::<RegistrationResponse>(&registration) {
        let anchors = passkey::TrustAnchors::default();
        let rules = passkey::RegistrationRules {
            expected,
            algorithms: passkey::CoseAlgorithm::ALL,
            attestation: AttestationPolicy::Certified {
                anchors: &anchors,
                now: 0,
            },
            aaguids: &[],
        };
        assert!(
            passkey::verify_registration(&response, &rules).is_err(),
            "no root is trusted"
        );
    }
    let assertion = format!(
        r#"{{"id":"AA","rawId":"AA","type":"public-key","response":{{"clientDataJSON":"{}","authenticatorData":"{body}","signature":"{body}"}}}}"#,
        client_data("webauthn.get")
    );
    if let Ok(response) = serde_json::from_str::<AuthenticationResponse>(&assertion) {
        let record = passkey::CredentialRecord {
            id: &[0],
            public_key: data,
            sign_count: 0,
            backup_eligible: false,
            user_handle: b"u",
        };
        let rules = passkey::AssertionRules {
            expected,
            user_is_identified: true,
        };
        assert!(
            passkey::verify_assertion(&response, &record, &rules).is_err(),
            "nobody holds this key"
        );
    }
}
