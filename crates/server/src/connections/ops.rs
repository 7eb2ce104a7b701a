use std::sync::Arc;

use authflow_proto::scope::ScopeToken;
use authflow_proto::upstream::{AppleKey, ClientAuthentication, Preset, Protocol};
use authflow_types::ConnectionId;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::model::{Connection, ConnectionSettings};
use super::provider::UpstreamError;
use super::{ConnectionError, provider, store};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::identities::IdentifierValue;
use crate::pages::FormTarget;
use crate::tenants::Slug;
use crate::vault::SealContext;
use crate::{App, Cx, Fault};

/// Most enabled connections that are kept in memory; beyond it, domains are looked up one by one.
const KEPT: i64 = 200;
const MAX_NAME: usize = 100;
const MAX_CLIENT_ID: usize = 512;
const MAX_SECRET: usize = 8192;
const MAX_EXTRA: usize = 20;
const MAX_EXTRA_TEXT: usize = 500;

/// The `kind` of routes by e-mail domain and by organization.
pub(super) const DOMAIN: &str = "domain";
pub(super) const ORGANIZATION: &str = "organization";

/// What a new connection is made of.
#[derive(Debug)]
pub struct NewConnection {
    /// Its short name.
    pub slug: String,
    /// What it is.
    pub preset: Preset,
    /// Its name for people; the preset's if absent.
    pub name: Option<String>,
    /// Its place among the buttons.
    pub position: i64,
    /// Everything else.
    pub settings: ConnectionSettings,
    /// Our secret there; Apple's `.p8` file.
    pub secret: Option<Zeroizing<String>>,
}

/// The enabled connections of a tenant.
#[derive(Debug)]
pub struct Enabled {
    /// In the order of their buttons.
    pub connections: Vec<Connection>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// The tenant's enabled connections, from memory if possible.
pub async fn enabled(cx: &Cx) -> Result<Arc<Enabled>, Fault> {
    let tenant = cx.tenant_id();
    if let Some(enabled) = cx.app.caches.connections.get(&tenant) {
        return Ok(enabled);
    }
    let mut tx = cx.read().await?;
    let connections = store::list_enabled(&mut tx, tenant, KEPT + 1).await?;
    let is_complete = i64::try_from(connections.len()).is_ok_and(|count| count <= KEPT);
    let enabled = Arc::new(Enabled {
        connections,
        is_complete,
    });
    cx.app.caches.connections.insert(tenant, enabled.clone());
    Ok(enabled)
}

/// Lets every node forget what it knows of the tenant's connections, once the context commits.
pub(super) fn forget(cx: &mut Cx) {
    let tenant = cx.tenant_id();
    cx.invalidate(Invalidation::Connections { tenant });
}

/// The connection with this short name.
pub async fn find(cx: &Cx, slug: &str) -> Result<Option<Connection>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find(&mut tx, cx.tenant_id(), slug).await?)
}

/// The connection with this id, enabled or not.
pub async fn find_by_id(cx: &Cx, id: ConnectionId) -> Result<Option<Connection>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find_by_id(&mut tx, cx.tenant_id(), id).await?)
}

/// The connection with this id, read in the request's own transaction if one is open.
pub(crate) async fn find_by_id_within(cx: &mut Cx, id: ConnectionId) -> Result<Option<Connection>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::find_by_id(&mut tx, tenant, id).await?)
}

/// The connection with this short name.
///
/// # Errors
/// [`ConnectionError::NotFound`].
pub async fn get(cx: &Cx, slug: &str) -> Result<Connection, ConnectionError> {
    let found = find(cx, slug).await?;
    found.ok_or_else(|| ConnectionError::NotFound(slug.chars().take(80).collect()))
}

/// Up to `limit` connections after `after`, in order of creation.
pub async fn list(cx: &Cx, after: Option<ConnectionId>, limit: i64) -> Result<Vec<Connection>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), after, limit).await?)
}

/// What making or changing a connection came to.
#[derive(Debug)]
pub struct Changed {
    /// It.
    pub connection: Connection,
    /// Why its provider's discovery document is not there; it is asked again when somebody signs in.
    pub undiscovered: Option<String>,
}

