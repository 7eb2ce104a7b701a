//! What is fetched from a provider, all of it through the guarded client: discovery, keys, tokens, userinfo.

use std::sync::Arc;
use std::time::Duration;

use authflow_proto::jose::{JwkSet, JwkSetError, JwtError, MAX_JWK_SET_BYTES, SigningKeyError};
use authflow_proto::upstream::{
    AppleKey, AppleKeyError, ClaimsError, ClientAuthentication, CodeExchange, Expected, IdTokenError,
    IssuerRule, MAX_METADATA_BYTES, MAX_USERINFO_BYTES, MappingError, MetadataError, Person, Preset,
    ProviderMetadata, TokenAnswer, TokenError, UpstreamToken, exchange_form, pick_email, read_object,
    read_token_answer, verify,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::model::{Connection, ConnectionSettings};
use super::{ops, store};
use crate::net::{Captured, FetchError, GuardedClient, Outbound};
use crate::{Cx, Fault};

/// How long a discovery document is believed.
const METADATA_TTL: Duration = Duration::from_hours(24);
/// How long keys are believed; a key that is not among them is looked for once more.
const KEYS_TTL: Duration = Duration::from_mins(10);
/// How often an unknown key may make us fetch the keys again.
const KEYS_PAUSE: Duration = Duration::from_secs(30);
const MAX_TOKEN_ANSWER: usize = 64 * 1024;

/// Why a provider does not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// It could not be reached, or does not answer.
    #[error("the provider could not be asked: {0}")]
    Fetch(#[from] FetchError),
    /// It answers with an error of its own.
    #[error("the provider answered with status {0}")]
    Status(StatusCode),
    /// Its discovery document.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The connection has no address for this.
    #[error("the connection lacks `{0}`")]
    Endpoint(&'static str),
    /// It does not redeem the code.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It sent no ID token.
    #[error("the provider sent no ID token")]
    NoIdToken,
    /// Its keys.
    #[error(transparent)]
    Keys(#[from] JwkSetError),
    /// Its ID token.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// What it says of the person.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The connection's mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The connection's secret is missing or no text.
    #[error("the connection's secret is missing or cannot be used")]
    Secret,
    /// Apple's key.
    #[error(transparent)]
    Apple(#[from] AppleKeyError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for UpstreamError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SigningKeyError> for UpstreamError {
    fn from(error: SigningKeyError) -> Self {
        Self::Fault(error.into())
    }
}

impl UpstreamError {
    /// A stable word for events, logs and the page's small print.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Fetch(_) | Self::Status(_) => "provider_unavailable",
            Self::Metadata(_) => "provider_metadata",
            Self::Endpoint(_) | Self::Secret | Self::Apple(_) | Self::Mapping(_) => "connection_incomplete",
            Self::Token(_) => "code_refused",
            Self::NoIdToken => "id_token_missing",
            Self::Keys(_) => "provider_keys",
            Self::IdToken(error) => match error {
                IdTokenError::Token(_) => "id_token_signature",
                IdTokenError::Type => "id_token_type",
                IdTokenError::Claims => "id_token_claims",
                IdTokenError::Issuer => "id_token_issuer",
                IdTokenError::Audience => "id_token_audience",
                IdTokenError::Times => "id_token_times",
                IdTokenError::Nonce => "id_token_nonce",
                IdTokenError::AccessToken => "id_token_at_hash",
                IdTokenError::AuthTime => "id_token_auth_time",
            },
            Self::Claims(_) => "provider_claims",
            Self::Fault(_) => "server_error",
        }
    }

    /// Whether trying again later may help.
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(self, Self::Fetch(_) | Self::Status(_))
    }
}

/// Where everything is, of one provider.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    token: Url,
    userinfo: Option<Url>,
    emails: Option<Url>,
    jwks: Option<Url>,
    /// As in discovery: of Microsoft a template.
    pub(crate) issuer: Option<String>,
    /// Whether every answer names its issuer (RFC 9207 3).
    pub(crate) iss_parameter: bool,
    authentication: ClientAuthentication,
}

