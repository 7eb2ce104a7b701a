//! Mail: queued in the transaction of what it is about, delivered afterwards by a job; and the one-time links in it.
//!
//! Nothing here sends between a change and its commit. The queue holds mail sealed, because it carries links that act
//! for its reader. `authflow dev` captures mail and shows it at `/dev/outbox`.
//!
//! To send a mail: [`queue`]`(cx, address, locale, `[`Mail::PasswordReset`]` { .. }).await?` in the transaction of the change
//! that it tells about. To add one: see [`Mail`]. Read `model.rs` (every mail), `content.rs`, `ops.rs`,
//! `smtp.rs`, `bounces.rs`, `links.rs`.

mod api;
mod bounces;
mod content;
mod error;
mod links;
mod model;
mod ops;
mod smtp;
mod store;

pub(crate) use api::routes;
pub(crate) use bounces::forget as forget_bounce;
pub use bounces::{Bounce, bounce_of, find_bounce};
pub use error::{MailError, RefusalReason};
pub use links::{LINK_TTL, LinkPurpose, OpenLink, consume_link, find_link, issue_link, link_key};
pub use model::{CapturedMail, Factor, Factor as MailFactor, Mail, Occasion};
pub(crate) use ops::can_send;
pub use ops::{JOB_KIND, check, deliver, find_captured, list_captured, preview, queue, queue_for, send_now};
pub(crate) use smtp::Mailer;
pub use smtp::{MailSetupError, SmtpFailure};