/// Makes a connection, enabled. Asks its provider for its addresses first. Emits `connection.created`.
///
/// # Errors
/// Every [`ConnectionError`] but `NotFound`.
pub async fn create(cx: &mut Cx, new: NewConnection) -> Result<Changed, ConnectionError> {
    let shown = || new.slug.chars().take(80).collect::<String>();
    if new.slug.parse::<Slug>().is_err() {
        return Err(ConnectionError::Slug(shown()));
    }
    let mut connection = Connection {
        id: ConnectionId::new(cx.now, cx.rng()),
        slug: new.slug.clone(),
        preset: new.preset,
        name: new.name.unwrap_or_else(|| new.preset.defaults().name.to_owned()),
        enabled: true,
        position: new.position,
        settings: new.settings,
        secret_sealed: None,
        metadata: None,
        created_at: cx.now,
        updated_at: cx.now,
    };
    check(&cx.app, &mut connection)?;
    seal_secret(cx, &mut connection, new.secret)?;
    let undiscovered = refresh(&cx.app, cx.now, &mut connection).await;
    let tenant = cx.tenant_id();
    match store::insert(cx.tx().await?, tenant, &connection).await {
        Err(error) if error.is_unique_violation() => return Err(ConnectionError::SlugTaken(shown())),
        other => other?,
    }
    write_routes(cx, &connection).await?;
    record(cx, "connection.created", &connection).await?;
    Ok(Changed {
        connection,
        undiscovered,
    })
}

/// Replaces name, place, settings, and the secret if one is given. Emits `connection.updated`.
///
/// # Errors
/// As [`create`], and [`ConnectionError::NotFound`].
pub async fn update(
    cx: &mut Cx,
    mut changed: Connection,
    secret: Option<Zeroizing<String>>,
) -> Result<Changed, ConnectionError> {
    check(&cx.app, &mut changed)?;
    changed.updated_at = cx.now;
    seal_secret(cx, &mut changed, secret)?;
    changed.metadata = None;
    let undiscovered = refresh(&cx.app, cx.now, &mut changed).await;
    let tenant = cx.tenant_id();
    if !store::update(cx.tx().await?, tenant, &changed).await? {
        return Err(ConnectionError::NotFound(changed.slug));
    }
    write_routes(cx, &changed).await?;
    record(cx, "connection.updated", &changed).await?;
    let key = (tenant, changed.id);
    cx.app.caches.upstream_keys.invalidate(&key);
    Ok(Changed {
        connection: changed,
        undiscovered,
    })
}

/// Lets a connection be used, or not; who signed up by it keeps their account. Emits `connection.updated`.
///
/// # Errors
/// [`ConnectionError::NotFound`].
pub async fn set_enabled(
    cx: &mut Cx,
    connection: &Connection,
    enabled: bool,
) -> Result<Connection, ConnectionError> {
    let changed = Connection {
        enabled,
        updated_at: cx.now,
        ..connection.clone()
    };
    let tenant = cx.tenant_id();
    if !store::update(cx.tx().await?, tenant, &changed).await? {
        return Err(ConnectionError::NotFound(changed.slug));
    }
    record(cx, "connection.updated", &changed).await?;
    Ok(changed)
}

/// Deletes a connection and every link to it. Emits `connection.deleted`.
///
/// # Errors
/// [`ConnectionError::NotFound`].
pub async fn delete(cx: &mut Cx, connection: &Connection) -> Result<(), ConnectionError> {
    let tenant = cx.tenant_id();
    if !store::delete(cx.tx().await?, tenant, connection.id).await? {
        return Err(ConnectionError::NotFound(connection.slug.clone()));
    }
    record(cx, "connection.deleted", connection).await
}

async fn record(cx: &mut Cx, kind: &'static str, connection: &Connection) -> Result<(), ConnectionError> {
    let payload = json!({ "object": {
        "id": connection.id, "slug": connection.slug, "preset": connection.preset, "name": connection.name,
        "enabled": connection.enabled,
    } });
    events::append(cx, Event::new(kind).subject(connection.id).payload(payload)).await?;
    forget(cx);
    Ok(())
}

