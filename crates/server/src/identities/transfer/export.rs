//! Users as lines of JSON, as [`import`](super::import) reads them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use authflow_types::UserId;

use super::super::model::{Identifier, User};
use super::super::store as users;
use super::line::{Exported, LineIdentifier};
use super::store;
use crate::tenants::Tenant;
use crate::{App, Fault};

/// Users of one read.
const PAGE: i64 = 500;

/// What to export.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportOptions {
    /// Also password hashes, as they are stored. Whoever has them can try passwords at leisure.
    pub with_password_hashes: bool,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Lines cannot be written.
    #[error("cannot write the next line")]
    Output(#[source] io::Error),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Writes every user of `tenant` to `output`, one a line, in order of creation; how many.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    options: ExportOptions,
    output: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let mut after: Option<UserId> = None;
    let mut count = 0;
    loop {
        let (page, passwords) = read(app, tenant, options, after).await?;
        let mut text = Vec::with_capacity(page.len() * 512);
        for user in &page {
            let line = exported(user, passwords.get(&user.id));
            serde_json::to_writer(&mut text, &line).map_err(Fault::from)?;
            text.push(b'\n');
            count += 1;
        }
        output.write_all(&text).map_err(ExportError::Output)?;
        match page.last() {
            Some(last) => after = Some(last.id),
            None => break,
        }
    }
    output.flush().map_err(ExportError::Output)?;
    Ok(count)
}

type Passwords = HashMap<UserId, store::PasswordOf>;

async fn read(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    options: ExportOptions,
    after: Option<UserId>,
) -> Result<(Vec<User>, Passwords), Fault> {
    let mut tx = app.db.read(tenant.id).await?;
    let page = users::list(&mut tx, tenant.id, after, PAGE).await?;
    let mut passwords = Passwords::new();
    if let (true, Some(first), Some(last)) = (options.with_password_hashes, page.first(), page.last()) {
        let found = store::passwords_between(&mut tx, tenant.id, first.id, last.id).await?;
        passwords.extend(found.into_iter().map(|password| (password.user_id, password)));
    }
    Ok((page, passwords))
}

fn exported<'a>(user: &'a User, password: Option<&'a store::PasswordOf>) -> Exported<'a> {
    // In one order, so that the same users are the same text.
    let mut sorted: Vec<&Identifier> = user.identifiers.iter().collect();
    sorted.sort_by_key(|one| (one.kind.as_str(), !one.is_primary, one.normalized.as_str()));
    let identifiers = sorted.into_iter().map(|one| LineIdentifier {
        kind: one.kind,
        value: one.value.clone(),
        primary: one.is_primary,
        verified: one.verified_at.is_some(),
        verified_at: one.verified_at,
    });
    Exported {
        id: user.id,
        status: user.status,
        identifiers: identifiers.collect(),
        profile: &user.profile,
        attributes: &user.attributes,
        created_at: user.created_at,
        updated_at: user.updated_at,
        password_hash: password.map(|password| password.data.as_str()),
        password_changed_at: password.map(|password| password.updated_at),
    }
}
