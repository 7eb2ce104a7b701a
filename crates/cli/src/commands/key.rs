//! `authflow key ..`

use std::sync::Arc;

use authflow_server::config::Config;
use authflow_server::cx::Actor;
use authflow_server::keys::{self, KeyInfo};
use authflow_server::{App, tenants};
use serde_json::{Value, json};

use super::installation::{context, listed, open};
use crate::args::key::KeyCommand;
use crate::failure::Failure;
use crate::output::Reply;

pub(super) async fn run(config: Config, command: &KeyCommand) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let reply = match command {
        KeyCommand::List(tenant) => list(keys::list(&context(&app, &tenant.tenant).await?).await?),
        KeyCommand::Rotate(tenant) => rotated(&app, &tenant.tenant).await?,
        KeyCommand::Rewrap => {
            let count = tenants::rewrap_data_keys(&app).await?;
            Reply::record(
                json!({ "rewrapped": count }),
                &[("rewrapped", Some(count.to_string()))],
            )
        }
    };
    app.db.close().await;
    Ok(reply)
}

async fn rotated(app: &Arc<App>, slug: &str) -> Result<Reply, Failure> {
    let tenant = tenants::get_by_slug(app, slug).await?;
    Ok(list(keys::rotate(app, &tenant, Actor::Operator).await?))
}

fn list(mut keys: Vec<KeyInfo>) -> Reply {
    keys.sort_by_key(|key| (key.algorithm.as_str(), key.created_at));
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let until = key.expires_at.map(|at| at.to_string()).unwrap_or_default();
            vec![
                key.kid.to_string(),
                key.algorithm.as_str().to_owned(),
                key.state.as_str().to_owned(),
                key.created_at.to_string(),
                until,
            ]
        })
        .collect();
    let data: Vec<Value> = keys.iter().map(|key| json!(key)).collect();
    let json = listed(&data, None);
    Reply::table(
        json,
        &["kid", "algorithm", "state", "created", "published until"],
        &rows,
    )
}
