//! Mails, each in HTML and in text, in the reader's language and the tenant's colours.
//!
//! One pair of templates (`mail/mail.html`, `mail/mail.txt`) serves them all: heading, a sentence or two, a code, a button,
//! facts, a note. What differs is a [`MailContent`] and the messages `mail-<template>-subject`, `-heading`, `-body`, `-note`
//! and, where there is a link, `-action`. A tenant may say subject and body in its own words ([`MailTexts`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

use authflow_types::Timestamp;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};

use super::i18n::{Arg, printable};
use super::render::moment;
use super::{Brand, Link, Locale, Pages, RenderError};

/// The longest name of somebody that a mail shows, in characters.
const MAX_NAME: usize = 60;

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

/// A tenant's own words for one mail in one language. `{tenant}`, `{email}` and the mail's other values (`{code}`,
/// `{inviter}`) are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailTexts {
    /// Subject line.
    pub subject: Option<String>,
    /// What the mail says first; text, not HTML.
    pub intro: Option<String>,
}

/// A value in a mail's sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailValue {
    /// As it is.
    Text(String),
    /// A name that somebody chose, which must not read like an address that mail programs make a link of.
    Name(String),
    /// A day.
    Date(Timestamp),
    /// A day and a time.
    Moment(Timestamp),
    /// A message of the catalogue.
    Phrase(&'static str),
    /// A message of the catalogue with a name in it.
    PhraseOf(&'static str, String),
}

/// What a mail says, apart from the words.
#[derive(Clone, Debug)]
pub struct MailContent {
    template: &'static str,
    values: Vec<(&'static str, MailValue)>,
    facts: Vec<(&'static str, MailValue)>,
    url: Option<String>,
    code: Option<String>,
    expires_minutes: Option<u64>,
}

impl MailContent {
    /// Of the template with this name, written with underscores.
    pub const fn new(template: &'static str) -> Self {
        Self {
            template,
            values: Vec::new(),
            facts: Vec::new(),
            url: None,
            code: None,
            expires_minutes: None,
        }
    }

    /// A value for its sentences.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: MailValue) -> Self {
        self.values.push((name, value));
        self
    }

    /// A row of its table; `label` is a message.
    #[must_use]
    pub fn fact(mut self, label: &'static str, value: MailValue) -> Self {
        self.facts.push((label, value));
        self
    }

    /// A row of its table, if there is something to say.
    #[must_use]
    pub fn fact_if(self, label: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.fact(label, MailValue::Text(value.to_owned())),
            None => self,
        }
    }

    /// Its button's address, made from the tenant's stored issuer, never from a request's host.
    #[must_use]
    pub fn link(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(mut self, code: Option<&str>) -> Self {
        self.code = code.map(str::to_owned);
        self
    }

    /// How long link and code work.
    #[must_use]
    pub const fn expires(mut self, minutes: u64) -> Self {
        self.expires_minutes = Some(minutes);
        self
    }

    /// The beginning of its messages' keys.
    fn key(&self) -> String {
        format!("mail-{}", self.template.replace('_', "-"))
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<String> {
        let mut parts = vec!["subject", "heading", "body", "note"];
        parts.extend(self.url.is_some().then_some("action"));
        parts.extend((self.url.is_some() && self.code.is_some()).then_some("code"));
        let mut keys: Vec<String> = parts
            .iter()
            .map(|part| format!("{}-{part}", self.key()))
            .collect();
        for (label, value) in &self.facts {
            keys.push((*label).to_owned());
            if let MailValue::Phrase(key) | MailValue::PhraseOf(key, _) = value {
                keys.push((*key).to_owned());
            }
        }
        keys
    }
}

#[derive(Serialize)]
struct MailPage<'a> {
    name: &'a str,
    lang: &'static str,
    dir: &'static str,
    logo: Option<&'a str>,
    logo_dark: Option<&'a str>,
    monogram: String,
    fill: String,
    on_fill: String,
    dark_fill: String,
    dark_on_fill: String,
    radius: u8,
    support: Option<&'a str>,
    terms: Option<&'a str>,
    privacy: Option<&'a str>,
    product: bool,
}

#[derive(Serialize)]
struct MailView<'a> {
    key: String,
    values: BTreeMap<&'static str, String>,
    subject: &'a str,
    /// The tenant's own words; none where the catalogue speaks.
    intro: Option<String>,
    facts: Vec<(&'static str, String)>,
    url: Option<&'a str>,
    code: Option<&'a str>,
    expires: Option<String>,
}

impl Pages {
    /// A mail to `recipient`.
    ///
    /// # Errors
    /// [`RenderError::Page`] if a template failed.
    pub fn mail(
        &self,
        mail: &MailContent,
        recipient: &str,
        brand: &Brand,
        locale: Locale,
    ) -> Result<RenderedMail, RenderError> {
        let branding = brand.branding();
        let mut values: BTreeMap<&'static str, String> = mail
            .values
            .iter()
            .map(|(name, value)| (*name, self.spoken(value, locale)))
            .collect();
        values.insert("tenant", printable(&branding.name));
        values.insert("email", printable(recipient));
        if let Some(code) = &mail.code {
            values.insert("code", code.clone());
        }
        let own = branding
            .texts
            .get(&locale)
            .and_then(|texts| texts.mails.get(mail.template));
        let key = mail.key();
        let subject = match own.and_then(|own| own.subject.as_deref()) {
            Some(subject) => filled(subject, &values),
            None => self.phrase(locale, &format!("{key}-subject"), &values),
        };
        let view = MailView {
            key,
            subject: &subject,
            intro: own
                .and_then(|own| own.intro.as_deref())
                .map(|intro| filled(intro, &values)),
            facts: (mail.facts.iter())
                .map(|(label, value)| (*label, self.spoken(value, locale)))
                .collect(),
            url: mail.url.as_deref(),
            code: mail.code.as_deref(),
            expires: mail.expires_minutes.map(|minutes| self.span(minutes, locale)),
            values,
        };
        let (view, page) = (Value::from(Serde(&view)), Value::from(Serde(page(brand, locale))));
        let part =
            |template: &str| self.run(template, view.clone(), page.clone(), locale, Timestamp::default());
        let (text, html) = (part("mail/mail.txt")?, part("mail/mail.html")?);
        Ok(RenderedMail { subject, text, html })
    }

    fn phrase(&self, locale: Locale, key: &str, values: &BTreeMap<&'static str, String>) -> String {
        let args: Vec<_> = values
            .iter()
            .map(|(name, value)| (Cow::from(*name), Arg::Text(value.clone())))
            .collect();
        self.catalogues.text(locale, key, &args)
    }

    fn spoken(&self, value: &MailValue, locale: Locale) -> String {
        match value {
            MailValue::Text(text) => printable(text),
            MailValue::Name(name) => inert(name),
            MailValue::Date(at) => self.date(*at, locale),
            MailValue::Moment(at) => {
                let time = moment(at.as_micros());
                let args = [
                    (Cow::from("date"), Arg::Text(self.date(*at, locale))),
                    (
                        Cow::from("time"),
                        Arg::Text(format!("{:02}:{:02}", time.hour(), time.minute())),
                    ),
                ];
                self.catalogues.text(locale, "mail-moment", &args)
            }
            MailValue::Phrase(key) => self.catalogues.text(locale, key, &[]),
            MailValue::PhraseOf(key, name) => self.say(locale, key, "name", &inert(name)),
        }
    }

    /// What a text message with a code says, before the line for machines.
    pub fn sms_code(&self, locale: Locale, tenant: &str, code: &str, expires_minutes: u64) -> String {
        let values = BTreeMap::from([
            ("tenant", printable(tenant)),
            ("code", code.to_owned()),
            ("time", self.span(expires_minutes, locale)),
        ]);
        self.phrase(locale, "sms-code", &values)
    }

    /// What a text message says that shows an operator that messages arrive.
    pub fn sms_test(&self, locale: Locale, tenant: &str) -> String {
        self.say(locale, "sms-test", "tenant", tenant)
    }

    /// A length of time in the largest unit that says it exactly.
    fn span(&self, minutes: u64, locale: Locale) -> String {
        let (key, count) = match minutes {
            _ if minutes >= 2880 && minutes.is_multiple_of(1440) => ("mail-days", minutes / 1440),
            _ if minutes >= 60 && minutes.is_multiple_of(60) => ("mail-hours", minutes / 60),
            _ => ("mail-minutes", minutes),
        };
        let count = Arg::Number(i64::try_from(count).unwrap_or(i64::MAX));
        self.catalogues.text(locale, key, &[(Cow::from("count"), count)])
    }
}

fn page(brand: &Brand, locale: Locale) -> MailPage<'_> {
    let branding = brand.branding();
    let [(fill, on_fill), (dark_fill, dark_on_fill)] = brand.mail_colours();
    MailPage {
        name: &branding.name,
        lang: locale.tag(),
        dir: locale.direction(),
        logo: branding.logo.as_ref().map(Link::as_str),
        logo_dark: branding.logo_dark.as_ref().map(Link::as_str),
        monogram: brand.monogram(),
        fill: fill.to_string(),
        on_fill: on_fill.to_string(),
        dark_fill: dark_fill.to_string(),
        dark_on_fill: dark_on_fill.to_string(),
        radius: branding.radius_px.unwrap_or(10).min(24),
        support: branding.links.support.as_ref().map(Link::as_str),
        terms: branding.links.terms.as_ref().map(Link::as_str),
        privacy: branding.links.privacy.as_ref().map(Link::as_str),
        product: !branding.hide_product_name,
    }
}

/// A tenant's own words with `{name}` filled in; other braces stay. Values are not looked into again.
fn filled(text: &str, values: &BTreeMap<&'static str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| Some((values.get(name)?, tail)));
        if let Some((value, tail)) = known {
            out.push_str(value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    printable(&out)
}

/// A name that somebody chose, as text that no mail program turns into a link: an invitation must not be a way to send
/// strangers a message with an address in it.
///
/// SECURITY: full stops between letters and the marks of addresses become what looks alike or a space.
fn inert(name: &str) -> String {
    let clean = printable(name);
    let characters: Vec<char> = clean.chars().take(MAX_NAME).collect();
    let is_word = |position: Option<usize>| {
        position
            .and_then(|position| characters.get(position))
            .is_some_and(|c| c.is_alphanumeric())
    };
    characters
        .iter()
        .enumerate()
        .map(|(position, c)| match c {
            '/' | '\\' | '@' => ' ',
            '.' | ':' if is_word(position.checked_sub(1)) && is_word(Some(position + 1)) => '\u{2024}',
            other => *other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_links() {
        assert_eq!(inert("Dr. Ada B. Lovelace"), "Dr. Ada B. Lovelace");
        assert_eq!(
            inert("win at https://evil.example/x"),
            "win at https:  evil\u{2024}example x"
        );
        assert_eq!(inert("evil.example"), "evil\u{2024}example");
        assert_eq!(inert("a\r\nBcc: b@c.example"), "aBcc: b c\u{2024}example");
        assert_eq!(inert(&"x".repeat(500)).len(), MAX_NAME);
    }

    #[test]
    fn own_words_are_filled_in_once() {
        let values = BTreeMap::from([
            ("tenant", "{email} Ltd".to_owned()),
            ("email", "a@b.example".to_owned()),
        ]);
        assert_eq!(
            filled("{tenant}: {unknown} {email} { {tenant", &values),
            "{email} Ltd: {unknown} a@b.example { {tenant"
        );
    }
}
