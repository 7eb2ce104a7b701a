//! Phone numbers: one spelling for comparison (E.164), the country, and whether a number may receive text.

use std::fmt;

use phonenumber::Type;
use phonenumber::metadata::DATABASE;

/// E.164: at most 15 digits; fewer than 8 is no subscriber's.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// A number in international form, as its country's plan has it.
///
/// INVARIANT: `e164` is `+` and 8 to 15 digits, and parsing it gives the same number again.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    e164: String,
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(redacted)")
    }
}

impl PhoneNumber {
    /// The number that `text` writes: with `+`; spaces, hyphens, dots, slashes and brackets are left out, and so is the
    /// trunk prefix that people write after the country (`+49 (0)30 ..`). `None` for what is no number of a known country.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('+')?;
        if text.len() > 64 {
            return None;
        }
        let kept: String = digits
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}'))
            .collect();
        let e164 = canonical(&kept)?;
        // What a second look would change is not canonical: nobody should own two spellings of one number.
        (canonical(e164.strip_prefix('+')?)? == e164).then_some(Self { e164 })
    }

    /// `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.e164
    }

    /// The digits without `+`, as some providers want them.
    pub fn digits(&self) -> &str {
        self.e164.trim_start_matches('+')
    }

    /// The country whose plan the number is of, by ISO 3166; `None` for numbers that are of no one country.
    pub fn country(&self) -> Option<String> {
        let number = phonenumber::parse(None, &self.e164).ok()?;
        number.country().id().map(|id| id.as_ref().to_owned())
    }

    /// Whether such a number can receive text messages at the ordinary price: mobile numbers, and those of plans that
    /// do not tell mobile from fixed.
    pub fn receives_text(&self) -> bool {
        let Ok(number) = phonenumber::parse(None, &self.e164) else {
            return false;
        };
        number.is_valid()
            && matches!(
                number.number_type(&DATABASE),
                Type::Mobile | Type::FixedLineOrMobile
            )
    }

    /// The last digits, enough to recognise one's own: `•••• 6789`.
    pub fn hint(&self) -> String {
        let start = self.e164.len().saturating_sub(4);
        format!("•••• {}", self.e164.get(start..).unwrap_or_default())
    }
}

fn canonical(digits: &str) -> Option<String> {
    let fits = digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
        && (7..=17).contains(&digits.len());
    if !fits {
        return None;
    }
    let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
    // WHY: a calling code that no plan has would pass as a number of nowhere.
    DATABASE.region(&number.code().value())?;
    let e164 = format!(
        "+{}{}{}",
        number.code().value(),
        "0".repeat(usize::from(number.national().zeros())),
        number.national().value()
    );
    DIGITS.contains(&(e164.len() - 1)).then_some(e164)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str) -> Option<String> {
        PhoneNumber::parse(text).map(|number| number.e164)
    }

    #[test]
    fn spellings_of_one_number_are_one_number() {
        for spelling in [
            "+49 151 23456789",
            "+49 (0)151 234-567 89",
            " +49.151.23456789 ",
            "+49\u{a0}151/23456789",
            "+4915123456789",
        ] {
            assert_eq!(e164(spelling).as_deref(), Some("+4915123456789"), "{spelling}");
        }
        // Italian numbers keep their zero.
        assert_eq!(e164("+39 06 1234 5678").as_deref(), Some("+390612345678"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in [
            "",
            "+",
            "015123456789",
            "+0151234567",
            "+49",
            "+49151abc56789",
            "++4915123456789",
            "+49151234567890123456",
            "+999123456789",
            "+49 151 23456789;ext=1",
            "tel:+4915123456789",
            "+4915123456789\r\nBcc: x",
            "+\u{0664}\u{0669}15123456789",
        ] {
            assert_eq!(e164(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        let mut seen = 0;
        for code in 1..=999_u32 {
            for national in [
                "30123456",
                "0301234567",
                "15123456789",
                "8001234567",
                "90012345678",
            ] {
                if let Some(once) = e164(&format!("+{code}{national}")) {
                    assert_eq!(e164(&once).as_deref(), Some(once.as_str()));
                    seen += 1;
                }
            }
        }
        assert!(seen > 500, "{seen}");
    }

    #[test]
    fn only_numbers_that_receive_text_at_the_ordinary_price_may() {
        let may = |text: &str| PhoneNumber::parse(text).is_some_and(|number| number.receives_text());
        for good in [
            "+4915123456789",
            "+12025550123",
            "+447400123456",
            "+33612345678",
            "+819012345678",
        ] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "+499001234567", // premium
            "+4930123456",   // fixed
            "+18001234567",  // toll free
            "+19002345678",  // premium
            "+448431234567", // shared cost
            "+447612345678", // pager
            "+88213300000",  // satellite, of no country
            "+97312",
        ] {
            assert!(!may(bad), "{bad}");
        }
    }

    #[test]
    fn country_is_that_of_the_plan() {
        let country = |text: &str| PhoneNumber::parse(text).and_then(|number| number.country());
        assert_eq!(country("+4915123456789").as_deref(), Some("DE"));
        assert_eq!(country("+16137827274").as_deref(), Some("CA"));
        assert_eq!(country("+12025550123").as_deref(), Some("US"));
        assert_eq!(country("+77012345678").as_deref(), Some("KZ"));
        assert_eq!(country("+18761234567").as_deref(), Some("JM"));
    }

    #[test]
    fn nothing_shows_a_number_by_accident() {
        let number = PhoneNumber::parse("+4915123456789").unwrap();
        assert!(!format!("{number:?}").contains("151"));
        assert_eq!(number.hint(), "•••• 6789");
    }
}
