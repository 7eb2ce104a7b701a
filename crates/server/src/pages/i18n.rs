//! Languages, message catalogues and the choice of a language for a page.
//!
//! Catalogues are Fluent files compiled into the binary and parsed when a language is first used. English is complete by
//! definition; a test keeps the others equal to it, key by key and placeable by placeable.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The most entries of an `Accept-Language` or `ui_locales` value that are looked at.
const MAX_RANGES: usize = 16;

/// A language that the hosted pages and mails speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, the language of last resort.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Japanese.
    Ja,
}

impl Locale {
    /// Every language, in the order in which a language menu shows them.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ja];

    /// The BCP 47 tag, as used in `lang` attributes and `ui_locales_supported`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ja => "ja",
        }
    }

    /// The language's name in the language itself.
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ja => "日本語",
        }
    }

    /// The value of the `dir` attribute for text in this language.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::En | Self::De | Self::Fr | Self::Es | Self::Ja => "ltr",
        }
    }

    /// The language that serves a BCP 47 tag: `de-AT` is served by German. `None` for languages without a catalogue.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// Chooses a page's language: `ui_locales` (OpenID Connect Core 3.1.2.1), then `Accept-Language` (RFC 9110 12.5.4), then
    /// the tenant's default, then English.
    pub fn negotiate(wishes: &LocaleWishes<'_>) -> Self {
        wishes
            .ui_locales
            .and_then(|list| {
                list.split_ascii_whitespace()
                    .take(MAX_RANGES)
                    .find_map(Self::from_tag)
            })
            .or_else(|| wishes.accept_language.and_then(from_accept_language))
            .or(wishes.tenant_default)
            .unwrap_or_default()
    }

    pub(super) fn source(self) -> &'static str {
        SOURCES
            .iter()
            .find(|(locale, _)| *locale == self)
            .map_or("", |(_, source)| source)
    }
}

const SOURCES: [(Locale, &str); Locale::ALL.len()] = [
    (Locale::En, include_str!("../../locales/en.ftl")),
    (Locale::De, include_str!("../../locales/de.ftl")),
    (Locale::Fr, include_str!("../../locales/fr.ftl")),
    (Locale::Es, include_str!("../../locales/es.ftl")),
    (Locale::Ja, include_str!("../../locales/ja.ftl")),
];

/// What is known about the language a visitor wants; strongest first. All of it is untrusted.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocaleWishes<'a> {
    /// The `ui_locales` parameter: tags separated by spaces, most wanted first.
    pub ui_locales: Option<&'a str>,
    /// The `Accept-Language` header.
    pub accept_language: Option<&'a str>,
    /// The tenant's own default.
    pub tenant_default: Option<Locale>,
}

/// The best supported language of an `Accept-Language` value; entries with `q=0` and `*` choose nothing.
fn from_accept_language(header: &str) -> Option<Locale> {
    let mut best: Option<(u16, Locale)> = None;
    for range in header.split(',').take(MAX_RANGES) {
        let mut parts = range.split(';');
        let Some(locale) = parts.next().and_then(Locale::from_tag) else {
            continue;
        };
        let weight = parts
            .find_map(|p| p.trim().strip_prefix("q="))
            .map_or(Some(1000), parse_weight);
        let Some(weight @ 1..) = weight else { continue };
        if best.is_none_or(|(w, _)| weight > w) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// A quality value (RFC 9110 12.4.2) in thousandths.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" => Some(1000),
        _ => None,
    }
}

/// A value put into a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Arg {
    /// Text, usually a name that somebody chose; shown as it is, without control and direction characters.
    Text(String),
    /// A number; also selects plural forms.
    Number(i64),
}

/// The catalogues of all languages.
#[derive(Default)]
pub(super) struct Catalogues {
    bundles: [OnceLock<FluentBundle<FluentResource>>; Locale::ALL.len()],
}

