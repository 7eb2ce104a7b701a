//! Time-based one-time passwords (RFC 6238 over RFC 4226): six digits, steps of 30 s, HMAC-SHA-1 as every
//! authenticator app understands it.

use std::fmt::Write as _;

use aws_lc_rs::hmac;

/// Seconds of a time step (RFC 6238 5.2).
pub const STEP_SECS: i64 = 30;

/// How many steps a clock may be off, to either side (RFC 6238 5.2, 6).
const DRIFT: i64 = 1;

const DIGITS: usize = 6;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that an authenticator app shares with us: 20 bytes (RFC 4226 4, R6).
#[derive(Clone)]
pub struct TotpSecret([u8; 20]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(redacted)")
    }
}

impl TotpSecret {
    /// The secret of these bytes, which must be fresh from a secure generator.
    pub const fn new(random: [u8; 20]) -> Self {
        Self(random)
    }

    /// The secret with these bytes, as stored; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be sealed.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// As people type it into an app: base32 (RFC 4648 6) without padding.
    pub fn to_base32(&self) -> String {
        let mut text = String::with_capacity(32);
        for chunk in self.0.chunks(5) {
            let bits = chunk
                .iter()
                .fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
            for shift in (0..8).rev() {
                let index = usize::try_from(bits >> (5 * shift) & 31).unwrap_or(0);
                text.push(char::from(BASE32.get(index).copied().unwrap_or(b'A')));
            }
        }
        text
    }

    /// The address that an app reads from a QR code (the Key URI Format of Google Authenticator).
    pub fn to_uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (encode(issuer), encode(account));
        let secret = self.to_base32();
        format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
    }

    /// The code of a time step (RFC 4226 5.3).
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        hotp(tag.as_ref(), DIGITS)
    }

    /// The time step whose code was typed, if it is near `now_secs` (Unix time) and newer than `last`.
    ///
    /// # Security
    /// The caller must store the step before it believes the code: no step counts twice (RFC 6238 5.2).
    pub fn verify(&self, typed: &str, now_secs: i64, last: i64) -> Option<i64> {
        let typed: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        if typed.len() != DIGITS {
            return None;
        }
        let current = now_secs.div_euclid(STEP_SECS);
        // Every step is computed, so that the time tells nothing.
        let matching = (current - DRIFT..=current + DRIFT)
            .filter(|&step| {
                aws_lc_rs::constant_time::verify_slices_are_equal(
                    self.code(step).as_bytes(),
                    typed.as_bytes(),
                )
                .is_ok()
            })
            .max();
        matching.filter(|&step| step > last)
    }
}

/// Dynamic truncation (RFC 4226 5.3) to `digits` digits.
fn hotp(tag: &[u8], digits: usize) -> String {
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let bytes = tag.get(offset..offset + 4).unwrap_or(&[0; 4]);
    let number = bytes
        .iter()
        .fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte))
        & 0x7fff_ffff;
    let modulus = 10_u32.pow(u32::try_from(digits).unwrap_or(6));
    format!("{:0digits$}", number % modulus)
}

/// Percent-encodes all but unreserved characters (RFC 3986 2.3).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _written = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: TotpSecret = TotpSecret(*b"12345678901234567890");

    #[test]
    fn counters_give_the_codes_of_rfc_4226_appendix_d() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(SECRET.code(step), code);
        }
    }

    #[test]
    fn times_give_the_codes_of_rfc_6238_appendix_b() {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &SECRET.0);
        for (secs, code) in [
            (59_i64, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = secs / STEP_SECS;
            assert_eq!(hotp(hmac::sign(&key, &step.to_be_bytes()).as_ref(), 8), code);
            let typed = code.get(2..).unwrap();
            assert_eq!(SECRET.verify(typed, secs, 0), Some(step));
        }
    }

    #[test]
    fn a_code_counts_one_step_to_either_side_and_never_twice() {
        let at = |step: i64| step * STEP_SECS;
        let code = SECRET.code(1000);
        for (step, counts) in [
            (998, false),
            (999, true),
            (1000, true),
            (1001, true),
            (1002, false),
        ] {
            assert_eq!(SECRET.verify(&code, at(step), 0).is_some(), counts, "{step}");
        }
        assert_eq!(SECRET.verify(&code, at(1000), 999), Some(1000));
        assert_eq!(SECRET.verify(&code, at(1000), 1000), None);
        let last_moment = at(1002) - 1;
        assert_eq!(SECRET.verify(&code, last_moment, 0), Some(1000));
    }

    #[test]
    fn spaces_are_forgiven_and_everything_else_is_not() {
        let now = 30_000;
        let code = SECRET.code(1000);
        let (first, rest) = code.split_at(3);
        assert!(SECRET.verify(&format!(" {first} {rest}"), now, 0).is_some());
        for bad in ["", "1", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
            assert!(SECRET.verify(bad, now, 0).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_app_can_read_the_secret() {
        assert_eq!(SECRET.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            SECRET.to_uri("Acme & Co", "ann@example.com"),
            "otpauth://totp/Acme%20%26%20Co:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Acme%20%26%20Co"
        );
        assert_eq!(format!("{SECRET:?}"), "TotpSecret(redacted)");
    }
}
