//! The page that makes the first operator.

use serde::Serialize;

use super::View;
use crate::pages::FormError;

/// The first operator chooses e-mail address and password.
///
/// POST `{base}/claim/{token}`: `email`, `password`.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimView {
    /// The link's token, part of the address that the form posts to.
    pub token: String,
    /// What the e-mail field holds.
    pub email: Option<String>,
    /// The least characters of a password.
    pub password_min: u32,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for ClaimView {
    const TEMPLATE: &'static str = "claim.html";
}
