//! The demo's OAuth client: authorization code with PKCE (RFC 6749 4.1, RFC 7636), over HTTP like any other.

use authflow_proto::jose::JwkSet;
use authflow_proto::pkce::CodeVerifier;
use authflow_types::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::Cx;

/// Largest answer that the demo reads.
const MAX_ANSWER: usize = 256 * 1024;
/// What the demo asks for.
const SCOPE: &str = "openid profile email offline_access";

/// One browser's visit to the demo, kept in memory.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The request under way: `state`, `nonce` and the code verifier.
    pub(super) pending: Option<Pending>,
    /// What the token endpoint gave.
    pub(super) tokens: Option<Tokens>,
    /// What went wrong last.
    pub(super) failure: Option<String>,
    /// Whether the tokens were refreshed since the page was shown.
    pub(super) refreshed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) id_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) expires_in: u64,
    #[serde(skip)]
    pub(super) received_at: Timestamp,
}

/// Begins a sign-in: what to remember, and where to send the browser.
pub(super) fn begin(cx: &Cx, client_id: &str) -> Option<(Pending, String)> {
    let random = || URL_SAFE_NO_PAD.encode(cx.rng().bytes::<32>());
    let pending = Pending {
        state: random(),
        nonce: random(),
        verifier: random(),
    };
    let challenge = CodeVerifier::parse(&pending.verifier).ok()?.challenge();
    let mut url = Url::parse(&cx.tenant.url("/oauth2/authorize")).ok()?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &cx.tenant.url("/dev/demo/callback"))
        .append_pair("scope", SCOPE)
        .append_pair("state", &pending.state)
        .append_pair("nonce", &pending.nonce)
        .append_pair("code_challenge", challenge.as_str())
        .append_pair("code_challenge_method", "S256");
    Some((pending, url.into()))
}

/// Exchanges a code for tokens at the token endpoint.
pub(super) async fn redeem(
    cx: &Cx,
    client_id: &str,
    pending: &Pending,
    code: &str,
) -> Result<Tokens, String> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code),
        ("redirect_uri", &cx.tenant.url("/dev/demo/callback")),
        ("code_verifier", &pending.verifier),
    ];
    let tokens = token_request(cx, &form).await?;
    check_id_token(cx, client_id, &tokens, Some(&pending.nonce)).await?;
    Ok(tokens)
}

/// Checks the ID token as every client must (OIDC Core 3.1.3.7): signature by a published key, issuer, audience, time, nonce.
async fn check_id_token(
    cx: &Cx,
    client_id: &str,
    tokens: &Tokens,
    nonce: Option<&str>,
) -> Result<(), String> {
    let token = tokens.id_token.as_deref().ok_or("there is no ID token")?;
    let url = Url::parse(&cx.tenant.url("/.well-known/jwks.json")).map_err(|error| error.to_string())?;
    let jwks = cx
        .app
        .outbound
        .fetch(&url, MAX_ANSWER)
        .await
        .map_err(|error| error.to_string())?;
    let keys = JwkSet::parse(&jwks.body).map_err(|error| error.to_string())?;
    let claims = keys.verify(token).map_err(|error| error.to_string())?.claims;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_ours = text("iss") == Some(cx.tenant.issuer.as_str()) && text("aud") == Some(client_id);
    let is_live = claims
        .get("exp")
        .and_then(Value::as_i64)
        .is_some_and(|exp| cx.now.as_secs() < exp);
    if is_ours && is_live && (nonce.is_none() || text("nonce") == nonce) {
        Ok(())
    } else {
        Err("the ID token has another issuer, audience or nonce, or has expired".to_owned())
    }
}

/// Refreshes the tokens.
pub(super) async fn refresh(cx: &Cx, client_id: &str, refresh_token: &str) -> Result<Tokens, String> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", refresh_token),
    ];
    let tokens = token_request(cx, &form).await?;
    check_id_token(cx, client_id, &tokens, None).await?;
    Ok(tokens)
}

/// What userinfo says, pretty-printed.
pub(super) async fn userinfo(cx: &Cx, access_token: &str) -> Result<String, String> {
    let form = [("access_token", access_token)];
    let answer = post(cx, "/oauth2/userinfo", &form).await?;
    let value: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    serde_json::to_string_pretty(&value).map_err(|error| error.to_string())
}

/// Header and payload of a JWT, unverified, pretty-printed: the page shows them, nothing trusts them.
pub(super) fn decode(token: &str) -> Option<(String, String)> {
    let mut parts = token.split('.');
    let pretty = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        serde_json::to_string_pretty(&value).ok()
    };
    Some((pretty(parts.next()?)?, pretty(parts.next()?)?))
}

/// The claims of a JWT that was verified when it arrived.
pub(super) fn payload(token: &str) -> Option<serde_json::Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

async fn token_request(cx: &Cx, form: &[(&str, &str)]) -> Result<Tokens, String> {
    let answer = post(cx, "/oauth2/token", form).await?;
    let mut tokens: Tokens = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    tokens.received_at = cx.now;
    Ok(tokens)
}

async fn post(cx: &Cx, path: &str, form: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let url = Url::parse(&cx.tenant.url(path)).map_err(|error| error.to_string())?;
    let answer = cx
        .app
        .outbound
        .post_form(&url, form, MAX_ANSWER)
        .await
        .map_err(|error| error.to_string())?;
    if answer.status.is_success() {
        return Ok(answer.body.to_vec());
    }
    Err(String::from_utf8_lossy(&answer.body).into_owned())
}
