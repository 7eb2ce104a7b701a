//! The sections, one file each.

mod activity;
pub(super) mod applications;
pub(super) mod connections;
pub(super) mod data;
pub(super) mod identifiers;
mod passkeys;
pub(super) mod password;
pub(super) mod phones;
pub(super) mod profile;
mod second_factors;
pub(super) mod sessions;

use super::{At, Page, Section};
use crate::http::visit::PageRefusal;

/// The sections of a page, in order.
pub(super) async fn of(page: Page, at: &At<'_>) -> Result<Vec<Section>, PageRefusal> {
    let sections = match page {
        Page::Profile => vec![
            passkeys::offer(at).await?,
            profile::section(at)?,
            identifiers::section(at).await?,
            phones::section(at)?,
            connections::section(at).await?,
        ],
        Page::Security => vec![
            password::section(at).await?,
            passkeys::section(at).await?,
            second_factors::section(at).await?,
        ],
        Page::Devices => vec![sessions::section(at).await?],
        Page::Applications => vec![applications::section(at).await?],
        Page::Activity => vec![activity::section(at).await?],
        Page::Data => vec![data::section(at)?],
    };
    Ok(sections.into_iter().flatten().collect())
}
