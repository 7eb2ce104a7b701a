use std::sync::Arc;

use authflow_db::{DbError, Json, Tx};
use authflow_types::TenantId;

use super::model::{DEFAULT_SLUG, SYSTEM_SLUG, Slug, Tenant, TenantSettings, TenantStatus};
use super::{TenantError, store};
use crate::app::Invalidation;
use crate::cx::{Actor, Cx, RequestInfo};
use crate::events::{self, Event};
use crate::pages::{Brand, Branding};
use crate::{App, Fault, connections};

/// What a new tenant is made of.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its short name.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// What its administrators decided.
    pub settings: TenantSettings,
}

/// What may change; `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct TenantChange {
    /// Its name for people.
    pub name: Option<String>,
    /// Whether it answers requests.
    pub status: Option<TenantStatus>,
    /// What its administrators decided.
    pub settings: Option<TenantSettings>,
    /// How its pages look.
    pub branding: Option<Branding>,
}

/// The tenant with `slug`, from memory if possible.
pub async fn find_by_slug(app: &App, slug: &str) -> Result<Option<Arc<Tenant>>, Fault> {
    if let Some(tenant) = app.caches.tenants_by_slug.get(slug) {
        return Ok(Some(tenant));
    }
    if slug.parse::<Slug>().is_err() {
        return Ok(None);
    }
    let Some(row) = store::find_by_slug(&app.db, slug).await? else {
        return Ok(None);
    };
    let tenant = Arc::new(open(app, row)?);
    app.caches.tenants_by_slug.insert(Arc::from(slug), tenant.clone());
    Ok(Some(tenant))
}

/// The tenant whose verified domain is `domain`, from memory if possible.
pub async fn find_by_domain(app: &App, domain: &str) -> Result<Option<Arc<Tenant>>, Fault> {
    if let Some(tenant) = app.caches.tenants_by_domain.get(domain) {
        return Ok(Some(tenant));
    }
    let Some(row) = store::find_by_domain(&app.db, domain).await? else {
        return Ok(None);
    };
    let tenant = Arc::new(open(app, row)?);
    app.caches
        .tenants_by_domain
        .insert(Arc::from(domain), tenant.clone());
    Ok(Some(tenant))
}

/// The tenant with `id`, from storage: for jobs, which do not come through an address.
pub async fn find_by_id(app: &App, id: TenantId) -> Result<Option<Arc<Tenant>>, Fault> {
    let row = store::find_by_id(&app.db, id).await?;
    row.map(|row| open(app, row).map(Arc::new)).transpose()
}

/// How many tenants have a domain of their own; none means that the Host header need not be read.
pub async fn count_custom_domains(app: &App) -> Result<i64, Fault> {
    Ok(store::count_custom_domains(&app.db).await?)
}

/// The tenant with `slug`.
///
/// # Errors
/// [`TenantError::NotFound`].
pub async fn get_by_slug(app: &App, slug: &str) -> Result<Arc<Tenant>, TenantError> {
    find_by_slug(app, slug)
        .await?
        .ok_or_else(|| TenantError::NotFound(slug.chars().take(80).collect()))
}

/// Up to `limit` tenants whose slug sorts after `after`.
pub async fn list(app: &App, after: &str, limit: i64) -> Result<Vec<Tenant>, Fault> {
    store::list(&app.db, after, limit)
        .await?
        .into_iter()
        .map(|row| open(app, row))
        .collect()
}

