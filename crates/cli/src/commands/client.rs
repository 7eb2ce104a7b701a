//! `authflow client ..`

use std::sync::Arc;
use std::time::Duration;

use authflow_proto::scope::ScopeToken;
use authflow_server::App;
use authflow_server::clients::{self, Client, ClientPolicy, ClientStatus, NewClient};
use authflow_server::config::Config;
use authflow_server::resources;
use authflow_types::{ClientId, Token};
use serde_json::{Value, json};

use super::client_metadata::{Kind, changed_metadata, new_metadata, policy};
use super::installation::{context, listed, open, page};
use crate::args::client::{ClientCommand, Create, InitialAccessToken, RotateSecret, Update, Which};
use crate::args::{InTenant, Page};
use crate::failure::Failure;
use crate::output::Reply;

const SHOWN_ONCE: &str = "The secret is shown this once; only a digest of it is kept.";

pub(super) async fn run(config: Config, command: &ClientCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        ClientCommand::Create(create) => made(&app, create).await?,
        ClientCommand::List { tenant, page } => list(&app, tenant, page).await?,
        ClientCommand::Show(which) => {
            let cx = context(&app, &which.tenant.tenant).await?;
            show(&*clients::get(&cx, id(which)?).await?, None)?
        }
        ClientCommand::Update(update) => changed(&app, update).await?,
        ClientCommand::Disable(which) => set_status(&app, which, ClientStatus::Disabled).await?,
        ClientCommand::Enable(which) => set_status(&app, which, ClientStatus::Active).await?,
        ClientCommand::Delete(which) => deleted(&app, which).await?,
        ClientCommand::RotateSecret(rotate) => rotated(&app, rotate).await?,
        ClientCommand::InitialAccessToken(token) => initial_access_token(&app, token).await?,
    };
    app.db.close().await;
    Ok(reply)
}

fn id(which: &Which) -> Result<ClientId, Failure> {
    Ok(which.client_id.parse()?)
}

async fn made(app: &Arc<App>, create: &Create) -> Result<Reply, Failure> {
    let mut cx = context(app, &create.tenant.tenant).await?;
    let metadata = new_metadata(Kind::from(create.kind), &create.name, &create.registered)?;
    // Scopes that the tenant does not have yet are made, so that one command is enough for a first client.
    let asked = metadata.scope.iter().flat_map(|scope| scope.iter());
    resources::ensure_scopes(&mut cx, asked.map(ScopeToken::as_str)).await?;
    let basic_or_post = create.registered.auth_method.is_none();
    let start = ClientPolicy {
        basic_or_post,
        ..ClientPolicy::default()
    };
    let new = NewClient {
        name: create.name.clone(),
        metadata,
        policy: policy(start, &create.policy)?,
        self_managed: false,
    };
    let created = clients::create(&mut cx, new).await?;
    cx.commit().await?;
    show(&created.client, created.secret.as_ref())
}

async fn list(app: &Arc<App>, tenant: &InTenant, which: &Page) -> Result<Reply, Failure> {
    let cx = context(app, &tenant.tenant).await?;
    let after = which.cursor.as_deref().map(str::parse::<ClientId>).transpose()?;
    let mut found = clients::list(&cx, after, i64::from(which.limit) + 1).await?;
    let next = page(&mut found, which.limit, |client| client.id.to_string());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|client| {
            let status = client.status.as_str().to_owned();
            vec![
                client.id.to_string(),
                client.name.clone(),
                kind(client).to_owned(),
                status,
            ]
        })
        .collect();
    let data: Vec<Value> = found
        .iter()
        .map(|client| described(client, None))
        .collect::<Result<_, _>>()?;
    Ok(Reply::table(
        listed(&data, next.as_ref()),
        &["client_id", "name", "type", "status"],
        &rows,
    )
    .more(next.as_ref()))
}

async fn changed(app: &Arc<App>, update: &Update) -> Result<Reply, Failure> {
    let mut cx = context(app, &update.which.tenant.tenant).await?;
    let client = clients::get(&cx, id(&update.which)?).await?;
    let name = update.name.clone().unwrap_or_else(|| client.name.clone());
    let metadata = changed_metadata(&client.metadata, &name, &update.registered)?;
    let mut policy = policy(client.policy.clone(), &update.policy)?;
    // Who names a method means that one.
    policy.basic_or_post &= update.registered.auth_method.is_none();
    let client = clients::update(&mut cx, &client, name, metadata, policy).await?;
    cx.commit().await?;
    show(&client, None)
}

