//! `authflow user ..`

use std::io::BufRead as _;
use std::sync::Arc;

use authflow_server::config::Config;
use authflow_server::identities::{
    self, IdentifierKind, IdentifierValue, IdentityError, NewPassword, NewUser, Profile, User, UserStatus,
};
use authflow_server::mail;
use authflow_server::pages::Locale;
use authflow_server::passwords::Password;
use authflow_server::{App, Cx};
use authflow_types::UserId;
use serde_json::{Value, json};

use super::installation::{context, listed, open, page};
use super::transfer;
use crate::args::Page;
use crate::args::user::{Create, Invite, UserCommand, Which};
use crate::failure::Failure;
use crate::output::Reply;

/// Far longer than any password that is accepted.
const MAX_PASSWORD_BYTES: u64 = 64 * 1024;

pub(super) async fn run(config: Config, command: &UserCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        UserCommand::Create(create) => made(&app, create).await?,
        UserCommand::List { tenant, page } => list(&context(&app, &tenant.tenant).await?, page).await?,
        UserCommand::Show(which) => {
            let cx = context(&app, &which.tenant.tenant).await?;
            let user = find(&cx, &which.user).await?;
            shown(&cx, &user).await?
        }
        UserCommand::Disable(which) => set_status(&app, which, UserStatus::Disabled).await?,
        UserCommand::Enable(which) => set_status(&app, which, UserStatus::Active).await?,
        UserCommand::Invite(invite) => invited(&app, invite).await?,
        UserCommand::Import(import) => transfer::import(&app, import).await?,
        UserCommand::Export(export) => transfer::export(&app, export).await?,
    };
    app.db.close().await;
    Ok(reply)
}

async fn made(app: &Arc<App>, create: &Create) -> Result<Reply, Failure> {
    let mut cx = context(app, &create.tenant.tenant).await?;
    let password = match &create.password {
        Some(password) => password.clone(),
        None => password_from_stdin()?,
    };
    let new = NewUser {
        profile: Profile {
            name: create.name.clone(),
            ..Profile::default()
        },
        identifiers: vec![IdentifierValue::email(&create.email).map_err(IdentityError::from)?],
        password: Some(NewPassword::Plain(Password::new(password))),
        verified: create.verified,
        ..NewUser::default()
    };
    let user = identities::create_user(&mut cx, new).await?;
    cx.commit().await?;
    Ok(show(&user))
}

async fn invited(app: &Arc<App>, invite: &Invite) -> Result<Reply, Failure> {
    let mut cx = context(app, &invite.tenant.tenant).await?;
    let email = IdentifierValue::email(&invite.email).map_err(IdentityError::from)?;
    let asked = invite.locale.as_deref().and_then(Locale::from_tag);
    let own = cx
        .tenant
        .settings
        .default_locale
        .as_deref()
        .and_then(Locale::from_tag);
    let locale = asked.or(own).unwrap_or(Locale::En);
    let invitation = identities::invite(&mut cx, email, invite.name.clone(), locale).await?;
    cx.commit().await?;
    let json = json!({
        "id": invitation.id,
        "email": invitation.email,
        "name": invitation.name,
        "expires_at": invitation.expires_at,
    });
    let fields = [
        ("invited", Some(invitation.email.clone())),
        ("until", Some(invitation.expires_at.to_string())),
    ];
    Ok(Reply::record(json, &fields).note("the mail is sent by a running server"))
}

/// The first line of standard input, without its end.
pub(super) fn password_from_stdin() -> Result<String, Failure> {
    use std::io::Read as _;
    let mut line = String::new();
    let input = std::io::stdin().lock();
    let mut input = std::io::BufReader::new(input.take(MAX_PASSWORD_BYTES));
    input.read_line(&mut line).map_err(|error| {
        Failure::usage(
            "user.invalid_password",
            format!("cannot read the password: {error}"),
        )
    })?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    Ok(password.strip_suffix('\r').unwrap_or(password).to_owned())
}

