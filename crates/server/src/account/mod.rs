//! `/account`: a person's own pages. Who they are, how they sign in, where they are signed in, which applications may act
//! for them, what happened.
//!
//! Owns no table: it shows and calls the slices that do. Every act needs a live session and a form token bound to it.
//!
//! ```text
//!   /account               profile, addresses and numbers, connected providers
//!   /account/security      password, passkeys, second factors
//!   /account/devices       sessions
//!   /account/applications  consents
//!   /account/activity      recent events
//!   /account/data          a copy of one's data, deletion
//! ```
//!
//! # To add a section
//! 1. `sections/<name>.rs` with `pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal>`; `None`
//!    where the tenant has it switched off. The data is any `Serialize` of the section's own.
//! 2. `templates/account/<name>.html`, listed in `pages/render.rs`; it sees `section.data`, `page` and `view.user`, and
//!    imports its macros from `_ui.html`.
//! 3. One line in [`sections::of`] under its page.
//! 4. Its forms post below `/account/<name>/..`: `pub(super) fn routes()` in the same file, merged in [`routes`]. A
//!    handler begins with [`owner_of_form`], ends with [`done`] (a signed word, `notice.rs`) or with [`show`] and the
//!    [`FormError`](crate::pages::FormError) in [`Said`] under the section's name.
//! 5. A sensitive change asks [`fresh`] first: a browser left open must not be enough.

mod invitation;
mod links;
mod notice;
mod page;
mod sections;
mod tell;
mod user_agent;

use crate::http::Routes;

pub(crate) use notice::address as notice_address;
pub(crate) use page::{
    At, Owner, Page, Said, Section, done, fresh, is_fresh, owner, owner_of_form, show, to_sign_in,
};
pub(crate) use tell::tell;
pub(crate) use user_agent::device_name;

/// The pages and the forms of their sections.
pub fn routes() -> Routes {
    page::routes()
        .merge(sections::profile::routes())
        .merge(sections::identifiers::routes())
        .merge(sections::phones::routes())
        .merge(sections::connections::routes())
        .merge(sections::password::routes())
        .merge(sections::sessions::routes())
        .merge(sections::applications::routes())
        .merge(sections::data::routes())
        .merge(links::routes())
        .merge(invitation::routes())
}
