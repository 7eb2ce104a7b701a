//! `authflow connection ..`

use std::collections::BTreeMap;
use std::io::{BufRead as _, Read as _};
use std::sync::Arc;

use authflow_proto::upstream::{ClientAuthentication, Preset};
use authflow_server::config::Config;
use authflow_server::connections::{self, AppleTeam, Changed, Connection, ConnectionSettings, NewConnection};
use authflow_server::{App, Cx};
use authflow_types::ConnectionId;
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::installation::{context, listed, open, page};
use crate::args::connection::{ConnectionCommand, Create, Settings, Update, Which};
use crate::args::{InTenant, Page};
use crate::failure::Failure;
use crate::output::Reply;

const MAX_SECRET_BYTES: u64 = 64 * 1024;

pub(super) async fn run(config: Config, command: &ConnectionCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        ConnectionCommand::Create(create) => made(&app, create).await?,
        ConnectionCommand::List { tenant, page } => list(&app, tenant, page).await?,
        ConnectionCommand::Show(which) => {
            let cx = context(&app, &which.tenant.tenant).await?;
            show(&cx, &connections::get(&cx, &which.connection).await?)
        }
        ConnectionCommand::Update(update) => changed(&app, update).await?,
        ConnectionCommand::Enable(which) => set_enabled(&app, which, true).await?,
        ConnectionCommand::Disable(which) => set_enabled(&app, which, false).await?,
        ConnectionCommand::Delete(which) => deleted(&app, which).await?,
    };
    app.db.close().await;
    Ok(reply)
}

async fn made(app: &Arc<App>, create: &Create) -> Result<Reply, Failure> {
    let mut cx = context(app, &create.tenant.tenant).await?;
    let preset: Preset = create.preset.parse().map_err(|_| {
        let names: Vec<&str> = Preset::ALL.iter().map(|preset| preset.as_str()).collect();
        let message = format!(
            "`{}` is not a preset: use one of {}",
            create.preset,
            names.join(", ")
        );
        Failure::usage("connection.invalid_preset", message)
    })?;
    let given = &create.settings;
    let mut settings = ConnectionSettings::of(preset, create.client_id.as_str());
    // The preset's word on addresses is about the preset's own provider.
    if given.issuer.is_some() && preset.defaults().issuer != given.issuer.as_deref() {
        settings.trust_email = false;
    }
    apply(&mut settings, given)?;
    let new = NewConnection {
        slug: create.slug.clone().unwrap_or_else(|| preset.as_str().to_owned()),
        preset,
        name: given.name.clone(),
        position: given.position.unwrap_or(100),
        settings,
        secret: secret(given)?,
    };
    let made = connections::create(&mut cx, new).await?;
    cx.commit().await?;
    Ok(show_changed(&cx, &made))
}

async fn changed(app: &Arc<App>, update: &Update) -> Result<Reply, Failure> {
    let mut cx = context(app, &update.which.tenant.tenant).await?;
    let mut connection = connections::get(&cx, &update.which.connection).await?;
    let given = &update.settings;
    if let Some(id) = &update.client_id {
        connection.settings.client_id.clone_from(id);
    }
    if let Some(name) = &given.name {
        connection.name.clone_from(name);
    }
    if let Some(position) = given.position {
        connection.position = position;
    }
    apply(&mut connection.settings, given)?;
    let changed = connections::update(&mut cx, connection, secret(given)?).await?;
    cx.commit().await?;
    Ok(show_changed(&cx, &changed))
}

/// What was said, over what there is.
fn apply(settings: &mut ConnectionSettings, given: &Settings) -> Result<(), Failure> {
    if let Some(issuer) = &given.issuer {
        settings.issuer = Some(issuer.clone());
    }
    let urls = [
        (
            &mut settings.authorization_endpoint,
            &given.authorization_endpoint,
        ),
        (&mut settings.token_endpoint, &given.token_endpoint),
        (&mut settings.userinfo_endpoint, &given.userinfo_endpoint),
        (&mut settings.emails_endpoint, &given.emails_endpoint),
    ];
    for (slot, text) in urls {
        if let Some(text) = text {
            let refused = || {
                Failure::usage(
                    "connection.invalid_endpoint",
                    format!("`{text}` is not an address"),
                )
            };
            *slot = Some(Url::parse(text).map_err(|_| refused())?);
        }
    }
    if let Some(method) = &given.auth_method {
        settings.client_authentication = match method.as_str() {
            "client_secret_basic" => ClientAuthentication::ClientSecretBasic,
            "client_secret_post" => ClientAuthentication::ClientSecretPost,
            "none" => ClientAuthentication::None,
            _ => {
                let message = format!("`{method}` is not client_secret_basic, client_secret_post or none");
                return Err(Failure::usage("connection.invalid_auth_method", message));
            }
        };
    }
    if let (Some(team_id), Some(key_id)) = (&given.apple_team_id, &given.apple_key_id) {
        settings.apple = Some(AppleTeam {
            team_id: team_id.clone(),
            key_id: key_id.clone(),
        });
    }
    if !given.scopes.is_empty() {
        settings.scopes.clone_from(&given.scopes);
    }
    if !given.mapping.is_empty() {
        settings.mapping = pairs(&given.mapping)?;
    }
    if !given.extra.is_empty() {
        settings.extra = pairs(&given.extra)?;
    }
    if !given.domains.is_empty() {
        settings.domains.clone_from(&given.domains);
    }
    if let Some(name) = &given.organization {
        settings.organization = Some(name.clone()).filter(|name| !name.is_empty());
    }
    let switches = [
        (&mut settings.sign_up, given.sign_up),
        (&mut settings.trust_email, given.trust_email),
        (&mut settings.trust_amr, given.trust_amr),
        (&mut settings.button, given.button),
        (&mut settings.pkce, given.pkce),
    ];
    for (slot, value) in switches {
        *slot = value.unwrap_or(*slot);
    }
    Ok(())
}

