//! `authflow operator ..`

use std::sync::Arc;

use authflow_server::App;
use authflow_server::config::Config;
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::identities::{IdentifierValue, IdentityError, NewPassword};
use authflow_server::operators::{self, ClaimLink, NewOperator, OperatorError};
use authflow_server::passwords::Password;
use authflow_server::{Cx, tenants};
use authflow_types::UserId;
use serde_json::{Value, json};

use super::installation::{listed, open, page};
use super::user::{described, password_from_stdin, show};
use crate::args::Page;
use crate::args::operator::{Create, OperatorCommand};
use crate::failure::Failure;
use crate::output::Reply;

pub(super) async fn run(config: Config, command: &OperatorCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        OperatorCommand::Create(create) => made(&app, create).await?,
        OperatorCommand::List(page) => list(&app, page).await?,
        OperatorCommand::ClaimLink => claim_link(&app).await?,
    };
    app.db.close().await;
    Ok(reply)
}

async fn system(app: &Arc<App>) -> Result<Cx, Failure> {
    let tenant = tenants::ensure_system(app).await?;
    Ok(Cx::new(
        app.clone(),
        tenant,
        Actor::Operator,
        RequestInfo::default(),
    ))
}

async fn made(app: &Arc<App>, create: &Create) -> Result<Reply, Failure> {
    let password = match &create.password {
        Some(password) => password.clone(),
        None => password_from_stdin()?,
    };
    let new = NewOperator {
        email: IdentifierValue::email(&create.email).map_err(IdentityError::from)?,
        name: create.name.clone(),
        password: NewPassword::Plain(Password::new(password)),
        verified: true,
    };
    let mut cx = system(app).await?;
    let user = operators::create(&mut cx, new).await?;
    cx.commit().await?;
    Ok(show(&user))
}

async fn list(app: &Arc<App>, which: &Page) -> Result<Reply, Failure> {
    let mut cx = system(app).await?;
    let after = which.cursor.as_deref().map(str::parse::<UserId>).transpose()?;
    let mut found = operators::list(&mut cx, after, i64::from(which.limit) + 1).await?;
    let next = page(&mut found, which.limit, |user| user.id.to_string());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|user| {
            vec![
                user.id.to_string(),
                user.display_identifier().to_owned(),
                user.status.as_str().to_owned(),
            ]
        })
        .collect();
    let data: Vec<Value> = found.iter().map(|user| described(user)).collect();
    let json = listed(&data, next.as_ref());
    Ok(Reply::table(json, &["id", "identifier", "status"], &rows).more(next.as_ref()))
}

async fn claim_link(app: &Arc<App>) -> Result<Reply, Failure> {
    let link = operators::issue_claim(app).await?.ok_or(OperatorError::Claimed)?;
    let json = json!({ "url": link.url, "expires_at": link.expires_at });
    Ok(Reply::text(json, announcement(&link)))
}

/// What is printed for the person who starts a new installation.
pub(super) fn announcement(link: &ClaimLink) -> String {
    format!(
        "\n  This installation has no operator yet. Open this link to become the first one:\n\n  {}\n\n  \
         It works once, until {}. Whoever reads it can use it.\n\n",
        link.url, link.expires_at
    )
}