async fn set_status(app: &Arc<App>, which: &Which, status: ClientStatus) -> Result<Reply, Failure> {
    let mut cx = context(app, &which.tenant.tenant).await?;
    let client = clients::get(&cx, id(which)?).await?;
    let client = clients::set_status(&mut cx, &client, status).await?;
    cx.commit().await?;
    show(&client, None)
}

async fn deleted(app: &Arc<App>, which: &Which) -> Result<Reply, Failure> {
    let mut cx = context(app, &which.tenant.tenant).await?;
    let client = id(which)?;
    clients::delete(&mut cx, client).await?;
    cx.commit().await?;
    let json = json!({ "client_id": client, "deleted": true });
    Ok(Reply::record(json, &[("deleted", Some(client.to_string()))]))
}

async fn rotated(app: &Arc<App>, rotate: &RotateSecret) -> Result<Reply, Failure> {
    let mut cx = context(app, &rotate.which.tenant.tenant).await?;
    let client = clients::get(&cx, id(&rotate.which)?).await?;
    let secret = clients::add_secret(&mut cx, &client, Duration::from_secs(rotate.overlap)).await?;
    cx.commit().await?;
    show(&client, Some(&secret))
}

async fn initial_access_token(app: &Arc<App>, wanted: &InitialAccessToken) -> Result<Reply, Failure> {
    let mut cx = context(app, &wanted.tenant.tenant).await?;
    let ttl = Duration::from_secs(wanted.expires_in);
    let expires_at = cx.now + ttl;
    let token = clients::create_initial_access_token(&mut cx, wanted.uses, ttl).await?;
    cx.commit().await?;
    let json = json!({
        "initial_access_token": token.expose(),
        "uses": wanted.uses,
        "expires_at": expires_at,
    });
    let fields = [
        ("token", Some(token.expose().to_owned())),
        ("uses", Some(wanted.uses.to_string())),
        ("expires", Some(expires_at.to_string())),
    ];
    Ok(Reply::record(json, &fields).note("The token is shown this once; only a digest of it is kept."))
}

fn kind(client: &Client) -> &'static str {
    if client.is_public() {
        "public"
    } else {
        "confidential"
    }
}

/// The client as RFC 7591 3.2.1 shows it, with what Authflow adds.
fn described(client: &Client, secret: Option<&Token>) -> Result<Value, Failure> {
    let mut document = serde_json::to_value(&client.metadata)
        .map_err(|error| Failure::new("internal", format!("a client cannot be shown: {error}")))?;
    let own = json!({
        "client_id": client.id,
        "client_name": client.name,
        "type": kind(client),
        "status": client.status,
        "policy": client.policy,
        "created_at": client.created_at,
        "updated_at": client.updated_at,
    });
    if let (Value::Object(document), Value::Object(own)) = (&mut document, own) {
        document.extend(own);
        if let Some(secret) = secret {
            document.insert(
                "client_secret".to_owned(),
                Value::String(secret.expose().to_owned()),
            );
        }
    }
    Ok(document)
}

fn show(client: &Client, secret: Option<&Token>) -> Result<Reply, Failure> {
    let metadata = &client.metadata;
    let joined = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    let fields = [
        ("client_id", Some(client.id.to_string())),
        ("client_secret", secret.map(|secret| secret.expose().to_owned())),
        ("name", Some(client.name.clone())),
        ("type", Some(kind(client).to_owned())),
        ("status", Some(client.status.as_str().to_owned())),
        ("redirect URIs", joined(&metadata.redirect_uris)),
        ("after sign-out", joined(&metadata.post_logout_redirect_uris)),
        ("scope", metadata.scope.as_ref().map(ToString::to_string)),
        (
            "authenticates by",
            Some(metadata.token_endpoint_auth_method.as_str().to_owned()),
        ),
        ("created", Some(client.created_at.to_string())),
    ];
    let reply = Reply::record(described(client, secret)?, &fields);
    Ok(if secret.is_some() {
        reply.note(SHOWN_ONCE)
    } else {
        reply
    })
}
