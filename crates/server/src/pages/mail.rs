//! Mails, each in HTML and in text, in the reader's language and the tenant's colours.

use authflow_types::Timestamp;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::{Brand, Link, Locale, Pages, RenderError};

/// A mail that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedMail {
    /// Subject line, without line breaks.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Asks somebody to confirm their address.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyEmailMail {
    /// The reader's name, if it is known.
    pub name: Option<String>,
    /// The address to confirm.
    pub email: String,
    /// The whole link, made from the tenant's stored issuer, never from a request's host.
    pub url: String,
    /// Minutes until the link stops working.
    pub expires_minutes: u64,
}

#[derive(Serialize)]
struct MailPage<'a> {
    name: &'a str,
    lang: &'static str,
    dir: &'static str,
    logo: Option<&'a str>,
    fill: String,
    on_fill: String,
    support: Option<&'a str>,
    product: bool,
}

impl Pages {
    /// The mail that asks to confirm an address.
    ///
    /// # Errors
    /// [`RenderError::Page`] if a template failed.
    pub fn verify_email_mail(
        &self,
        mail: &VerifyEmailMail,
        brand: &Brand,
        locale: Locale,
    ) -> Result<RenderedMail, RenderError> {
        let branding = brand.branding();
        let (fill, on_fill) = brand.mail_colours();
        let page = MailPage {
            name: &branding.name,
            lang: locale.tag(),
            dir: locale.direction(),
            logo: branding.logo.as_ref().map(Link::as_str),
            fill: fill.to_string(),
            on_fill: on_fill.to_string(),
            support: branding.links.support.as_ref().map(Link::as_str),
            product: !branding.hide_product_name,
        };
        let page = Value::from(Serde(page));
        let part = |template: &str| {
            let view = Value::from(Serde(mail));
            self.run(template, view, page.clone(), locale, Timestamp::default())
        };
        let subject = self.say(locale, "mail-verify-subject", "tenant", &branding.name);
        Ok(RenderedMail {
            subject,
            text: part("mail/verify_email.txt")?,
            html: part("mail/verify_email.html")?,
        })
    }
}
