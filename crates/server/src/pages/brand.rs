//! A tenant's look: what it chose, and the style sheet derived from that.
//!
//! Tenants choose one primary colour and perhaps a background and a corner radius. Everything else is derived, so that no choice
//! can make text unreadable: WCAG 2.2 AA holds for every input in both colour schemes, and a test proves it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::colour::{BOUNDARY, Colour, TEXT};
use super::{Link, Locale, MailTexts};

/// The colour of buttons and links where a tenant chose none.
pub const DEFAULT_PRIMARY: Colour = Colour::new(0x1f, 0x4f, 0xd8);
const MAX_RADIUS_PX: u8 = 28;

/// What a tenant chose for its hosted pages and mails.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// The name people know the tenant by; shown in titles, headings and mails.
    pub name: String,
    /// Logo on light ground. Without one, a monogram of the name is shown.
    pub logo: Option<Link>,
    /// Logo on dark ground, where the other one would not be seen.
    pub logo_dark: Option<Link>,
    /// Icon for the browser's tab.
    pub icon: Option<Link>,
    /// Colour of buttons and links; adjusted where it could not be read.
    pub primary: Option<Colour>,
    /// Colour of the page behind the card in the light scheme.
    pub background: Option<Colour>,
    /// Corner radius of controls in CSS pixels, 0 to 28; the card uses 1.5 times as much.
    pub radius_px: Option<u8>,
    /// The tenant's own words, per language; what is absent comes from the catalogue.
    pub texts: BTreeMap<Locale, BrandTexts>,
    /// Where help, terms and privacy policy are found.
    pub links: BrandLinks,
    /// Leaves out the line that names Authflow.
    pub hide_product_name: bool,
}

/// A tenant's own words for its pages in one language.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandTexts {
    /// Heading of the sign-in page.
    pub sign_in_headline: Option<String>,
    /// Line below it.
    pub sign_in_subline: Option<String>,
    /// Heading of the sign-up page.
    pub sign_up_headline: Option<String>,
    /// Line below it.
    pub sign_up_subline: Option<String>,
    /// Subject and first words of mails, by the name of their template (`magic_link`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub mails: BTreeMap<String, MailTexts>,
}

/// A tenant's links, shown at the foot of each page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandLinks {
    /// Help for people who cannot sign in.
    pub support: Option<Link>,
    /// Terms of service.
    pub terms: Option<Link>,
    /// Privacy policy.
    pub privacy: Option<Link>,
}

/// Branding with its style sheet, ready for many requests. Make one when the tenant's settings change, not per request.
#[derive(Clone, Debug)]
pub struct Brand {
    branding: Branding,
    css: Arc<str>,
    version: String,
}

impl Brand {
    /// Derives the style sheet.
    pub fn new(branding: Branding) -> Self {
        let css = brand_css(&branding);
        let version = super::assets::fingerprint(&[css.as_bytes()]);
        Self {
            branding,
            css: css.into(),
            version,
        }
    }

    /// What the tenant chose.
    pub fn branding(&self) -> &Branding {
        &self.branding
    }

    /// The derived style sheet, served at `{base}/assets/brand.css`.
    pub fn css(&self) -> &str {
        &self.css
    }

    /// Changes with the style sheet; goes into its address, so that it may be cached for good.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// One or two letters that stand for the tenant where it has no logo.
    pub(super) fn monogram(&self) -> String {
        initials(&self.branding.name)
    }

    /// The colours of mails, which cannot use the style sheet: button, and text on it; light scheme, then dark.
    pub(super) fn mail_colours(&self) -> [(Colour, Colour); 2] {
        [Palette::light(&self.branding), Palette::dark(&self.branding)]
            .map(|palette| (palette.fill, palette.on_fill))
    }
}

/// Up to two initials of a name.
pub(super) fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .take(2)
        .collect()
}

/// The style sheet of a tenant: custom properties for both colour schemes, nothing else.
///
/// Contains only numbers and colours that were parsed, so no input can add a rule.
pub fn brand_css(branding: &Branding) -> String {
    let radius = u16::from(branding.radius_px.unwrap_or(10).min(MAX_RADIUS_PX));
    let mut css = format!(
        ":root{{--radius:{radius}px;--radius-card:{}px;{}}}\n",
        radius * 3 / 2,
        Palette::light(branding).declarations()
    );
    let _ = writeln!(
        css,
        "@media (prefers-color-scheme:dark){{:root{{{}}}}}",
        Palette::dark(branding).declarations()
    );
    css
}

/// Every colour that depends on the tenant, for one colour scheme.
struct Palette {
    page: Colour,
    page_text: Colour,
    page_ink: Colour,
    fill: Colour,
    fill_hover: Colour,
    fill_edge: Colour,
    on_fill: Colour,
    link: Colour,
    focus: Colour,
    soft: Colour,
    on_soft: Colour,
}

impl Palette {
    const LIGHT_CARD: Colour = Colour::WHITE;
    const LIGHT_WELL: Colour = Colour::new(0xf7, 0xf8, 0xfa);
    const LIGHT_PAGE: Colour = Colour::new(0xf5, 0xf6, 0xf8);
    const LIGHT_INK: Colour = Colour::new(0x14, 0x16, 0x1a);
    const DARK_CARD: Colour = Colour::new(0x17, 0x19, 0x1e);
    const DARK_WELL: Colour = Colour::new(0x1e, 0x21, 0x27);
    const DARK_PAGE: Colour = Colour::new(0x0d, 0x0e, 0x11);
    const DARK_INK: Colour = Colour::new(0xf1, 0xf2, 0xf4);

