//! Colours with the arithmetic that keeps text readable: WCAG 2.2 relative luminance and contrast.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The least contrast between text and what is behind it (WCAG 2.2, 1.4.3).
pub(super) const TEXT: f64 = 4.5;
/// The least contrast of a control's boundary or a focus mark (WCAG 2.2, 1.4.11).
pub(super) const BOUNDARY: f64 = 3.0;

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text that is not a colour.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected a colour such as `#1f4fd8`")]
pub struct ColourError;

impl Colour {
    pub(super) const WHITE: Self = Self::new(0xff, 0xff, 0xff);

    /// A colour from its three channels.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Relative luminance (WCAG 2.2), 0 for black to 1 for white.
    pub(super) fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Contrast ratio of two colours (WCAG 2.2), 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour with `percent` of another mixed in.
    pub(super) fn mix(self, other: Self, percent: u16) -> Self {
        let blend = |from: u8, to: u8| {
            let percent = percent.min(100);
            let mixed = (u16::from(from) * (100 - percent) + u16::from(to) * percent + 50) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self::new(
            blend(self.red, other.red),
            blend(self.green, other.green),
            blend(self.blue, other.blue),
        )
    }

    /// The nearest colour on the way to `towards` that contrasts at least `ratio` with every one of `behind`.
    ///
    /// Ends at `towards` itself where nothing before it is enough.
    pub(super) fn readable_on(self, behind: &[Self], towards: Self, ratio: f64) -> Self {
        (0..=100)
            .step_by(2)
            .map(|percent| self.mix(towards, percent))
            .find(|colour| behind.iter().all(|b| colour.contrast(*b) >= ratio))
            .unwrap_or(towards)
    }

    /// The spread between the strongest and weakest channel: 0 for greys.
    pub(super) fn chroma(self) -> u8 {
        self.red.max(self.green).max(self.blue) - self.red.min(self.green).min(self.blue)
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError)?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ColourError);
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| ColourError)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_matches_the_published_extremes() {
        let black = Colour::new(0, 0, 0);
        assert!((Colour::WHITE.contrast(black) - 21.0).abs() < 0.001);
        assert!((Colour::WHITE.contrast(Colour::WHITE) - 1.0).abs() < 0.001);
        // #767676 is the well-known lightest grey that passes on white.
        assert!("#767676".parse::<Colour>().unwrap().contrast(Colour::WHITE) >= TEXT);
        assert!("#777777".parse::<Colour>().unwrap().contrast(Colour::WHITE) < TEXT);
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        for bad in [
            "", "#fff", "123456", "#12345g", "#1234567", "red", "#12345;", "#+12345", "#éé1",
        ] {
            assert_eq!(bad.parse::<Colour>(), Err(ColourError), "{bad}");
        }
        assert_eq!("#1F4fd8".parse::<Colour>().unwrap().to_string(), "#1f4fd8");
    }
}