/// What ties an answer to its request.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct RequestSecrets {
    /// The nonce, if the provider repeats it.
    pub(crate) nonce: Option<String>,
    /// The code verifier, if the provider takes PKCE.
    pub(crate) verifier: Option<String>,
    /// Since when the user must have proven themselves, if they were asked to do so anew.
    pub(crate) since: Option<i64>,
}

/// Fetches a provider's discovery document.
pub(super) async fn discover(
    outbound: &GuardedClient,
    preset: Preset,
    settings: &ConnectionSettings,
) -> Result<ProviderMetadata, UpstreamError> {
    let issuer = settings
        .issuer
        .as_deref()
        .ok_or(UpstreamError::Endpoint("issuer"))?;
    let url = Url::parse(issuer).ok();
    let address = url.as_ref().and_then(ProviderMetadata::address);
    let address = address.ok_or(UpstreamError::Endpoint("issuer"))?;
    let captured = outbound.fetch(&address, MAX_METADATA_BYTES).await?;
    let any_directory = preset == Preset::Microsoft;
    Ok(ProviderMetadata::parse(&captured.body, issuer, any_directory)?)
}

/// Where the provider is. Asks it where that is not known or long ago. Holds no transaction while it asks.
pub(crate) async fn endpoints(cx: &mut Cx, connection: &Connection) -> Result<Endpoints, UpstreamError> {
    let settings = &connection.settings;
    let metadata = if connection.is_discovered() {
        Some(metadata(cx, connection).await?)
    } else {
        None
    };
    let metadata = metadata.as_ref();
    let pick = |own: &Option<Url>, found: Option<&Url>| own.as_ref().or(found).cloned();
    let authorization = pick(
        &settings.authorization_endpoint,
        metadata.map(|m| &m.authorization_endpoint),
    );
    let token = pick(&settings.token_endpoint, metadata.map(|m| &m.token_endpoint));
    let userinfo = pick(
        &settings.userinfo_endpoint,
        metadata.and_then(|m| m.userinfo_endpoint.as_ref()),
    );
    let wanted = settings.client_authentication;
    Ok(Endpoints {
        authorization: authorization.ok_or(UpstreamError::Endpoint("authorization_endpoint"))?,
        token: token.ok_or(UpstreamError::Endpoint("token_endpoint"))?,
        userinfo,
        emails: settings.emails_endpoint.clone(),
        jwks: metadata.map(|m| m.jwks_uri.clone()),
        issuer: metadata
            .map(|m| m.issuer.clone())
            .or_else(|| settings.issuer.clone()),
        iss_parameter: metadata.is_some_and(|m| m.iss_parameter),
        authentication: metadata.map_or(wanted, |m| m.authentication(wanted)),
    })
}

async fn metadata(cx: &mut Cx, connection: &Connection) -> Result<ProviderMetadata, UpstreamError> {
    let known = connection.metadata.as_ref();
    if let Some((at, metadata)) = known
        && cx.now.since(*at) < METADATA_TTL
    {
        return Ok(metadata.clone());
    }
    match discover(&cx.app.outbound, connection.preset, &connection.settings).await {
        Ok(metadata) => {
            let (tenant, now) = (cx.tenant_id(), cx.now);
            store::put_metadata(cx.tx().await?, tenant, connection, &metadata, now).await?;
            ops::forget(cx);
            cx.commit().await?;
            Ok(metadata)
        }
        // A provider whose document is away for a while may still answer where it did.
        Err(UpstreamError::Fetch(error)) if known.is_some() => {
            tracing::info!(%error, connection = %connection.id, "a discovery document could not be refreshed");
            known
                .map(|(_, metadata)| metadata.clone())
                .ok_or(UpstreamError::Endpoint("issuer"))
        }
        Err(error) => Err(error),
    }
}

/// The provider's keys, from memory if they are young enough; `refresh` after a token named one that is not there.
async fn keys(
    cx: &Cx,
    connection: &Connection,
    jwks: &Url,
    refresh: bool,
) -> Result<Arc<JwkSet>, UpstreamError> {
    let key = (cx.tenant_id(), connection.id);
    let known = cx.app.caches.upstream_keys.get(&key);
    if let Some((at, keys)) = &known {
        let age = cx.now.since(*at);
        // WHY: a token with an invented `kid` must not make us ask the provider as often as it comes.
        if (!refresh && age < KEYS_TTL) || age < KEYS_PAUSE {
            return Ok(keys.clone());
        }
    }
    let captured = cx.app.outbound.fetch(jwks, MAX_JWK_SET_BYTES).await?;
    let keys = Arc::new(JwkSet::parse(&captured.body)?);
    cx.app.caches.upstream_keys.insert(key, (cx.now, keys.clone()));
    Ok(keys)
}

