//! Every check of an authorization request, in the order that decides who sees the error.

use std::sync::Arc;

use authflow_proto::authorize::{AuthorizationRequest, AuthorizationTarget, ReplyTo};
use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::{FormError, Params};
use authflow_proto::redirect_uri::ApplicationType;
use authflow_proto::scope::ScopeSet;
use authflow_proto::token_request::GrantType;
use authflow_types::{ClientId, SessionId, UserId};
use serde_json::Value;
use url::Url;

use super::decide::Hint;
use crate::clients::{self, Client};
use crate::oauth::{audience, claims, tokens};
use crate::sign_in::SignInError;
use crate::{Cx, Fault, identities, keys, resources, sessions};

/// A request that may be answered with a code once the user agrees.
pub(in crate::oauth) struct Checked {
    pub(in crate::oauth) client: Arc<Client>,
    pub(in crate::oauth) request: AuthorizationRequest,
    /// What is asked for, the client's default where nothing is named.
    pub(super) scope: ScopeSet,
    /// What the user has to allow: the scope, and the scopes of claims asked for by name as far as the client may have
    /// them.
    pub(super) asked: ScopeSet,
}

impl Checked {
    /// Checks a request that never went through a browser.
    pub(in crate::oauth) async fn of(
        cx: &Cx,
        client: Arc<Client>,
        request: AuthorizationRequest,
    ) -> Result<Self, Refusal> {
        check(cx, client, request).await
    }

    /// PKCE whatever the client's policy says: the code travels without a redirect URI to be bound to.
    pub(in crate::oauth) fn require_pkce(&self) -> Result<(), Refusal> {
        let required = self.request.require_pkce();
        required.map_err(|error| Refusal::ToUser(error.into()))
    }

    /// Whether anybody on the user's device could pose as the client (RFC 8252 8.6): it is public, and its answers go to
    /// an address that the device hands to whoever asks for it. The tenant's own clients are taken at their word.
    pub(super) fn is_unproven(&self) -> bool {
        let redirect = Url::parse(&self.request.target.redirect_uri);
        let is_https = redirect.as_ref().is_ok_and(|uri| uri.scheme() == "https");
        let is_http = redirect.is_ok_and(|uri| uri.scheme() == "http");
        let is_native = self.client.metadata.application_type == ApplicationType::Native;
        let goes_anywhere = !is_https && (is_native || !is_http);
        self.client.is_public() && goes_anywhere && !self.client.policy.first_party
    }
}

/// Why there will be no code.
#[derive(Debug)]
pub(in crate::oauth) enum Refusal {
    /// The redirect URI is not proven: only the user is told (RFC 6749 4.1.2.1).
    ToUser(OAuthError),
    /// The client is told, at its proven redirect URI.
    ToClient {
        redirect_uri: String,
        reply: ReplyTo,
        error: OAuthError,
    },
    /// The body is not a form that one of our pages posts.
    Body,
    /// The sign-in that the browser names is over, or another browser's.
    UnknownSignIn,
    /// The installation failed.
    Fault(Fault),
}

impl Refusal {
    /// An answer to the client of a checked request.
    pub(super) fn to_client(checked: &Checked, code: OAuthErrorCode, text: &'static str) -> Self {
        Self::of_request(&checked.request, OAuthError::new(code, text))
    }

