use std::sync::Arc;

use authflow_proto::jose::Algorithm;
use authflow_proto::scope::ScopeToken;
use authflow_types::{ApiResourceId, ScopeId, TenantId};

use super::model::{ApiResource, Catalogue, STANDARD_SCOPES, Scope, TokenFormat};
use super::{ResourceError, store};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{App, Cx, Fault};

/// What a new API resource is made of.
#[derive(Debug, Clone)]
pub struct NewResource {
    /// The absolute URI that becomes `aud`.
    pub identifier: String,
    /// Its name for people.
    pub name: String,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// What signs its JWTs.
    pub signing_algorithm: Algorithm,
    /// How long its access tokens live, in seconds.
    pub access_token_ttl_s: Option<i64>,
}

/// The tenant's API resources and scopes, from memory if possible.
pub async fn catalogue(app: &App, tenant: TenantId) -> Result<Arc<Catalogue>, Fault> {
    if let Some(catalogue) = app.caches.catalogues.get(&tenant) {
        return Ok(catalogue);
    }
    let mut tx = app.db.read(tenant).await?;
    let resources = store::resources(&mut tx, tenant).await?;
    let scopes = store::scopes(&mut tx, tenant).await?;
    let catalogue = Arc::new(Catalogue::new(resources, scopes));
    app.caches.catalogues.insert(tenant, catalogue.clone());
    Ok(catalogue)
}

/// Creates an API resource. Emits `api_resource.created`.
///
/// # Errors
/// [`ResourceError::Identifier`], [`ResourceError::IdentifierTaken`], [`ResourceError::Text`], [`ResourceError::Ttl`],
/// [`ResourceError::Algorithm`].
pub async fn create_resource(cx: &mut Cx, new: NewResource) -> Result<ApiResource, ResourceError> {
    if authflow_proto::resource::check_resource(&new.identifier).is_err() {
        return Err(ResourceError::Identifier(new.identifier));
    }
    check_text(&new.name)?;
    if new
        .access_token_ttl_s
        .is_some_and(|ttl| !(10..=86_400).contains(&ttl))
    {
        return Err(ResourceError::Ttl);
    }
    if !new.signing_algorithm.is_asymmetric() {
        return Err(ResourceError::Algorithm(new.signing_algorithm));
    }
    let resource = ApiResource {
        id: ApiResourceId::new(cx.now, cx.rng()),
        identifier: new.identifier,
        name: new.name,
        token_format: new.token_format,
        signing_algorithm: new.signing_algorithm,
        access_token_ttl_s: new.access_token_ttl_s,
        created_at: cx.now,
        updated_at: cx.now,
    };
    let tenant = cx.tenant_id();
    match store::insert_resource(cx.tx().await?, tenant, &resource).await {
        Err(error) if error.is_unique_violation() => {
            return Err(ResourceError::IdentifierTaken(resource.identifier));
        }
        other => other?,
    }
    events::append(cx, Event::new("api_resource.created").subject(resource.id)).await?;
    cx.invalidate(Invalidation::Catalogue { tenant });
    Ok(resource)
}

/// Creates a scope, of a resource or of the tenant. Emits `scope.created`.
///
/// # Errors
/// [`ResourceError::ScopeName`], [`ResourceError::ScopeTaken`], [`ResourceError::ResourceNotFound`],
/// [`ResourceError::Text`].
pub async fn create_scope(
    cx: &mut Cx,
    name: &str,
    description: &str,
    resource: Option<&str>,
) -> Result<Scope, ResourceError> {
    let tenant = cx.tenant_id();
    let shown = || name.chars().take(128).collect::<String>();
    if ScopeToken::parse(name).is_err() || name.len() > 128 {
        return Err(ResourceError::ScopeName(shown()));
    }
    if STANDARD_SCOPES.contains(&name) {
        return Err(ResourceError::ScopeTaken(shown()));
    }
    check_text(description)?;
    let resource_id = match resource {
        None => None,
        Some(identifier) => {
            let catalogue = catalogue(&cx.app, tenant).await?;
            let found = catalogue.resource(identifier).map(|resource| resource.id);
            Some(found.ok_or_else(|| ResourceError::ResourceNotFound(identifier.to_owned()))?)
        }
    };
    let scope = Scope {
        id: ScopeId::new(cx.now, cx.rng()),
        resource_id,
        name: name.to_owned(),
        description: description.to_owned(),
        created_at: cx.now,
    };
    match store::insert_scope(cx.tx().await?, tenant, &scope).await {
        Err(error) if error.is_unique_violation() => return Err(ResourceError::ScopeTaken(scope.name)),
        other => other?,
    }
    events::append(cx, Event::new("scope.created").subject(scope.id)).await?;
    cx.invalidate(Invalidation::Catalogue { tenant });
    Ok(scope)
}

/// Creates those of `names` that the tenant does not have yet, described by their own name; commits.
pub async fn ensure_scopes(cx: &mut Cx, names: impl Iterator<Item = &str>) -> Result<(), ResourceError> {
    let catalogue = catalogue(&cx.app, cx.tenant_id()).await?;
    for name in names {
        if !catalogue.has_scope(name) {
            create_scope(cx, name, name, None).await?;
        }
    }
    Ok(cx.commit().await?)
}

fn check_text(text: &str) -> Result<(), ResourceError> {
    let length = text.trim().chars().count();
    if (1..=500).contains(&length) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(ResourceError::Text)
    }
}