/// Who the code stands for: redeems it, proves the ID token, asks userinfo where that tells more.
///
/// Holds no transaction: the caller has none open.
pub(crate) async fn person(
    cx: &Cx,
    connection: &Connection,
    endpoints: &Endpoints,
    code: &str,
    secrets: &RequestSecrets,
    first_form: Option<&str>,
) -> Result<Person, UpstreamError> {
    let mapping = connection.settings.claim_mapping(connection.preset)?;
    let tokens = redeem(cx, connection, endpoints, code, secrets).await?;
    let rule = connection.preset.defaults().email_rule;
    let access_token = tokens.access_token.expose();
    if !connection.is_discovered() {
        let userinfo = endpoints.userinfo.as_ref();
        let mut address = userinfo
            .ok_or(UpstreamError::Endpoint("userinfo_endpoint"))?
            .clone();
        if connection.preset == Preset::Facebook
            && let Some(proof) = facebook_proof(cx, connection, access_token)?
        {
            address.query_pairs_mut().append_pair("appsecret_proof", &proof);
        }
        let mut said = read_object(&ask(cx, &address, access_token).await?.body)?;
        if let Some(emails) = &endpoints.emails {
            pick_email(&mut said, &ask(cx, emails, access_token).await?.body)?;
        }
        return Ok(mapping.person(&said, None, rule)?);
    }
    let token = proven_token(cx, connection, endpoints, &tokens, secrets).await?;
    let mut said = token.claims.clone();
    if let Some(name) = first_form.and_then(name_of_first_form) {
        said.insert("name".to_owned(), name);
    }
    if let Some(userinfo) = endpoints.userinfo.as_ref().filter(|_| mapping.lacks(&said)) {
        let more = read_object(&ask(cx, userinfo, access_token).await?.body)?;
        said = mapping.merge_userinfo(&token, more)?;
    }
    Ok(mapping.person(&said, Some(&token), rule)?)
}

async fn proven_token(
    cx: &Cx,
    connection: &Connection,
    endpoints: &Endpoints,
    tokens: &TokenAnswer,
    secrets: &RequestSecrets,
) -> Result<UpstreamToken, UpstreamError> {
    let id_token = tokens.id_token.as_ref().ok_or(UpstreamError::NoIdToken)?;
    let issuer = endpoints
        .issuer
        .as_deref()
        .ok_or(UpstreamError::Endpoint("issuer"))?;
    let jwks = endpoints
        .jwks
        .as_ref()
        .ok_or(UpstreamError::Endpoint("jwks_uri"))?;
    let is_template = connection.preset == Preset::Microsoft && issuer.contains("{tenantid}");
    let expected = Expected {
        issuer: if is_template {
            IssuerRule::AnyDirectory(issuer)
        } else {
            IssuerRule::Exactly(issuer)
        },
        client_id: &connection.settings.client_id,
        nonce: secrets.nonce.as_deref(),
        access_token: tokens.access_token.expose(),
        authenticated_since: secrets.since,
        now: cx.app.clock.now().as_secs(),
    };
    let known = keys(cx, connection, jwks, false).await?;
    match verify(id_token.expose(), &known, &expected) {
        // The provider may have rotated its keys since they were fetched.
        Err(IdTokenError::Token(JwtError::UnknownKey)) => {
            let fresh = keys(cx, connection, jwks, true).await?;
            Ok(verify(id_token.expose(), &fresh, &expected)?)
        }
        other => Ok(other?),
    }
}