    fn light(branding: &Branding) -> Self {
        let primary = branding.primary.unwrap_or(DEFAULT_PRIMARY);
        let page = branding.background.unwrap_or(Self::LIGHT_PAGE);
        Self::derive(
            primary,
            page,
            [Self::LIGHT_CARD, Self::LIGHT_WELL],
            Self::LIGHT_INK,
        )
    }

    fn dark(branding: &Branding) -> Self {
        let primary = branding.primary.unwrap_or(DEFAULT_PRIMARY);
        let fill = if primary.chroma() < 24 && primary.luminance() < 0.1 {
            Self::DARK_INK // a black brand turns into a white button, as it would in print
        } else {
            primary.readable_on(&[Self::DARK_CARD], Colour::WHITE, BOUNDARY)
        };
        let page = branding
            .background
            .filter(|c| c.luminance() < 0.05)
            .unwrap_or(Self::DARK_PAGE);
        Self::derive(fill, page, [Self::DARK_CARD, Self::DARK_WELL], Self::DARK_INK)
    }

    /// `ground` is what text of the tenant's colour may stand on: the card, and the wells sunk into it.
    fn derive(fill: Colour, page: Colour, ground: [Colour; 2], ink: Colour) -> Self {
        let [card, well] = ground;
        let on_fill = text_on(fill);
        let fill_hover = fill.mix(
            if on_fill == Colour::WHITE {
                Self::LIGHT_INK
            } else {
                Colour::WHITE
            },
            12,
        );
        let soft = card.mix(fill, 9);
        let page_text = text_on(page)
            .mix(page, 26)
            .readable_on(&[page], text_on(page), TEXT + 0.3);
        Self {
            page,
            page_text,
            page_ink: text_on(page),
            fill,
            fill_hover,
            fill_edge: fill.mix(ink, 14),
            on_fill,
            link: fill.readable_on(&ground, ink, TEXT),
            focus: fill.readable_on(&ground, ink, BOUNDARY),
            soft,
            on_soft: fill.readable_on(&[soft, card, well], ink, TEXT),
        }
    }

    fn declarations(&self) -> String {
        format!(
            "--page:{};--page-text:{};--page-ink:{};--fill:{};--fill-hover:{};--fill-edge:{};--on-fill:{};--link:{};--focus:{};--soft:{};--on-soft:{}",
            self.page,
            self.page_text,
            self.page_ink,
            self.fill,
            self.fill_hover,
            self.fill_edge,
            self.on_fill,
            self.link,
            self.focus,
            self.soft,
            self.on_soft
        )
    }
}

/// White where it can be read on `ground`, else near-black, else black: black passes wherever white does not.
fn text_on(ground: Colour) -> Colour {
    let black = Colour::new(0, 0, 0);
    [Colour::WHITE, Colour::new(0x0b, 0x0c, 0x0e)]
        .into_iter()
        .find(|text| ground.contrast(*text) >= TEXT)
        .unwrap_or(black)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Colour> {
        let steps = [0x00, 0x11, 0x33, 0x55, 0x77, 0x99, 0xbb, 0xdd, 0xff];
        let mut all = Vec::new();
        for r in steps {
            for g in steps {
                all.extend(steps.map(|b| Colour::new(r, g, b)));
            }
        }
        all
    }

    #[test]
    fn text_is_readable_for_every_primary_and_background() {
        for colour in samples() {
            let branding = Branding {
                primary: Some(colour),
                background: Some(colour),
                ..Branding::default()
            };
            for (scheme, [card, well], p) in [
                (
                    "light",
                    [Palette::LIGHT_CARD, Palette::LIGHT_WELL],
                    Palette::light(&branding),
                ),
                (
                    "dark",
                    [Palette::DARK_CARD, Palette::DARK_WELL],
                    Palette::dark(&branding),
                ),
            ] {
                assert!(p.on_fill.contrast(p.fill) >= TEXT, "{scheme} button of {colour}");
                assert!(
                    p.on_fill.contrast(p.fill_hover) >= TEXT,
                    "{scheme} hovered button of {colour}"
                );
                assert!(p.link.contrast(card) >= TEXT, "{scheme} link of {colour}");
                assert!(
                    p.link.contrast(well) >= TEXT,
                    "{scheme} link in a well of {colour}"
                );
                assert!(p.on_soft.contrast(p.soft) >= TEXT, "{scheme} badge of {colour}");
                assert!(p.focus.contrast(card) >= BOUNDARY, "{scheme} focus of {colour}");
                assert!(
                    p.page_text.contrast(p.page) >= TEXT,
                    "{scheme} footer of {colour}"
                );
            }
        }
    }

    #[test]
    fn style_sheet_has_both_schemes_and_a_bounded_radius() {
        let css = brand_css(&Branding {
            radius_px: Some(200),
            ..Branding::default()
        });
        assert!(
            css.starts_with(":root{--radius:28px;--radius-card:42px;--page:#f5f6f8;"),
            "{css}"
        );
        assert!(
            css.contains("@media (prefers-color-scheme:dark){:root{--page:#0d0e11;"),
            "{css}"
        );
    }

    #[test]
    fn version_follows_the_choices() {
        let plain = Brand::new(Branding::default());
        let red = Brand::new(Branding {
            primary: Some(Colour::new(200, 0, 0)),
            ..Branding::default()
        });
        assert_ne!(plain.version(), red.version());
        assert_eq!(plain.version(), Brand::new(Branding::default()).version());
    }

    #[test]
    fn initials_are_at_most_two_letters() {
        assert_eq!(initials("Acme Rocket  Corporation"), "AC");
        assert_eq!(initials("acme"), "A");
        assert_eq!(initials("(demo) shop"), "DS");
        assert_eq!(initials(" \u{202e} "), "");
        assert_eq!(initials("山田 太郎"), "山太");
    }
}
