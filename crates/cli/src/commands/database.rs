//! `authflow migrate`

use authflow_db::{Db, DbOptions};
use authflow_server::config::{Config, DatabaseUrl};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Reply;

/// Opens the database that `config` names, making the data folder where it is missing.
pub(super) async fn connect(config: &Config) -> Result<Db, Failure> {
    if let DatabaseUrl::Sqlite(path) = config.database_url()
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        make_folder(folder)?;
    }
    Ok(Db::connect(
        &config.database_url().expose(),
        &DbOptions::from(&config.database),
    )
    .await?)
}

fn make_folder(folder: &std::path::Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    // SECURITY: whoever may list the folder may read the database; only its owner may.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| {
            Failure::new(
                "data.folder",
                format!("cannot make the folder `{}`: {error}", folder.display()),
            )
            .hint("name a folder that this user may write with --data")
        })
}

/// Brings the database to this version.
pub(super) async fn migrate(config: &Config) -> Result<Reply, Failure> {
    let db = connect(config).await?;
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
