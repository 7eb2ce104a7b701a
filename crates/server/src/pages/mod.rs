//! The hosted pages: everything an end user sees, rendered on the server, working without JavaScript.
//!
//! Handlers fill a view (one struct per page, `views/`) and a [`PageContext`] (tenant, language, form token), and get HTML or a whole
//! answer with strict headers. This module knows no database, no routes and no protocol; it refuses to contain sentences: those are
//! in `locales/*.ftl`, the markup in `templates/`, the style in `assets/`.
//!
//! Read `views/mod.rs` (what pages there are), `message.rs` (what they can say), `context.rs`, `response.rs` (headers),
//! `brand.rs` (a tenant's colours), `render.rs` (how templates are run), `i18n.rs`, `mail.rs`, `assets.rs`.

mod assets;
mod brand;
mod colour;
mod context;
mod i18n;
mod icons;
mod link;
mod mail;
mod marks;
mod message;
mod render;
mod response;
mod views;

#[cfg(test)]
mod tests;

use authflow_types::Timestamp;
use serde::Serializer;

pub use assets::{Asset, asset, assets_router, brand_stylesheet, version as assets_version};
pub use brand::{Brand, BrandLinks, BrandTexts, Branding, DEFAULT_PRIMARY, brand_css};
pub use colour::{Colour, ColourError};
pub use context::PageContext;
pub(crate) use i18n::printable;
pub use i18n::{Locale, LocaleWishes};
pub use link::{FormTarget, Link, LinkError};
pub use mail::{MailContent, MailTexts, MailValue, RenderedMail};
pub use message::{ErrorKind, Field, FormError, Message, MessageKind};
pub use render::{Pages, RenderError};
pub use response::{Policy, mail_preview};
pub use views::*;

/// Templates get times as microseconds, so that they can be compared and put into words.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn micros<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(time.as_micros())
}