async fn list(cx: &Cx, which: &Page) -> Result<Reply, Failure> {
    let after = which.cursor.as_deref().map(str::parse::<UserId>).transpose()?;
    let mut found = identities::list(cx, after, i64::from(which.limit) + 1).await?;
    let next = page(&mut found, which.limit, |user| user.id.to_string());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|user| {
            let name = user.profile.name.clone().unwrap_or_default();
            vec![
                user.id.to_string(),
                user.display_identifier().to_owned(),
                name,
                user.status.as_str().to_owned(),
            ]
        })
        .collect();
    let data: Vec<Value> = found.iter().map(described).collect();
    let json = listed(&data, next.as_ref());
    Ok(Reply::table(json, &["id", "identifier", "name", "status"], &rows).more(next.as_ref()))
}

/// The user with an id, or with an e-mail address or another identifier.
async fn find(cx: &Cx, text: &str) -> Result<Arc<User>, Failure> {
    if let Ok(id) = text.parse::<UserId>() {
        return Ok(identities::get_user(cx, id).await?);
    }
    let found = identities::find_by_identifier(cx, text).await?;
    found.ok_or_else(|| Failure::new("user.not_found", format!("the tenant has no user `{text}`")))
}

async fn set_status(app: &Arc<App>, which: &Which, status: UserStatus) -> Result<Reply, Failure> {
    let mut cx = context(app, &which.tenant.tenant).await?;
    let user = find(&cx, &which.user).await?;
    let user = identities::set_status(&mut cx, &user, status).await?;
    cx.commit().await?;
    Ok(show(&user))
}

pub(super) fn described(user: &User) -> Value {
    let identifiers: Vec<Value> = user
        .identifiers
        .iter()
        .map(|i| json!({ "kind": i.kind, "value": i.value, "primary": i.is_primary, "verified_at": i.verified_at }))
        .collect();
    json!({
        "id": user.id,
        "status": user.status,
        "email": user.email().map(|(email, _)| email),
        "email_verified": user.email().is_some_and(|(_, verified)| verified),
        "identifiers": identifiers,
        "profile": user.profile,
        "attributes": user.attributes,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

/// The user, with which of their addresses refuse mail.
async fn shown(cx: &Cx, user: &User) -> Result<Reply, Failure> {
    let mut bounces = Vec::new();
    for identifier in &user.identifiers {
        if identifier.kind == IdentifierKind::Email
            && let Some(bounce) = mail::bounce_of(cx, &identifier.value).await?
        {
            bounces.push((identifier.value.clone(), bounce));
        }
    }
    let told: Vec<String> = bounces
        .iter()
        .map(|(email, bounce)| format!("{email}: {} at {}", bounce.reason, bounce.bounced_at))
        .collect();
    let listed: Vec<Value> = bounces
        .iter()
        .map(|(email, bounce)| {
            json!({
                "email": email, "reason": bounce.reason, "count": bounce.count, "bounced_at": bounce.bounced_at,
            })
        })
        .collect();
    let mut json = described(user);
    if let Some(object) = json.as_object_mut() {
        object.insert("mail_bounces".to_owned(), Value::from(listed));
    }
    let line = (!told.is_empty()).then(|| told.join(", "));
    let fields: Vec<_> = fields_of(user)
        .into_iter()
        .chain([("mail bounced", line)])
        .collect();
    Ok(Reply::record(json, &fields))
}

pub(super) fn show(user: &User) -> Reply {
    Reply::record(described(user), &fields_of(user))
}

fn fields_of(user: &User) -> [(&'static str, Option<String>); 5] {
    let email = user
        .email()
        .map(|(email, verified)| format!("{email} ({})", if verified { "verified" } else { "not verified" }));
    [
        ("id", Some(user.id.to_string())),
        ("e-mail", email),
        ("name", user.profile.name.clone()),
        ("status", Some(user.status.as_str().to_owned())),
        ("created", Some(user.created_at.to_string())),
    ]
}
