//! `authflow tenant ..`

use std::sync::Arc;

use authflow_server::config::Config;
use authflow_server::cx::Actor;
use authflow_server::pages::{Branding, Link};
use authflow_server::tenants::{
    self, NewTenant, RegistrationMode, Tenant, TenantChange, TenantSettings, TenantStatus,
};
use serde_json::{Value, json};

use super::installation::{context, listed, open, page};
use super::tenant_settings;
use crate::args::Page;
use crate::args::tenant::{
    Branding as BrandingArgs, Create, Registration, Settings, Status, TenantCommand, Update,
};
use crate::failure::Failure;
use crate::output::Reply;

pub(super) async fn run(config: Config, command: &TenantCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        TenantCommand::Create(create) => made(&app, create).await?,
        TenantCommand::List(which) => list(&app, which).await?,
        TenantCommand::Show { slug } => show(&*tenants::get_by_slug(&app, slug).await?),
        TenantCommand::Update(update) => changed(&app, update).await?,
    };
    app.db.close().await;
    Ok(reply)
}

async fn made(app: &Arc<authflow_server::App>, create: &Create) -> Result<Reply, Failure> {
    let mut settings = TenantSettings::default();
    apply(&mut settings, &create.settings)?;
    let new = NewTenant {
        slug: create.slug.parse()?,
        name: create.name.clone(),
        settings,
    };
    Ok(show(&*tenants::create(app, Actor::Operator, new).await?))
}

async fn list(app: &authflow_server::App, which: &Page) -> Result<Reply, Failure> {
    let after = which.cursor.as_deref().unwrap_or_default();
    let mut found = tenants::list(app, after, i64::from(which.limit) + 1).await?;
    let next = page(&mut found, which.limit, |tenant| tenant.slug.clone());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|t| {
            vec![
                t.slug.clone(),
                t.name.clone(),
                t.status.as_str().to_owned(),
                t.issuer.clone(),
            ]
        })
        .collect();
    let data: Vec<Value> = found.iter().map(described).collect();
    let json = listed(&data, next.as_ref());
    Ok(Reply::table(json, &["slug", "name", "status", "issuer"], &rows).more(next.as_ref()))
}

async fn changed(app: &Arc<authflow_server::App>, update: &Update) -> Result<Reply, Failure> {
    let mut cx = context(app, &update.slug).await?;
    let mut settings = cx.tenant.settings.clone();
    apply(&mut settings, &update.settings)?;
    let change = TenantChange {
        name: update.name.clone(),
        status: update.status.map(|status| match status {
            Status::Active => TenantStatus::Active,
            Status::Suspended => TenantStatus::Suspended,
        }),
        settings: (settings != cx.tenant.settings).then_some(settings),
        branding: branding(cx.tenant.brand.branding(), &update.branding)?,
    };
    let tenant = tenants::update(&mut cx, change).await?;
    cx.commit().await?;
    Ok(show(&tenant))
}

fn apply(settings: &mut TenantSettings, given: &Settings) -> Result<(), Failure> {
    if let Some(registration) = given.registration {
        settings.registration = match registration {
            Registration::Off => RegistrationMode::Off,
            Registration::InitialAccessToken => RegistrationMode::InitialAccessToken,
            Registration::Open => RegistrationMode::Open,
        };
    }
    if let Some(sign_up) = given.sign_up {
        settings.sign_up = sign_up;
    }
    if let Some(required) = given.sign_up_requires_verification {
        settings.sign_up_requires_verification = required;
    }
    if let Some(locale) = &given.default_locale {
        settings.default_locale = Some(locale.clone());
    }
    if !given.sms_countries.is_empty() {
        settings.sms_countries = Some(given.sms_countries.clone());
    }
    if let Some(per_day) = given.sms_per_day {
        settings.sms_per_day = Some(per_day);
    }
    if !given.named.is_empty() {
        *settings = tenant_settings::changed(settings, &given.named)?;
    }
    Ok(())
}

/// Branding from a file. A member that branding does not have is a mistake, and would silently become its default.
fn parse_branding(text: &str) -> Result<Branding, String> {
    let given: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let branding = serde_json::from_value::<Branding>(given.clone()).map_err(|error| error.to_string())?;
    let known = serde_json::to_value(&branding).map_err(|error| error.to_string())?;
    match unknown_member(&given, &known) {
        Some(name) => Err(format!("branding has no member `{name}`")),
        None => Ok(branding),
    }
}

fn unknown_member(given: &Value, known: &Value) -> Option<String> {
    let (Value::Object(given), Value::Object(known)) = (given, known) else {
        return None;
    };
    given.iter().find_map(|(name, value)| match known.get(name) {
        Some(known) => unknown_member(value, known).map(|below| format!("{name}.{below}")),
        None => Some(name.clone()),
    })
}

/// The branding after the change; `None` keeps it.
fn branding(current: &Branding, given: &BrandingArgs) -> Result<Option<Branding>, Failure> {
    let mut branding = match &given.file {
        None => current.clone(),
        Some(file) => {
            let text = super::files::read(file)?;
            parse_branding(&text).map_err(|error| {
                Failure::usage(
                    "tenant.invalid_branding",
                    format!("`{}`: {error}", file.display()),
                )
            })?
        }
    };
    let link = |text: &String| {
        Link::new(text)
            .map_err(|error| Failure::usage("tenant.invalid_branding", format!("`{text}`: {error}")))
    };
    if let Some(text) = &given.logo_uri {
        branding.logo = Some(link(text)?);
    }
    if let Some(text) = &given.primary_color {
        branding.primary = Some(
            text.parse()
                .map_err(|error| Failure::usage("tenant.invalid_branding", format!("`{text}`: {error}")))?,
        );
    }
    let is_given = given.file.is_some() || given.logo_uri.is_some() || given.primary_color.is_some();
    Ok(is_given.then_some(branding))
}

fn described(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "issuer": tenant.issuer,
        "custom_domain": tenant.custom_domain,
        "status": tenant.status,
        "settings": tenant.settings,
        "branding": tenant.brand.branding(),
        "created_at": tenant.created_at,
        "updated_at": tenant.updated_at,
    })
}

fn show(tenant: &Tenant) -> Reply {
    let fields = [
        ("id", Some(tenant.id.to_string())),
        ("slug", Some(tenant.slug.clone())),
        ("name", Some(tenant.name.clone())),
        ("issuer", Some(tenant.issuer.clone())),
        ("domain", tenant.custom_domain.clone()),
        ("status", Some(tenant.status.as_str().to_owned())),
        ("created", Some(tenant.created_at.to_string())),
    ];
    Reply::record(described(tenant), &fields)
}
