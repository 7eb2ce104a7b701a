//! What every page needs to know besides its own view.

use std::sync::Arc;

use authflow_types::Timestamp;
use serde::Serialize;

use super::assets;
use super::link::FormTarget;
use super::{Brand, BrandTexts, Locale};

/// The surroundings of one answer: tenant, language, form token.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// Path of the tenant, put in front of every address: `""` or `"/t/acme"`. No slash at its end.
    pub base: String,
    /// Path of the installation, put in front of shared assets; `""` unless Authflow lives below a path.
    pub root: String,
    /// The tenant's look.
    pub brand: Arc<Brand>,
    /// The language, see [`Locale::negotiate`].
    pub locale: Locale,
    /// The value of the hidden `csrf` field of every form.
    pub csrf: String,
    /// The instant that "5 minutes ago" counts from.
    pub now: Timestamp,
    /// Whether the tenant is reached over https: adds Strict-Transport-Security.
    pub https: bool,
    /// Marks every page as one of a development server.
    pub dev: bool,
    /// Path and query of this page for GET, without `base`, if it may be shown again in another language: it then offers a
    /// language menu whose links add `ui_locales`.
    pub here: Option<String>,
    /// Where forms of this page may be redirected to besides Authflow: the client's redirect URI.
    pub form_targets: Vec<FormTarget>,
}

impl PageContext {
    /// A context for the tenant at `base`, with everything else at its plainest.
    pub fn new(base: impl Into<String>, brand: Arc<Brand>, locale: Locale, now: Timestamp) -> Self {
        Self {
            base: base.into(),
            root: String::new(),
            brand,
            locale,
            csrf: String::new(),
            now,
            https: false,
            dev: false,
            here: None,
            form_targets: Vec::new(),
        }
    }

    pub(super) fn data(&self) -> PageData<'_> {
        let branding = self.brand.branding();
        let static_base = format!("{}/assets/{}", self.root, assets::version());
        PageData {
            base: &self.base,
            lang: self.locale.tag(),
            dir: self.locale.direction(),
            name: &branding.name,
            monogram: self.brand.monogram(),
            logo: branding.logo.as_ref().map(super::Link::as_str),
            logo_dark: branding.logo_dark.as_ref().map(super::Link::as_str),
            icon: branding
                .icon
                .as_ref()
                .map_or_else(|| format!("{static_base}/favicon.svg"), |i| i.as_str().into()),
            stylesheet: format!("{static_base}/authflow.css"),
            brand_stylesheet: format!("{}/assets/brand.css?v={}", self.base, self.brand.version()),
            passkey_script: format!("{static_base}/passkeys.js"),
            proof_script: format!("{static_base}/proof-of-work.js"),
            mark: format!("{static_base}/mark.svg"),
            support: branding.links.support.as_ref().map(super::Link::as_str),
            terms: branding.links.terms.as_ref().map(super::Link::as_str),
            privacy: branding.links.privacy.as_ref().map(super::Link::as_str),
            product: !branding.hide_product_name,
            texts: branding.texts.get(&self.locale),
            csrf: &self.csrf,
            dev: self.dev,
            languages: self.languages(),
            language: self.locale.native_name(),
        }
    }

    fn languages(&self) -> Vec<LanguageLink> {
        let Some(here) = &self.here else { return Vec::new() };
        Locale::ALL
            .into_iter()
            .map(|locale| LanguageLink {
                tag: locale.tag(),
                name: locale.native_name(),
                url: format!("{}{}", self.base, in_language(here, locale)),
                current: locale == self.locale,
            })
            .collect()
    }
}

/// A path with its `ui_locales` parameter replaced.
fn in_language(here: &str, locale: Locale) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "ui_locales");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("ui_locales", locale.tag())
        .finish();
    format!("{path}?{query}")
}

/// The context as templates see it, under the name `page`.
#[derive(Serialize)]
pub(super) struct PageData<'a> {
    base: &'a str,
    lang: &'static str,
    dir: &'static str,
    name: &'a str,
    monogram: String,
    logo: Option<&'a str>,
    logo_dark: Option<&'a str>,
    icon: String,
    stylesheet: String,
    brand_stylesheet: String,
    mark: String,
    passkey_script: String,
    proof_script: String,
    support: Option<&'a str>,
    terms: Option<&'a str>,
    privacy: Option<&'a str>,
    product: bool,
    texts: Option<&'a BrandTexts>,
    csrf: &'a str,
    dev: bool,
    languages: Vec<LanguageLink>,
    language: &'static str,
}

#[derive(Serialize)]
struct LanguageLink {
    tag: &'static str,
    name: &'static str,
    url: String,
    current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_links_keep_the_rest_of_the_query() {
        assert_eq!(in_language("/sign-in", Locale::De), "/sign-in?ui_locales=de");
        assert_eq!(
            in_language("/sign-in?sign_in=sin_1&ui_locales=fr&x=%26", Locale::Ja),
            "/sign-in?sign_in=sin_1&x=%26&ui_locales=ja"
        );
    }
}
