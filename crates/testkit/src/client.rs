use authflow_proto::registration::{ClientMetadata, RegistrationRules};
use authflow_server::clients::{self, ClientPolicy, NewClient};
use authflow_types::ClientId;
use serde_json::{Value, json};

use crate::TestApp;
use crate::app::basic;

/// Where answers go unless a test registers another place.
pub const CALLBACK: &str = "https://app.example/callback";

/// A registered client with its secret.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<String>,
    /// The token for its own registration, if it has one.
    pub registration_token: Option<String>,
    /// Where its answers go.
    pub redirect_uri: String,
    pub(crate) by_post: bool,
}

impl Client {
    /// A client that was registered in another way: what it would know of itself.
    pub fn known(id: &str, secret: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.map(str::to_owned),
            registration_token: None,
            redirect_uri: CALLBACK.to_owned(),
            by_post: false,
        }
    }

    /// `Authorization: Basic` of this client.
    pub fn basic(&self) -> String {
        basic(&self.id, self.secret.as_deref().unwrap_or_default())
    }

    /// Its id, typed.
    pub fn client_id(&self) -> ClientId {
        self.id.parse().unwrap()
    }
}

/// A client to be registered: confidential, `client_secret_basic`, every grant type, the tenant's own (nobody is asked
/// for consent) unless it says otherwise.
pub struct ClientBuilder {
    t: TestApp,
    metadata: Value,
    policy: ClientPolicy,
    self_managed: bool,
}

impl ClientBuilder {
    pub(crate) fn new(t: TestApp) -> Self {
        let metadata = json!({
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid profile email address phone offline_access",
        });
        let policy = ClientPolicy {
            first_party: true,
            ..ClientPolicy::default()
        };
        Self {
            t,
            metadata,
            policy,
            self_managed: false,
        }
    }

    /// It cannot keep a secret.
    #[must_use]
    pub fn public(self) -> Self {
        self.with("token_endpoint_auth_method", "none")
            .with("grant_types", ["authorization_code", "refresh_token"].as_slice())
    }

    /// Users are asked for consent.
    #[must_use]
    pub fn third_party(self) -> Self {
        self.policy(|policy| policy.first_party = false)
    }

    /// The only place where its answers go.
    #[must_use]
    pub fn redirect(self, uri: &str) -> Self {
        self.with("redirect_uris", [uri].as_slice())
    }

    /// What it may ask for.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    /// A field of its metadata (RFC 7591 2).
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<MetadataValue>) -> Self {
        self.metadata[field] = value.into().0;
        self
    }

    /// What the tenant decides about it.
    #[must_use]
    pub fn policy(mut self, change: impl FnOnce(&mut ClientPolicy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// It manages its own registration (RFC 7592).
    #[must_use]
    pub fn self_managed(mut self) -> Self {
        self.self_managed = true;
        self
    }

    /// Registers it.
    pub async fn create(self) -> Client {
        let rules = RegistrationRules {
            allow_loopback_http: true,
        };
        let metadata = ClientMetadata::parse(self.metadata.to_string().as_bytes(), rules).unwrap();
        let redirect_uri = metadata.redirect_uris.first().cloned().unwrap_or_default();
        let new = NewClient {
            name: "App".to_owned(),
            metadata,
            policy: self.policy,
            self_managed: self.self_managed,
        };
        let mut cx = self.t.cx();
        let created = clients::create(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        Client {
            id: created.client.id.to_string(),
            secret: created.secret.map(|secret| secret.expose().to_owned()),
            registration_token: created.registration_token.map(|token| token.expose().to_owned()),
            redirect_uri,
            by_post: self.metadata["token_endpoint_auth_method"] == "client_secret_post",
        }
    }
}

/// A value of a metadata field: JSON, text, or a list of texts.
pub struct MetadataValue(Value);

impl From<Value> for MetadataValue {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl From<&str> for MetadataValue {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<bool> for MetadataValue {
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}

impl From<&[&str]> for MetadataValue {
    fn from(texts: &[&str]) -> Self {
        Self(texts.into())
    }
}