fn pairs(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let split = |text: &String| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::usage(
            "connection.invalid_parameter",
            format!("`{text}` is not of the form NAME=VALUE"),
        )),
    };
    texts.iter().map(split).collect()
}

fn secret(given: &Settings) -> Result<Option<Zeroizing<String>>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(
            "connection.invalid_secret",
            format!("cannot read the secret: {error}"),
        )
    };
    if let Some(file) = &given.apple_key {
        return Ok(Some(Zeroizing::new(
            std::fs::read_to_string(file).map_err(unreadable)?,
        )));
    }
    if given.client_secret_stdin {
        let mut line = Zeroizing::new(String::new());
        let input = std::io::stdin().lock();
        std::io::BufReader::new(input.take(MAX_SECRET_BYTES))
            .read_line(&mut line)
            .map_err(unreadable)?;
        return Ok(Some(Zeroizing::new(
            line.trim_end_matches(['\r', '\n']).to_owned(),
        )));
    }
    Ok(given.client_secret.clone().map(Zeroizing::new))
}

async fn list(app: &Arc<App>, tenant: &InTenant, which: &Page) -> Result<Reply, Failure> {
    let cx = context(app, &tenant.tenant).await?;
    let after = which
        .cursor
        .as_deref()
        .map(str::parse::<ConnectionId>)
        .transpose()?;
    let mut found = connections::list(&cx, after, i64::from(which.limit) + 1).await?;
    let next = page(&mut found, which.limit, |connection| connection.id.to_string());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|connection| {
            let status = if connection.enabled { "enabled" } else { "disabled" };
            vec![
                connection.slug.clone(),
                connection.preset.to_string(),
                connection.name.clone(),
                status.to_owned(),
            ]
        })
        .collect();
    let data: Vec<Value> = found
        .iter()
        .map(|connection| described(&cx, connection))
        .collect();
    let json = listed(&data, next.as_ref());
    Ok(Reply::table(json, &["slug", "preset", "name", "status"], &rows).more(next.as_ref()))
}

async fn set_enabled(app: &Arc<App>, which: &Which, enabled: bool) -> Result<Reply, Failure> {
    let mut cx = context(app, &which.tenant.tenant).await?;
    let connection = connections::get(&cx, &which.connection).await?;
    let connection = connections::set_enabled(&mut cx, &connection, enabled).await?;
    cx.commit().await?;
    Ok(show(&cx, &connection))
}

async fn deleted(app: &Arc<App>, which: &Which) -> Result<Reply, Failure> {
    let mut cx = context(app, &which.tenant.tenant).await?;
    let connection = connections::get(&cx, &which.connection).await?;
    connections::delete(&mut cx, &connection).await?;
    cx.commit().await?;
    let json = json!({ "id": connection.id, "slug": connection.slug, "deleted": true });
    Ok(Reply::text(json, format!("deleted {}\n", connection.slug)))
}

fn described(cx: &Cx, connection: &Connection) -> Value {
    json!({
        "id": connection.id,
        "slug": connection.slug,
        "preset": connection.preset,
        "name": connection.name,
        "enabled": connection.enabled,
        "position": connection.position,
        "redirect_uri": cx.tenant.url(&connection.callback_path()),
        "has_secret": connection.has_secret(),
        "discovered_at": connection.metadata.as_ref().map(|(at, _)| at),
        "settings": connection.settings,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    })
}

fn show(cx: &Cx, connection: &Connection) -> Reply {
    let settings = &connection.settings;
    let yes = |is: bool| Some(if is { "yes" } else { "no" }.to_owned());
    let fields = [
        ("slug", Some(connection.slug.clone())),
        ("preset", Some(connection.preset.to_string())),
        ("name", Some(connection.name.clone())),
        ("enabled", yes(connection.enabled)),
        ("redirect uri", Some(cx.tenant.url(&connection.callback_path()))),
        ("client id", Some(settings.client_id.clone())),
        ("issuer", settings.issuer.clone()),
        ("scopes", Some(settings.scopes.join(" "))),
        ("sign-up", yes(settings.sign_up)),
        ("trusts e-mail", yes(settings.trust_email)),
        (
            "domains",
            Some(settings.domains.join(" ")).filter(|text| !text.is_empty()),
        ),
        ("organization", settings.organization.clone()),
    ];
    Reply::record(described(cx, connection), &fields)
}

fn show_changed(cx: &Cx, changed: &Changed) -> Reply {
    let reply = show(cx, &changed.connection);
    let reply = reply.note("Register the redirect URI at the provider, exactly as it is written here.");
    let reply = if changed.connection.vouches_for_any_domain() {
        reply.note(
            "Whoever runs this provider can open any account, by calling its address verified. Name its domains with \
             --domain, and it is trusted with those only.",
        )
    } else {
        reply
    };
    match &changed.undiscovered {
        Some(why) => reply.note(&format!(
            "The provider's discovery document could not be read ({why}); it is asked again at the next sign-in."
        )),
        None => reply,
    }
}
