//! The authorization request (RFC 6749 4.1.1, OIDC Core 3.1.2.1).

use url::Url;

use crate::pkce::CodeChallenge;

/// What goes into the address that people are sent to.
#[derive(Debug, Clone)]
pub struct AuthorizationUrl<'a> {
    /// Our id there.
    pub client_id: &'a str,
    /// Where they come back to: one address per connection, so that one provider's answer never counts for another's
    /// (RFC 9700 4.4.2).
    pub redirect_uri: &'a str,
    /// What is asked for.
    pub scopes: &'a [String],
    /// Ties the answer to the browser (RFC 9700 4.7).
    pub state: &'a str,
    /// Ties the ID token to the request (OIDC Core 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// Ties the code to the request (RFC 7636 4.3).
    pub challenge: Option<&'a CodeChallenge>,
    /// Whether the answer comes as a form.
    pub form_post: bool,
    /// Whom it is about, if that is known.
    pub login_hint: Option<&'a str>,
    /// Whether they have to prove themselves anew.
    pub again: bool,
    /// What else the connection sends, such as `hd` or `prompt`.
    pub extra: &'a [(String, String)],
}

/// Parameters that `extra` cannot replace.
const OURS: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "request",
    "request_uri",
];

/// The address, with whatever query the endpoint has of its own (RFC 6749 3.1).
pub fn authorization_url(endpoint: &Url, asked: &AuthorizationUrl<'_>) -> Url {
    let mut url = endpoint.clone();
    url.set_fragment(None);
    let scope = asked.scopes.join(" ");
    let mut pairs: Vec<(&str, &str)> = vec![
        ("response_type", "code"),
        ("client_id", asked.client_id),
        ("redirect_uri", asked.redirect_uri),
        ("state", asked.state),
    ];
    if !scope.is_empty() {
        pairs.push(("scope", &scope));
    }
    if let Some(nonce) = asked.nonce {
        pairs.push(("nonce", nonce));
    }
    if let Some(challenge) = asked.challenge {
        pairs.push(("code_challenge", challenge.as_str()));
        pairs.push(("code_challenge_method", "S256"));
    }
    if asked.form_post {
        pairs.push(("response_mode", "form_post"));
    }
    let is_extra = |name: &str| asked.extra.iter().any(|(given, _)| given == name);
    if let Some(hint) = asked.login_hint.filter(|_| !is_extra("login_hint")) {
        pairs.push(("login_hint", hint));
    }
    if asked.again {
        pairs.push(("prompt", "login"));
        pairs.push(("max_age", "0"));
    }
    for (name, value) in asked.extra {
        let is_ours = OURS.contains(&name.as_str()) || pairs.iter().any(|(sent, _)| sent == name);
        if !is_ours {
            pairs.push((name, value));
        }
    }
    url.query_pairs_mut().extend_pairs(pairs);
    url
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_request_carries_state_nonce_and_challenge_and_no_extra_replaces_them() {
        let challenge = CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        let extra = [
            ("hd".to_owned(), "example.com".to_owned()),
            ("state".to_owned(), "forged".to_owned()),
            ("prompt".to_owned(), "none".to_owned()),
            ("redirect_uri".to_owned(), "https://evil.example/".to_owned()),
        ];
        let asked = AuthorizationUrl {
            client_id: "id & more",
            redirect_uri: "https://id.example/sign-in/callback/google",
            scopes: &["openid".to_owned(), "email".to_owned()],
            state: "s",
            nonce: Some("n"),
            challenge: Some(&challenge),
            form_post: false,
            login_hint: Some("a+b@example.com"),
            again: true,
            extra: &extra,
        };
        let url = authorization_url(&Url::parse("https://op.example/auth?policy=p#x").unwrap(), &asked);
        assert_eq!(url.fragment(), None);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<String, String> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "nothing is repeated");
        let get = |name: &str| map.get(name).map(String::as_str);
        assert_eq!(get("policy"), Some("p"));
        assert_eq!(get("client_id"), Some("id & more"));
        assert_eq!(get("scope"), Some("openid email"));
        assert_eq!((get("state"), get("nonce")), (Some("s"), Some("n")));
        assert_eq!(get("code_challenge_method"), Some("S256"));
        assert_eq!((get("prompt"), get("max_age")), (Some("login"), Some("0")));
        assert_eq!(get("login_hint"), Some("a+b@example.com"));
        assert_eq!(get("hd"), Some("example.com"));
        assert_eq!(get("redirect_uri"), Some(asked.redirect_uri));
    }

    #[test]
    fn what_a_provider_does_not_take_is_left_out() {
        let asked = AuthorizationUrl {
            client_id: "c",
            redirect_uri: "https://id.example/cb",
            scopes: &[],
            state: "s",
            nonce: None,
            challenge: None,
            form_post: true,
            login_hint: None,
            again: false,
            extra: &[],
        };
        let url = authorization_url(&Url::parse("https://op.example/auth").unwrap(), &asked);
        let query = url.query().unwrap();
        assert!(query.contains("response_mode=form_post"));
        for absent in ["scope", "nonce", "code_challenge", "prompt", "login_hint"] {
            assert!(!query.contains(absent), "{absent}");
        }
    }
}
