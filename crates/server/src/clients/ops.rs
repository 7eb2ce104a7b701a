use std::sync::Arc;
use std::time::Duration;

use authflow_proto::client_auth::AuthMethod;
use authflow_proto::registration::ClientMetadata;
use authflow_types::{ClientId, Digest, InitialAccessTokenId, SecretId, TenantId, Token, TokenKind};
use serde_json::json;

use super::model::{Client, ClientPolicy, ClientSecret, ClientStatus, origin_of};
use super::{ClientError, store};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::vault::SealContext;
use crate::{App, Cx, Fault, resources};

/// What a new client is made of.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Its name for people.
    pub name: String,
    /// Registered metadata, already parsed.
    pub metadata: ClientMetadata,
    /// What the tenant decides about it.
    pub policy: ClientPolicy,
    /// Whether it manages its own registration (RFC 7592).
    pub self_managed: bool,
}

/// A client just registered, with what is shown once.
#[derive(Debug)]
pub struct Created {
    /// The client.
    pub client: Client,
    /// Its secret, for confidential clients that authenticate with one.
    pub secret: Option<Token>,
    /// Its registration access token, if it manages itself.
    pub registration_token: Option<Token>,
}

/// The client with `id`, from memory if possible.
pub async fn find(app: &App, tenant: TenantId, id: ClientId) -> Result<Option<Arc<Client>>, Fault> {
    if let Some(client) = app.caches.clients.get(&(tenant, id)) {
        return Ok(Some(client));
    }
    let mut tx = app.db.read(tenant).await?;
    let Some(client) = store::find(&mut tx, tenant, id).await? else {
        return Ok(None);
    };
    let client = Arc::new(client);
    app.caches.clients.insert((tenant, id), client.clone());
    Ok(Some(client))
}

/// The client with `id`.
///
/// # Errors
/// [`ClientError::NotFound`].
pub async fn get(cx: &Cx, id: ClientId) -> Result<Arc<Client>, ClientError> {
    find(&cx.app, cx.tenant_id(), id)
        .await?
        .ok_or(ClientError::NotFound)
}

/// Up to `limit` clients after `after`, in order of registration, without their secrets.
pub async fn list(cx: &Cx, after: Option<ClientId>, limit: i64) -> Result<Vec<Client>, ClientError> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), after, limit).await?)
}

/// Registers a client. Emits `client.created`.
///
/// # Errors
/// [`ClientError::Name`], [`ClientError::UnknownScope`], [`ClientError::UnknownResource`], [`ClientError::Origin`].
pub async fn create(cx: &mut Cx, new: NewClient) -> Result<Created, ClientError> {
    check(cx, &new.name, &new.metadata, &new.policy).await?;
    let id = ClientId::new(cx.now, cx.rng());
    let registration_token = new
        .self_managed
        .then(|| Token::generate(TokenKind::Registration, cx.rng()));
    let mut client = Client {
        id,
        status: ClientStatus::Active,
        name: new.name,
        metadata: new.metadata,
        policy: new.policy,
        secrets: Vec::new(),
        registration_digest: registration_token.as_ref().map(Token::digest),
        created_at: cx.now,
        updated_at: cx.now,
    };
    let tenant = cx.tenant_id();
    store::insert(cx.tx().await?, tenant, &client).await?;
    store::replace_origins(cx.tx().await?, tenant, id, &client.origins()).await?;
    let secret = if client.uses_secret() {
        let (secret, row) = make_secret(cx, &client)?;
        let now = cx.now;
        store::insert_secret(cx.tx().await?, tenant, id, &row, now).await?;
        client.secrets.push(row);
        Some(secret)
    } else {
        None
    };
    let event = Event::new("client.created")
        .subject(id)
        .client(id)
        .payload(json!({ "name": client.name }));
    events::append(cx, event).await?;
    Ok(Created {
        client,
        secret,
        registration_token,
    })
}

/// Replaces a client's name, metadata and policy. Emits `client.updated`.
///
/// # Errors
/// As [`create`].
pub async fn update(
    cx: &mut Cx,
    client: &Client,
    name: String,
    metadata: ClientMetadata,
    policy: ClientPolicy,
) -> Result<Client, ClientError> {
    check(cx, &name, &metadata, &policy).await?;
    let updated = Client {
        name,
        metadata,
        policy,
        updated_at: cx.now,
        ..client.clone()
    };
    let tenant = cx.tenant_id();
    store::update(cx.tx().await?, tenant, &updated).await?;
    store::replace_origins(cx.tx().await?, tenant, client.id, &updated.origins()).await?;
    events::append(
        cx,
        Event::new("client.updated").subject(client.id).client(client.id),
    )
    .await?;
    cx.invalidate(Invalidation::Client {
        tenant,
        id: client.id,
    });
    Ok(updated)
}

/// Lets a client be used, or not. Disabling ends its refresh token families and access tokens.
/// Emits `client.updated`.
pub async fn set_status(cx: &mut Cx, client: &Client, status: ClientStatus) -> Result<Client, ClientError> {
    let updated = Client {
        status,
        updated_at: cx.now,
        ..client.clone()
    };
    let tenant = cx.tenant_id();
    store::update(cx.tx().await?, tenant, &updated).await?;
    if status == ClientStatus::Disabled {
        crate::oauth::revocation::revoke_client(cx, client.id, "client_disabled").await?;
    }
    let event = Event::new("client.updated").subject(client.id).client(client.id);
    events::append(cx, event.payload(json!({ "status": status }))).await?;
    cx.invalidate(Invalidation::Client {
        tenant,
        id: client.id,
    });
    Ok(updated)
}

