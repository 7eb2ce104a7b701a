//! `authflow migrate`

use authflow_server::config::Config;
use authflow_server::start;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Reply;

/// Brings the database to this version.
pub(super) async fn migrate(config: &Config) -> Result<Reply, Failure> {
    let db = start::connect(config).await?;
    let report = db.migrate().await?;
    db.close().await;
    let applied = match report.applied.len() {
        0 => "nothing to do".to_owned(),
        _ => report.applied.join(", "),
    };
    let fields = [
        ("database", Some(config.database_url().to_string())),
        ("version", Some(report.version.to_string())),
        ("applied", Some(applied)),
    ];
    Ok(Reply::record(
        json!({ "version": report.version, "applied": report.applied }),
        &fields,
    ))
}