    fn of_request(request: &AuthorizationRequest, error: OAuthError) -> Self {
        let reply = ReplyTo {
            state: request.state.clone(),
            response_mode: request.response_mode,
        };
        Self::ToClient {
            redirect_uri: request.target.redirect_uri.clone(),
            reply,
            error,
        }
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        Self::ToUser(error.into())
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<authflow_db::DbError> for Refusal {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for Refusal {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Fault(fault) => Self::Fault(fault),
            _ => Self::UnknownSignIn,
        }
    }
}

/// Parses and checks a fresh request.
pub(super) async fn load(cx: &Cx, params: &Params<'_>) -> Result<Checked, Refusal> {
    let target = AuthorizationTarget::parse(params).map_err(|error| Refusal::ToUser(error.into()))?;
    let client = find_client(cx, &target.client_id).await?;
    let registered = &client.metadata.redirect_uris;
    let target = target
        .resolve(registered, client.metadata.application_type)
        .map_err(|error| Refusal::ToUser(error.into()))?;
    let (redirect_uri, reply) = (target.redirect_uri.clone(), ReplyTo::of(params));
    let request = AuthorizationRequest::parse(target, params).map_err(|error| Refusal::ToClient {
        redirect_uri,
        reply,
        error: error.into(),
    })?;
    check(cx, client, request).await
}

/// Checks a request again that waited in a sign-in: its client may have changed meanwhile.
pub(super) async fn recheck(cx: &Cx, request: AuthorizationRequest) -> Result<Checked, Refusal> {
    let client = find_client(cx, &request.target.client_id).await?;
    let target = AuthorizationTarget {
        client_id: request.target.client_id.clone(),
        redirect_uri: Some(request.target.redirect_uri.clone()),
    };
    target
        .resolve(&client.metadata.redirect_uris, client.metadata.application_type)
        .map_err(|error| Refusal::ToUser(error.into()))?;
    check(cx, client, request).await
}

async fn find_client(cx: &Cx, id: &str) -> Result<Arc<Client>, Refusal> {
    let unknown = || {
        Refusal::ToUser(OAuthError::new(
            OAuthErrorCode::InvalidClient,
            "the client is unknown",
        ))
    };
    let id: ClientId = id.parse().map_err(|_| unknown())?;
    let client = clients::find(&cx.app, cx.tenant_id(), id)
        .await?
        .ok_or_else(unknown)?;
    if client.is_active() {
        Ok(client)
    } else {
        Err(Refusal::ToUser(OAuthError::new(
            OAuthErrorCode::UnauthorizedClient,
            "the client is disabled",
        )))
    }
}

/// What the client may ask for.
async fn check(cx: &Cx, client: Arc<Client>, request: AuthorizationRequest) -> Result<Checked, Refusal> {
    let refuse = |code, text: &'static str| Refusal::of_request(&request, OAuthError::new(code, text));
    if !client
        .metadata
        .grant_types
        .contains(&GrantType::AuthorizationCode)
    {
        return Err(refuse(
            OAuthErrorCode::UnauthorizedClient,
            "the client may not use authorization codes",
        ));
    }
    if client.requires_pkce() {
        request
            .require_pkce()
            .map_err(|error| Refusal::of_request(&request, error.into()))?;
    }
    let scope = request.scope.clone().unwrap_or_else(|| client.default_scope());
    if !client.may_have(&scope) {
        return Err(refuse(
            OAuthErrorCode::InvalidScope,
            "the client may not have this scope",
        ));
    }
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    audience::check_resources(&catalogue, &client, &request.resources)
        .map_err(|error| Refusal::of_request(&request, error))?;
    if request.prompt.create() && !cx.tenant.settings.sign_up {
        return Err(refuse(
            OAuthErrorCode::InvalidRequest,
            "sign-up is closed; leave `prompt=create` out",
        ));
    }
    let asked = asked_for(&client, &request, &scope);
    Ok(Checked {
        client,
        request,
        scope,
        asked,
    })
}

fn asked_for(client: &Client, request: &AuthorizationRequest, scope: &ScopeSet) -> ScopeSet {
    let mut asked = scope.clone();
    let by_name = request.claims.as_ref().filter(|_| scope.contains("openid"));
    for token in by_name.into_iter().flat_map(claims::scopes_of) {
        if client
            .metadata
            .scope
            .as_ref()
            .is_some_and(|allowed| allowed.contains(token.as_str()))
        {
            asked.insert(token);
        }
    }
    asked
}

/// Whom the request means, by `id_token_hint` (OIDC Core 3.1.2.1) or a required `sub` (OIDC Core 5.5.1).
pub(super) async fn hinted_user(cx: &Cx, checked: &Checked) -> Result<Option<Hint>, Refusal> {
    let request = &checked.request;
    if let Some(hint) = &request.id_token_hint {
        return Ok(Some(
            user_of_hint(cx, &checked.client, hint)
                .await?
                .map_or(Hint::Nobody, Hint::User),
        ));
    }
    let Some(sub) = request
        .claims
        .as_ref()
        .and_then(|claims| claims.required_subject())
    else {
        return Ok(None);
    };
    let Ok(user) = sub.parse::<UserId>() else {
        return Ok(Some(Hint::Nobody));
    };
    let known = identities::find_user(&cx.app, cx.tenant_id(), user).await?;
    let is_same = match &known {
        Some(user) => tokens::subject(cx, &checked.client, user.id)? == sub,
        None => false,
    };
    Ok(Some(if is_same { Hint::User(user) } else { Hint::Nobody }))
}

/// The user of one of our ID tokens for this client, however old; `None` if it is not one.
async fn user_of_hint(cx: &Cx, client: &Client, hint: &str) -> Result<Option<UserId>, Refusal> {
    let ring = keys::ring(&cx.app, &cx.tenant).await?;
    let Ok(token) = ring.verifying.verify(hint) else {
        return Ok(None);
    };
    let text = |name: &str| token.claims.get(name).and_then(Value::as_str);
    let is_ours =
        text("iss") == Some(cx.tenant.issuer.as_str()) && text("aud") == Some(&client.id.to_string());
    if !is_ours
        || token
            .header
            .typ
            .as_deref()
            .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
    {
        return Ok(None);
    }
    let user = match text("sub").map(str::parse::<UserId>) {
        Some(Ok(user)) => Some(user),
        // A pairwise subject says nothing by itself; the session that it was issued in does.
        _ => match text("sid").map(str::parse::<SessionId>) {
            Some(Ok(session)) => sessions::owner(cx, session).await?,
            _ => None,
        },
    };
    let Some(user) = user else { return Ok(None) };
    Ok((tokens::subject(cx, client, user)? == text("sub").unwrap_or_default()).then_some(user))
}