/// Deletes a client and everything that it was given. Emits `client.deleted`.
pub async fn delete(cx: &mut Cx, id: ClientId) -> Result<(), ClientError> {
    let tenant = cx.tenant_id();
    crate::oauth::revocation::revoke_client(cx, id, "client_deleted").await?;
    if store::delete(cx.tx().await?, tenant, id).await? == 0 {
        return Err(ClientError::NotFound);
    }
    events::append(cx, Event::new("client.deleted").subject(id).client(id)).await?;
    cx.invalidate(Invalidation::Client { tenant, id });
    Ok(())
}

/// Adds a secret; the others stay valid for `overlap`. Emits `client.secret_rotated`.
///
/// # Errors
/// [`ClientError::PublicClient`].
pub async fn add_secret(cx: &mut Cx, client: &Client, overlap: Duration) -> Result<Token, ClientError> {
    if !client.uses_secret() {
        return Err(ClientError::PublicClient);
    }
    let (secret, row) = make_secret(cx, client)?;
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::insert_secret(cx.tx().await?, tenant, client.id, &row, now).await?;
    store::expire_other_secrets(cx.tx().await?, tenant, client.id, row.id, now + overlap).await?;
    events::append(
        cx,
        Event::new("client.secret_rotated")
            .subject(client.id)
            .client(client.id),
    )
    .await?;
    cx.invalidate(Invalidation::Client {
        tenant,
        id: client.id,
    });
    Ok(secret)
}

/// Whether some client of the tenant registered `origin`; from memory if possible.
pub async fn is_registered_origin(app: &App, tenant: TenantId, origin: &str) -> Result<bool, Fault> {
    if origin.len() > 300 {
        return Ok(false);
    }
    let key = (tenant, Arc::from(origin));
    if let Some(known) = app.caches.origins.get(&key) {
        return Ok(known);
    }
    let mut tx = app.db.read(tenant).await?;
    let known = store::has_origin(&mut tx, tenant, origin).await?;
    if known {
        // WHY: only hits are remembered, so that strangers cannot fill the cache and new origins work at once.
        app.caches.origins.insert(key, known);
    }
    Ok(known)
}

/// Makes an initial access token for `uses` registrations (RFC 7591 3).
pub async fn create_initial_access_token(
    cx: &mut Cx,
    uses: u32,
    ttl: Duration,
) -> Result<Token, ClientError> {
    let token = Token::generate(TokenKind::InitialAccess, cx.rng());
    let id = InitialAccessTokenId::new(cx.now, cx.rng());
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let row = (id, token.digest());
    store::insert_initial_access_token(cx.tx().await?, tenant, row, i64::from(uses), (now, now + ttl))
        .await?;
    events::append(cx, Event::new("initial_access_token.created").subject(id)).await?;
    Ok(token)
}

/// Whether an initial access token could be used now; takes nothing.
pub async fn is_initial_access_token(cx: &Cx, digest: Digest) -> Result<bool, ClientError> {
    let mut tx = cx.read().await?;
    Ok(store::has_initial_access_token(&mut tx, cx.tenant_id(), digest, cx.now).await?)
}

/// Takes one use of an initial access token.
///
/// # Errors
/// [`ClientError::InitialAccessToken`].
pub async fn consume_initial_access_token(cx: &mut Cx, digest: Digest) -> Result<(), ClientError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if store::consume_initial_access_token(cx.tx().await?, tenant, digest, now).await? {
        Ok(())
    } else {
        Err(ClientError::InitialAccessToken)
    }
}

fn make_secret(cx: &Cx, client: &Client) -> Result<(Token, ClientSecret), ClientError> {
    let secret = Token::generate(TokenKind::ClientSecret, cx.rng());
    let id = SecretId::new(cx.now, cx.rng());
    let sealed = if client.metadata.token_endpoint_auth_method == AuthMethod::ClientSecretJwt {
        Some(
            cx.tenant
                .data_key
                .seal(secret_context(&id), secret.expose().as_bytes())
                .map_err(Fault::from)?,
        )
    } else {
        None
    };
    let row = ClientSecret {
        id,
        digest: secret.digest(),
        sealed,
        expires_at: None,
    };
    Ok((secret, row))
}

/// What a sealed client secret is bound to.
pub fn secret_context(id: &SecretId) -> SealContext<'_> {
    SealContext::new("client_secret", id.as_bytes(), "sealed")
}

async fn check(
    cx: &Cx,
    name: &str,
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<(), ClientError> {
    let length = name.trim().chars().count();
    if !(1..=200).contains(&length) || name.chars().any(char::is_control) {
        return Err(ClientError::Name);
    }
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let scopes = [&metadata.scope, &policy.default_scope]
        .into_iter()
        .flatten()
        .flat_map(|scope| scope.iter());
    for scope in scopes {
        if !catalogue.has_scope(scope.as_str()) {
            return Err(ClientError::UnknownScope(scope.as_str().to_owned()));
        }
    }
    for resource in policy.resources.iter().flatten() {
        if catalogue.resource(resource).is_none() {
            return Err(ClientError::UnknownResource(resource.clone()));
        }
    }
    match policy
        .allowed_origins
        .iter()
        .find(|origin| origin_of(origin).as_ref() != Some(*origin))
    {
        Some(bad) => Err(ClientError::Origin(bad.clone())),
        None => Ok(()),
    }
}
