//! The authorization code flow, step by step or at once.

use http::StatusCode;
use serde_json::Value;

use crate::app::encode;
use crate::{Answer, Browser, Client, TestApp, User};

/// The code verifier of every flow (RFC 7636 B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An authorization request: code, PKCE, `openid`, state `af0ifjsldkj`, to be changed parameter by parameter.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    base: String,
    /// Its parameters.
    pub params: Vec<(String, String)>,
}

impl AuthorizationRequest {
    /// Sets a parameter, once.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// Adds a parameter, whatever there is already.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a parameter out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.params.retain(|(key, _)| key != name);
        self
    }

    /// Asks for `scope`.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    /// Without `code_challenge` and its method.
    #[must_use]
    pub fn without_pkce(self) -> Self {
        self.without("code_challenge").without("code_challenge_method")
    }

    /// The parameters, encoded.
    pub fn query(&self) -> String {
        encode(&self.pairs())
    }

    /// The parameters, for a form.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The address of the request.
    pub fn path(&self) -> String {
        format!("{}/oauth2/authorize?{}", self.base, self.query())
    }
}

/// What a redeemed code or a refresh gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: Option<String>,
    /// The ID token.
    pub id: Option<String>,
    /// The whole answer.
    pub json: Value,
}

impl Tokens {
    /// Reads a successful token response.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let json = answer.json();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        Self {
            access: text("access_token").unwrap(),
            refresh: text("refresh_token"),
            id: text("id_token"),
            json,
        }
    }

    /// The refresh token, which must be there.
    pub fn refresh(&self) -> &str {
        self.refresh.as_deref().unwrap()
    }

    /// The ID token, which must be there.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap()
    }
}

impl TestApp {
    /// An authorization request of `client`.
    pub fn authorization(&self, client: &Client) -> AuthorizationRequest {
        let params = [
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", &client.redirect_uri),
            ("scope", "openid"),
            ("state", "af0ifjsldkj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let params = params
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let base = self.tenant.base_path().to_owned();
        AuthorizationRequest { base, params }
    }

    /// A code for `scope`, as the client gets it after `user` has signed in and allowed the request.
    pub async fn code(&self, client: &Client, browser: &mut Browser, user: &User, scope: &str) -> String {
        let request = self.authorization(client).scope(scope);
        browser.allow(&request, user).await.code()
    }

    /// Redeems a code as the client should.
    pub async fn redeem(&self, client: &Client, code: &str) -> Answer {
        self.redeem_with(client, code, &[]).await
    }

    /// Redeems a code with other parameters; an empty value leaves a parameter out.
    pub async fn redeem_with(&self, client: &Client, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        self.post_as(client, "/oauth2/token", &form).await
    }

    /// Tokens for `scope`.
    pub async fn tokens(&self, client: &Client, browser: &mut Browser, user: &User, scope: &str) -> Tokens {
        let code = self.code(client, browser, user, scope).await;
        Tokens::of(&self.redeem(client, &code).await)
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, client: &Client, token: &str) -> Answer {
        self.refresh_with(client, token, &[]).await
    }

    /// Uses a refresh token, with further parameters.
    pub async fn refresh_with(&self, client: &Client, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        form.extend_from_slice(more);
        self.post_as(client, "/oauth2/token", &form).await
    }

    /// A token of the client's own (RFC 6749 4.4), with further parameters.
    pub async fn client_credentials(&self, client: &Client, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend_from_slice(more);
        self.post_as(client, "/oauth2/token", &form).await
    }

    /// What userinfo answers to an access token.
    pub async fn userinfo(&self, token: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        self.get("/oauth2/userinfo", &[("authorization", &authorization)])
            .await
    }

    /// What introspection tells `client` of a token.
    pub async fn introspect(&self, client: &Client, token: &str) -> Value {
        let answer = self
            .post_as(client, "/oauth2/introspect", &[("token", token)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    /// Gives a token back.
    pub async fn revoke(&self, client: &Client, token: &str) -> Answer {
        self.post_as(client, "/oauth2/revoke", &[("token", token)]).await
    }
}