impl Catalogues {
    /// The text of a message. A key without text in any language is a mistake that tests find; it is shown as the key.
    pub(super) fn text(&self, locale: Locale, key: &str, args: &[(Cow<'_, str>, Arg)]) -> String {
        self.lookup(locale, key, args)
            .or_else(|| self.lookup(Locale::En, key, args))
            .unwrap_or_else(|| {
                tracing::error!(key, "a message has no text");
                key.to_owned()
            })
    }

    fn lookup(&self, locale: Locale, key: &str, args: &[(Cow<'_, str>, Arg)]) -> Option<String> {
        let bundle = self.bundle(locale)?;
        let pattern = bundle.get_message(key)?.value()?;
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            let value = match value {
                Arg::Text(text) => FluentValue::from(printable(text)),
                Arg::Number(number) => FluentValue::from(*number),
            };
            values.set(name.clone(), value);
        }
        let mut problems = Vec::new();
        let text = bundle
            .format_pattern(pattern, Some(&values), &mut problems)
            .into_owned();
        if !problems.is_empty() {
            tracing::error!(key, locale = locale.tag(), "a message could not be filled in");
        }
        Some(text)
    }

    /// Whether the language itself (not the fallback) has the message.
    pub(super) fn has(&self, locale: Locale, key: &str) -> bool {
        self.bundle(locale).is_some_and(|bundle| bundle.has_message(key))
    }

    fn bundle(&self, locale: Locale) -> Option<&FluentBundle<FluentResource>> {
        let position = Locale::ALL.iter().position(|known| *known == locale)?;
        Some(self.bundles.get(position)?.get_or_init(|| load(locale)))
    }
}

fn load(locale: Locale) -> FluentBundle<FluentResource> {
    let id = LanguageIdentifier::from_bytes(locale.tag().as_bytes()).unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // WHY: names are isolated by `<bdi>` in the pages; invisible marks would only get in the way of searching and copying.
    bundle.set_use_isolating(false);
    let resource =
        FluentResource::try_new(locale.source().to_owned()).unwrap_or_else(|(partial, problems)| {
            tracing::error!(
                locale = locale.tag(),
                count = problems.len(),
                "a message catalogue has mistakes"
            );
            partial
        });
    if bundle.add_resource(resource).is_err() {
        tracing::error!(locale = locale.tag(), "a message catalogue has a key twice");
    }
    bundle
}

/// Removes what could disguise a name inside a sentence: control characters and marks that change text direction.
pub(crate) fn printable(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().filter(|c| !hidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(ui: Option<&str>, accept: Option<&str>, tenant: Option<Locale>) -> Locale {
        Locale::negotiate(&LocaleWishes {
            ui_locales: ui,
            accept_language: accept,
            tenant_default: tenant,
        })
    }

    #[test]
    fn ui_locales_wins_over_header_and_tenant() {
        assert_eq!(
            negotiate(Some("pt-BR fr-CA de"), Some("es"), Some(Locale::Ja)),
            Locale::Fr
        );
        assert_eq!(negotiate(Some("pt xx"), Some("es"), Some(Locale::Ja)), Locale::Es);
        assert_eq!(negotiate(None, Some("pt"), Some(Locale::Ja)), Locale::Ja);
        assert_eq!(negotiate(None, None, None), Locale::En);
    }

    #[test]
    fn accept_language_honours_weights_and_order() {
        assert_eq!(
            from_accept_language("de;q=0.5, fr;q=0.9, es;q=0.9"),
            Some(Locale::Fr)
        );
        assert_eq!(
            from_accept_language("da, ja-JP;q=0.8, en;q=0.7"),
            Some(Locale::Ja)
        );
        assert_eq!(from_accept_language("fr;q=0, de;q=0.001"), Some(Locale::De));
        assert_eq!(from_accept_language("fr;q=0"), None);
        assert_eq!(from_accept_language("*"), None);
        assert_eq!(from_accept_language("de;q=nonsense, es;q=0.1"), Some(Locale::Es));
        assert_eq!(from_accept_language(&"zz,".repeat(100_000)), None);
    }

    #[test]
    fn tags_match_by_primary_language_without_case() {
        assert_eq!(Locale::from_tag("DE-at"), Some(Locale::De));
        assert_eq!(Locale::from_tag("de_CH"), Some(Locale::De));
        assert_eq!(Locale::from_tag("den"), None);
        assert_eq!(Locale::from_tag(""), None);
    }

    #[test]
    fn names_cannot_carry_direction_marks_into_sentences() {
        assert_eq!(printable("Ac\u{202e}me\u{0000}\n"), "Acme");
    }
}
