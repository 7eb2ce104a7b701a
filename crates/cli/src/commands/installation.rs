//! What most commands begin with: an open installation, and a context in one of its tenants.

use std::sync::Arc;

use authflow_server::config::Config;
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::start::{self, Ambient, Purpose};
use authflow_server::{App, Cx, tenants};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Opens the installation that `config` describes.
pub(super) async fn open(config: Config) -> Result<Arc<App>, Failure> {
    // The configuration is large, and every command's future would hold room for it.
    Ok(Box::pin(start::open(config, Ambient::default(), Purpose::Command)).await?)
}

/// A context in the tenant with `slug`, acting for the person at the command line.
pub(super) async fn context(app: &Arc<App>, slug: &str) -> Result<Cx, Failure> {
    let tenant = tenants::get_by_slug(app, slug).await?;
    Ok(Cx::new(
        app.clone(),
        tenant,
        Actor::Operator,
        RequestInfo::default(),
    ))
}

/// Cuts `rows` to `limit` and tells the cursor of the next page, if there is one; ask the store for one row more.
pub(super) fn page<T>(rows: &mut Vec<T>, limit: u16, cursor: impl Fn(&T) -> String) -> Option<String> {
    let limit = usize::from(limit);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(cursor)
}

/// A list as every face of Authflow shows it.
pub(super) fn listed(data: &[Value], next_cursor: Option<&String>) -> Value {
    json!({ "data": data, "next_cursor": next_cursor })
}
