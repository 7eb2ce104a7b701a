use serde::{Deserialize, Serialize};

use super::identifier::is_invisible;

const MAX_NAME: usize = 200;
const MAX_URL: usize = 2048;
const MAX_TAG: usize = 64;

/// A postal address (OIDC Core 5.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The whole address, lines separated by `\n`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street, house number, further lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The standard claims that a person or administrator sets (OIDC Core 5.1); e-mail and phone are identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Casual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The short name they like to be shown by; not unique, never to sign in with (OIDC Core 5.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Address of a profile page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Address of their web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Gender, in their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// A name of the IANA time zone database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// A BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// Why a profile is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Too long, empty, or with control characters.
    #[error("`{claim}` has 1 to {max} characters, none of them invisible")]
    Text {
        /// The claim.
        claim: &'static str,
        /// Most characters.
        max: usize,
    },
    /// Not an http or https address.
    #[error("`{claim}` is an address beginning with `https://`")]
    Url {
        /// The claim.
        claim: &'static str,
    },
    /// Not a date.
    #[error("`birthdate` is `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`")]
    Birthdate,
    /// Not a tag.
    #[error("`{claim}` holds characters that it cannot have")]
    Tag {
        /// The claim.
        claim: &'static str,
    },
}

impl Profile {
    /// A profile with just a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }

    /// Checks lengths and forms; what is stored has passed here.
    ///
    /// # Errors
    /// The first [`ProfileError`].
    pub fn check(&self) -> Result<(), ProfileError> {
        let names = [
            ("name", &self.name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("middle_name", &self.middle_name),
            ("nickname", &self.nickname),
            ("preferred_username", &self.preferred_username),
            ("gender", &self.gender),
        ];
        for (claim, text) in names {
            check_text(claim, text.as_deref(), false)?;
        }
        for (claim, url) in [
            ("profile", &self.profile),
            ("picture", &self.picture),
            ("website", &self.website),
        ] {
            check_url(claim, url.as_deref())?;
        }
        if self.birthdate.as_deref().is_some_and(|date| !is_birthdate(date)) {
            return Err(ProfileError::Birthdate);
        }
        check_tag("zoneinfo", self.zoneinfo.as_deref())?;
        check_tag("locale", self.locale.as_deref())?;
        self.address.as_ref().map_or(Ok(()), Address::check)
    }
}

impl Address {
    fn check(&self) -> Result<(), ProfileError> {
        check_text("formatted", self.formatted.as_deref(), true)?;
        check_text("street_address", self.street_address.as_deref(), true)?;
        check_text("locality", self.locality.as_deref(), false)?;
        check_text("region", self.region.as_deref(), false)?;
        check_text("postal_code", self.postal_code.as_deref(), false)?;
        check_text("country", self.country.as_deref(), false)
    }
}

fn check_text(claim: &'static str, text: Option<&str>, lines: bool) -> Result<(), ProfileError> {
    let max = if lines { MAX_NAME * 5 } else { MAX_NAME };
    let Some(text) = text else { return Ok(()) };
    let visible = !text
        .chars()
        .any(|c| is_invisible(c) && !(lines && matches!(c, '\n' | '\r')));
    let fits = !text.trim().is_empty() && text.chars().count() <= max && visible;
    if fits {
        Ok(())
    } else {
        Err(ProfileError::Text { claim, max })
    }
}

fn check_url(claim: &'static str, text: Option<&str>) -> Result<(), ProfileError> {
    let Some(text) = text else { return Ok(()) };
    let url = url::Url::parse(text).ok().filter(|_| text.len() <= MAX_URL);
    let fits = url.is_some_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none()
    });
    if fits {
        Ok(())
    } else {
        Err(ProfileError::Url { claim })
    }
}

fn check_tag(claim: &'static str, text: Option<&str>) -> Result<(), ProfileError> {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'+');
    let fits = text.is_none_or(|text| (1..=MAX_TAG).contains(&text.len()) && text.bytes().all(word));
    if fits {
        Ok(())
    } else {
        Err(ProfileError::Tag { claim })
    }
}

fn is_birthdate(text: &str) -> bool {
    let number = |text: &str, digits: usize, low: u16, high: u16| {
        text.len() == digits
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u16>().is_ok_and(|n| (low..=high).contains(&n))
    };
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => number(year, 4, 1, 9999),
        (Some(month), Some(day), None) => {
            number(year, 4, 0, 9999) && number(month, 2, 1, 12) && number(day, 2, 1, 31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_within_bounds_pass_and_others_are_named() {
        assert_eq!(Profile::default().check(), Ok(()));
        assert_eq!(Profile::named("a".repeat(200)).check(), Ok(()));
        for bad in [
            String::new(),
            " ".to_owned(),
            "a".repeat(201),
            "a\u{202e}b".to_owned(),
            "a\nb".to_owned(),
        ] {
            assert_eq!(
                Profile::named(bad).check(),
                Err(ProfileError::Text {
                    claim: "name",
                    max: 200
                })
            );
        }
        let picture = |url: &str| {
            Profile {
                picture: Some(url.to_owned()),
                ..Profile::default()
            }
            .check()
        };
        assert_eq!(picture("https://example.com/a.png"), Ok(()));
        for bad in [
            "javascript:alert(1)",
            "data:,x",
            "/a.png",
            "https://a:b@example.com/",
        ] {
            assert_eq!(picture(bad), Err(ProfileError::Url { claim: "picture" }), "{bad}");
        }
    }

    #[test]
    fn birthdates_have_the_forms_of_oidc_core_5_1() {
        for good in ["1990-01-31", "0000-12-01", "1990"] {
            assert!(is_birthdate(good), "{good}");
        }
        for bad in [
            "",
            "90",
            "1990-13-01",
            "1990-1-1",
            "1990-01",
            "1990-01-01-01",
            "0000",
            "yyyy-mm-dd",
        ] {
            assert!(!is_birthdate(bad), "{bad}");
        }
    }

    #[test]
    fn absent_claims_are_absent_in_json() {
        assert_eq!(serde_json::to_string(&Profile::default()).unwrap(), "{}");
        let back: Profile = serde_json::from_str(r#"{"name":"Alice","later":1}"#).unwrap();
        assert_eq!(back, Profile::named("Alice"));
    }
}