/// Creates a tenant: one row, its data key wrapped by the master key. Emits `tenant.created`.
///
/// # Errors
/// [`TenantError::SlugTaken`], [`TenantError::Name`].
pub async fn create(app: &Arc<App>, actor: Actor, new: NewTenant) -> Result<Arc<Tenant>, TenantError> {
    check_name(&new.name)?;
    if new.slug.as_str() == SYSTEM_SLUG && actor != Actor::System {
        return Err(TenantError::Reserved(SYSTEM_SLUG));
    }
    let now = app.clock.now();
    let id = TenantId::new(now, &*app.rng);
    let base = app.config.base_url.as_str().trim_end_matches('/');
    let issuer = if new.slug.as_str() == DEFAULT_SLUG {
        base.to_owned()
    } else {
        format!("{base}/t/{}", new.slug)
    };
    new.settings.passkeys.check(&issuer)?;
    let data_key = crate::vault::DataKey::generate(&*app.rng).map_err(Fault::from)?;
    let wrapped = app.master_keys.wrap(id, &data_key).map_err(Fault::from)?;
    let row = store::Row {
        id,
        slug: new.slug.to_string(),
        name: new.name.clone(),
        issuer: issuer.clone(),
        custom_domain: None,
        status: TenantStatus::Active.as_str().to_owned(),
        settings: Json(new.settings),
        branding: Json(Branding {
            name: new.name.clone(),
            ..Branding::default()
        }),
        data_key: wrapped,
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.db.begin(id).await?;
    match store::insert(&mut tx, &row).await {
        Err(error) if error.is_unique_violation() => return Err(TenantError::SlugTaken(row.slug)),
        other => other?,
    }
    let tenant = Arc::new(open(app, row)?);
    let mut cx = Cx::new(app.clone(), tenant.clone(), actor, RequestInfo::default()).with_tx(tx);
    events::append(&mut cx, Event::new("tenant.created").subject(id)).await?;
    cx.commit().await?;
    Ok(tenant)
}

/// Changes a tenant. Emits `tenant.updated`.
///
/// # Errors
/// [`TenantError::Name`]; [`TenantError::Reserved`] for suspending the `system` tenant, whose operators would be locked
/// out.
pub async fn update(cx: &mut Cx, change: TenantChange) -> Result<Arc<Tenant>, TenantError> {
    if cx.tenant.is_system() && change.status == Some(TenantStatus::Suspended) {
        return Err(TenantError::Reserved(SYSTEM_SLUG));
    }
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    let mut row = to_row(&cx.app, &cx.tenant)?;
    row.updated_at = cx.now;
    if let Some(name) = change.name {
        row.name = name;
    }
    if let Some(status) = change.status {
        status.as_str().clone_into(&mut row.status);
    }
    if let Some(settings) = change.settings {
        settings.passkeys.check(&row.issuer)?;
        if !settings.methods.has_first() && connections::enabled(cx).await?.connections.is_empty() {
            return Err(TenantError::NoWayIn);
        }
        row.settings = Json(settings);
    }
    if let Some(branding) = change.branding {
        row.branding = Json(branding);
    }
    store::update(cx.tx().await?, &row).await?;
    let id = row.id;
    events::append(cx, Event::new("tenant.updated").subject(id)).await?;
    cx.invalidate(Invalidation::Tenant { id });
    Ok(Arc::new(open(&cx.app, row)?))
}

/// Wraps every tenant's data key under the active master key; nothing that they sealed is touched.
pub async fn rewrap_data_keys(app: &Arc<App>) -> Result<u64, Fault> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = list(app, &after, 100).await?;
        let Some(last) = page.last() else { return Ok(count) };
        last.slug.clone_into(&mut after);
        for tenant in page {
            let row = to_row(app, &tenant)?;
            let mut cx = Cx::new(
                app.clone(),
                Arc::new(tenant),
                Actor::Operator,
                RequestInfo::default(),
            );
            store::update(cx.tx().await?, &row).await?;
            cx.invalidate(Invalidation::Tenant { id: row.id });
            cx.commit().await?;
            count += 1;
        }
    }
}

/// Moves the issuers of all tenants without a domain of their own below `base`; how many changed.
pub async fn move_issuers(tx: &mut Tx, base: &str) -> Result<u64, DbError> {
    store::move_issuers(tx, base, DEFAULT_SLUG).await
}

/// The `default` tenant, created if this installation is new.
pub async fn ensure_default(app: &Arc<App>) -> Result<Arc<Tenant>, TenantError> {
    ensure(app, DEFAULT_SLUG, "Authflow", TenantSettings::default).await
}

/// The reserved `system` tenant, created if this installation is new. Strangers cannot sign up there.
pub async fn ensure_system(app: &Arc<App>) -> Result<Arc<Tenant>, TenantError> {
    let settings = || TenantSettings {
        sign_up: false,
        account_deletion: false,
        ..TenantSettings::default()
    };
    ensure(app, SYSTEM_SLUG, "Authflow administration", settings).await
}

async fn ensure(
    app: &Arc<App>,
    slug: &'static str,
    name: &str,
    settings: fn() -> TenantSettings,
) -> Result<Arc<Tenant>, TenantError> {
    if let Some(tenant) = find_by_slug(app, slug).await? {
        return Ok(tenant);
    }
    let new = NewTenant {
        slug: slug.parse()?,
        name: name.to_owned(),
        settings: settings(),
    };
    match create(app, Actor::System, new).await {
        // Another process was first.
        Err(TenantError::SlugTaken(_)) => get_by_slug(app, slug).await,
        other => other,
    }
}

fn check_name(name: &str) -> Result<(), TenantError> {
    let length = name.trim().chars().count();
    if (1..=200).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(TenantError::Name)
    }
}

fn open(app: &App, row: store::Row) -> Result<Tenant, Fault> {
    let data_key = app.master_keys.unwrap(row.id, &row.data_key)?;
    Ok(Tenant {
        id: row.id,
        slug: row.slug,
        name: row.name,
        issuer: row.issuer,
        custom_domain: row.custom_domain,
        status: TenantStatus::from_stored(&row.status),
        settings: row.settings.0,
        brand: Arc::new(Brand::new(row.branding.0)),
        data_key,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn to_row(app: &App, tenant: &Tenant) -> Result<store::Row, Fault> {
    Ok(store::Row {
        id: tenant.id,
        slug: tenant.slug.clone(),
        name: tenant.name.clone(),
        issuer: tenant.issuer.clone(),
        custom_domain: tenant.custom_domain.clone(),
        status: tenant.status.as_str().to_owned(),
        settings: Json(tenant.settings.clone()),
        branding: Json(tenant.brand.branding().clone()),
        data_key: app.master_keys.wrap(tenant.id, &tenant.data_key)?,
        created_at: tenant.created_at,
        updated_at: tenant.updated_at,
    })
}