async fn redeem(
    cx: &Cx,
    connection: &Connection,
    endpoints: &Endpoints,
    code: &str,
    secrets: &RequestSecrets,
) -> Result<TokenAnswer, UpstreamError> {
    let client_id = connection.settings.client_id.as_str();
    let redirect_uri = cx.tenant.url(&connection.callback_path());
    let secret = client_secret(cx, connection, endpoints)?;
    let in_header = endpoints.authentication == ClientAuthentication::ClientSecretBasic;
    let exchange = CodeExchange {
        code,
        redirect_uri: &redirect_uri,
        verifier: secrets.verifier.as_deref(),
        client_id: (!in_header).then_some(client_id),
        client_secret: secret
            .as_ref()
            .filter(|_| !in_header)
            .map(|secret| secret.as_str()),
    };
    let mut headers = json_headers();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, form);
    if let Some(secret) = secret.as_ref().filter(|_| in_header) {
        headers.insert(header::AUTHORIZATION, basic(client_id, secret)?);
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(exchange_form(&exchange))
        .finish();
    let request = Outbound {
        method: Method::POST,
        url: endpoints.token.clone(),
        headers,
        body: body.into(),
    };
    let answer = cx.app.outbound.send(request, MAX_TOKEN_ANSWER).await?;
    if answer.status.is_server_error() {
        return Err(UpstreamError::Status(answer.status));
    }
    Ok(read_token_answer(answer.status == StatusCode::OK, &answer.body)?)
}

/// The secret as this provider wants it; `None` for a public client.
fn client_secret(
    cx: &Cx,
    connection: &Connection,
    endpoints: &Endpoints,
) -> Result<Option<Zeroizing<String>>, UpstreamError> {
    let secret = ops::open_secret(cx, connection)?;
    match endpoints.authentication {
        ClientAuthentication::None => Ok(None),
        ClientAuthentication::ClientSecretBasic | ClientAuthentication::ClientSecretPost => {
            secret.map(Some).ok_or(UpstreamError::Secret)
        }
        ClientAuthentication::AppleJwt => {
            let pem = secret.ok_or(UpstreamError::Secret)?;
            let team = connection.settings.apple.as_ref().ok_or(UpstreamError::Secret)?;
            let issuer = endpoints
                .issuer
                .as_deref()
                .ok_or(UpstreamError::Endpoint("issuer"))?;
            let key = AppleKey::from_pem(&pem, &team.key_id)?;
            let now = cx.app.clock.now().as_secs();
            let jwt = key.secret(&team.team_id, &connection.settings.client_id, issuer, now)?;
            Ok(Some(Zeroizing::new(jwt)))
        }
    }
}

/// `Basic` credentials; both parts are form-encoded (RFC 6749 2.3.1).
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue, UpstreamError> {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let text = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", part(client_id), part(secret)))
    );
    let mut value = HeaderValue::from_str(&text).map_err(|_| UpstreamError::Secret)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Proves to Facebook that the access token is used by who has the secret.
fn facebook_proof(
    cx: &Cx,
    connection: &Connection,
    access_token: &str,
) -> Result<Option<String>, UpstreamError> {
    use std::fmt::Write as _;
    let Some(secret) = ops::open_secret(cx, connection)? else {
        return Ok(None);
    };
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&key, access_token.as_bytes());
    let mut hex = String::with_capacity(64);
    for byte in tag.as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(Some(hex))
}

fn json_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

/// Asks with the access token in the header (RFC 6750 2.1).
async fn ask(cx: &Cx, url: &Url, access_token: &str) -> Result<Captured, UpstreamError> {
    let mut headers = json_headers();
    let mut bearer = HeaderValue::from_str(&format!("Bearer {access_token}"))
        .map_err(|_| UpstreamError::Token(TokenError::Malformed))?;
    bearer.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, bearer);
    let request = Outbound {
        method: Method::GET,
        url: url.clone(),
        headers,
        body: Bytes::new(),
    };
    let answer = cx.app.outbound.send(request, MAX_USERINFO_BYTES).await?;
    if answer.status != StatusCode::OK {
        return Err(UpstreamError::Status(answer.status));
    }
    if answer.truncated {
        return Err(UpstreamError::Claims(ClaimsError::Malformed));
    }
    Ok(answer)
}

/// The name in Apple's `user` parameter. Nothing signs it, so nothing else is taken from it.
fn name_of_first_form(user: &str) -> Option<Value> {
    let mut user: Map<String, Value> = read_object(user.as_bytes()).ok()?;
    user.remove("name").filter(Value::is_object)
}
