//! `authflow resource ..` and `authflow scope ..`

use authflow_server::config::Config;
use authflow_server::resources::{self, ApiResource, Catalogue, NewResource, Scope, TokenFormat};
use serde_json::{Value, json};

use super::installation::{context, listed, open};
use crate::args::resource::{
    CreateResource, CreateScope, ResourceCommand, ScopeCommand, TokenFormat as FormatArg,
};
use crate::failure::Failure;
use crate::output::Reply;

pub(super) async fn run(config: Config, command: &ResourceCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        ResourceCommand::Create(create) => {
            let mut cx = context(&app, &create.tenant.tenant).await?;
            let resource = resources::create_resource(&mut cx, new(create)?).await?;
            cx.commit().await?;
            show(&resource)
        }
        ResourceCommand::List(tenant) => {
            let cx = context(&app, &tenant.tenant).await?;
            list(&*resources::catalogue(&app, cx.tenant_id()).await?)
        }
    };
    app.db.close().await;
    Ok(reply)
}

pub(super) async fn run_scope(config: Config, command: &ScopeCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        ScopeCommand::Create(create) => {
            let mut cx = context(&app, &create.tenant.tenant).await?;
            let CreateScope {
                name,
                description,
                resource,
                ..
            } = create;
            let words = if description.is_empty() { name } else { description };
            let scope = resources::create_scope(&mut cx, name, words, resource.as_deref()).await?;
            cx.commit().await?;
            show_scope(&scope, resource.as_deref())
        }
        ScopeCommand::List(tenant) => {
            let cx = context(&app, &tenant.tenant).await?;
            list_scopes(&*resources::catalogue(&app, cx.tenant_id()).await?)
        }
    };
    app.db.close().await;
    Ok(reply)
}

fn new(create: &CreateResource) -> Result<NewResource, Failure> {
    let signing_algorithm = create.signing_alg.parse().map_err(|error| {
        Failure::usage(
            "resource.invalid_algorithm",
            format!("`{}`: {error}", create.signing_alg),
        )
    })?;
    Ok(NewResource {
        identifier: create.identifier.clone(),
        name: create.name.clone(),
        token_format: match create.token_format {
            FormatArg::Jwt => TokenFormat::Jwt,
            FormatArg::Opaque => TokenFormat::Opaque,
        },
        signing_algorithm,
        access_token_ttl_s: create
            .access_token_ttl
            .map(|ttl| i64::try_from(ttl).unwrap_or(i64::MAX)),
    })
}

fn described(resource: &ApiResource) -> Value {
    json!({
        "id": resource.id,
        "identifier": resource.identifier,
        "name": resource.name,
        "token_format": resource.token_format,
        "signing_algorithm": resource.signing_algorithm,
        "access_token_ttl_s": resource.access_token_ttl_s,
        "created_at": resource.created_at,
        "updated_at": resource.updated_at,
    })
}

fn show(resource: &ApiResource) -> Reply {
    let fields = [
        ("id", Some(resource.id.to_string())),
        ("identifier", Some(resource.identifier.clone())),
        ("name", Some(resource.name.clone())),
        (
            "tokens",
            Some(format!(
                "{}, {}",
                resource.token_format.as_str(),
                resource.signing_algorithm.as_str()
            )),
        ),
    ];
    Reply::record(described(resource), &fields)
}

fn list(catalogue: &Catalogue) -> Reply {
    let rows: Vec<Vec<String>> = catalogue
        .resources()
        .iter()
        .map(|r| {
            vec![
                r.identifier.clone(),
                r.name.clone(),
                r.token_format.as_str().to_owned(),
            ]
        })
        .collect();
    let data: Vec<Value> = catalogue.resources().iter().map(described).collect();
    let json = listed(&data, None);
    Reply::table(json, &["identifier", "name", "tokens"], &rows)
}

fn described_scope(scope: &Scope, resource: Option<&str>) -> Value {
    json!({
        "id": scope.id,
        "name": scope.name,
        "description": scope.description,
        "resource": resource,
        "created_at": scope.created_at,
    })
}

fn show_scope(scope: &Scope, resource: Option<&str>) -> Reply {
    let fields = [
        ("id", Some(scope.id.to_string())),
        ("name", Some(scope.name.clone())),
        ("description", Some(scope.description.clone())),
        ("resource", resource.map(str::to_owned)),
    ];
    Reply::record(described_scope(scope, resource), &fields)
}

fn list_scopes(catalogue: &Catalogue) -> Reply {
    let mut scopes: Vec<&Scope> = catalogue
        .scope_names()
        .iter()
        .filter_map(|name| catalogue.scope(name))
        .collect();
    scopes.sort_by_key(|scope| &scope.name);
    let resource = |scope: &Scope| {
        catalogue
            .resource_of_scope(&scope.name)
            .map(|r| r.identifier.as_str())
    };
    let rows: Vec<Vec<String>> = scopes
        .iter()
        .map(|s| {
            vec![
                s.name.clone(),
                s.description.clone(),
                resource(s).unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    let data: Vec<Value> = scopes
        .iter()
        .map(|scope| described_scope(scope, resource(scope)))
        .collect();
    let json = listed(&data, None);
    Reply::table(json, &["name", "description", "resource"], &rows)
}