async fn refresh(app: &App, now: authflow_types::Timestamp, connection: &mut Connection) -> Option<String> {
    if !connection.is_discovered() {
        return None;
    }
    match provider::discover(&app.outbound, connection.preset, &connection.settings).await {
        Ok(metadata) => {
            connection.metadata = Some((now, metadata));
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

async fn write_routes(cx: &mut Cx, connection: &Connection) -> Result<(), ConnectionError> {
    let tenant = cx.tenant_id();
    let (id, settings) = (connection.id, &connection.settings);
    store::clear_routes(cx.tx().await?, tenant, id).await?;
    let domains = settings.domains.iter().map(|domain| (DOMAIN, domain));
    let organization = settings.organization.iter().map(|name| (ORGANIZATION, name));
    for (kind, value) in domains.chain(organization) {
        if !store::insert_route(cx.tx().await?, tenant, id, kind, value).await? {
            return Err(ConnectionError::RouteTaken(value.to_owned()));
        }
    }
    Ok(())
}

fn check(app: &App, connection: &mut Connection) -> Result<(), ConnectionError> {
    let name = connection.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(ConnectionError::Name);
    }
    connection.name = name;
    let settings = &mut connection.settings;
    let visible = settings.client_id.bytes().all(|b| b.is_ascii_graphic());
    if settings.client_id.is_empty() || settings.client_id.len() > MAX_CLIENT_ID || !visible {
        return Err(ConnectionError::ClientId);
    }
    check_addresses(app, settings)?;
    for scope in &settings.scopes {
        if scope.parse::<ScopeToken>().is_err() {
            return Err(ConnectionError::Scope(scope.chars().take(80).collect()));
        }
    }
    settings.claim_mapping(connection.preset)?;
    let too_long = |text: &String| text.chars().count() > MAX_EXTRA_TEXT;
    if settings.extra.len() > MAX_EXTRA || settings.extra.iter().any(|(a, b)| too_long(a) || too_long(b)) {
        return Err(ConnectionError::Extra);
    }
    let domains = settings.domains.iter().map(|domain| normal_domain(domain));
    settings.domains = domains.collect::<Result<_, _>>()?;
    settings.domains.sort();
    settings.domains.dedup();
    if let Some(name) = &settings.organization {
        let fits =
            (1..=100).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || c == ' ');
        if !fits {
            return Err(ConnectionError::Organization(name.chars().take(100).collect()));
        }
    }
    Ok(())
}

fn check_addresses(app: &App, settings: &ConnectionSettings) -> Result<(), ConnectionError> {
    match settings.protocol {
        Protocol::Oidc => {
            let issuer = settings.issuer.as_deref().ok_or(ConnectionError::IssuerMissing)?;
            let url = Url::parse(issuer).ok();
            let url = url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.has_host());
            let url = url.ok_or_else(|| ConnectionError::Issuer(issuer.chars().take(200).collect()))?;
            may_fetch(app, &url)?;
        }
        Protocol::Oauth2 => {
            let needed = [
                (&settings.authorization_endpoint, "authorization_endpoint"),
                (&settings.token_endpoint, "token_endpoint"),
                (&settings.userinfo_endpoint, "userinfo_endpoint"),
            ];
            for (url, name) in needed {
                if url.is_none() {
                    return Err(ConnectionError::EndpointMissing(name));
                }
            }
        }
    }
    settings.urls().try_for_each(|url| may_fetch(app, url))
}

fn may_fetch(app: &App, url: &Url) -> Result<(), ConnectionError> {
    app.outbound
        .check_url(url)
        .map_err(|reason| ConnectionError::Url {
            url: url.to_string(),
            reason,
        })
}

/// A domain as addresses in it are compared.
pub(super) fn normal_domain(domain: &str) -> Result<String, ConnectionError> {
    let text = domain.trim().trim_start_matches('@');
    let refused = || ConnectionError::Domain(domain.chars().take(100).collect());
    let address = IdentifierValue::email(&format!("x@{text}")).map_err(|_| refused())?;
    let normal = address
        .normalized()
        .split_once('@')
        .map(|(_, domain)| domain.to_owned());
    normal.ok_or_else(refused)
}

fn context(id: &ConnectionId) -> SealContext<'_> {
    SealContext::new("connection", id.as_bytes(), "secret")
}

/// Seals a new secret; what a connection needs must be there in the end.
fn seal_secret(
    cx: &Cx,
    connection: &mut Connection,
    secret: Option<Zeroizing<String>>,
) -> Result<(), ConnectionError> {
    let is_apple = connection.settings.client_authentication == ClientAuthentication::AppleJwt;
    if let Some(secret) = secret {
        if secret.trim().is_empty() || secret.len() > MAX_SECRET || secret.contains('\0') {
            return Err(ConnectionError::Secret);
        }
        if is_apple {
            AppleKey::from_pem(&secret, "key")?;
        }
        let sealed = cx
            .tenant
            .data_key
            .seal(context(&connection.id), secret.as_bytes());
        connection.secret_sealed = Some(sealed.map_err(Fault::from)?);
    }
    let is_public = connection.settings.client_authentication == ClientAuthentication::None;
    if connection.secret_sealed.is_none() && !is_public {
        return Err(ConnectionError::SecretMissing);
    }
    let team = connection.settings.apple.as_ref();
    if is_apple && team.is_none_or(|team| team.team_id.is_empty() || team.key_id.is_empty()) {
        return Err(ConnectionError::AppleTeam);
    }
    Ok(())
}

/// Our secret at the provider.
pub(super) fn open_secret(
    cx: &Cx,
    connection: &Connection,
) -> Result<Option<Zeroizing<String>>, UpstreamError> {
    let Some(sealed) = &connection.secret_sealed else {
        return Ok(None);
    };
    let opened = cx.tenant.data_key.open(context(&connection.id), sealed);
    let bytes = opened.map_err(Fault::from)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| UpstreamError::Secret)?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// What pages with buttons of connections may send their forms to, by way of us.
pub(crate) fn form_targets(cx: &Cx) -> Vec<FormTarget> {
    Url::parse(&cx.tenant.issuer)
        .map(|issuer| FormTarget::onward(&issuer))
        .unwrap_or_default()
}
