//! Stored hashes: reading them, bounding what they may cost, comparing.
//!
//! | Format | Written as |
//! |---|---|
//! | argon2id, argon2i, argon2d | `$argon2id$v=19$m=..,t=..,p=..$salt$hash` (PHC; version 16 too) |
//! | bcrypt | `$2a$`, `$2b$`, `$2y$`, 60 characters; only the first 72 bytes of a password count, as where it was made |
//! | scrypt | `$scrypt$ln=..,r=..,p=..$salt$hash` (PHC); `ln` of 64 and more is read as N itself, as some systems write it |
//! | PBKDF2 | `$pbkdf2-sha256$i=..[,l=..]$salt$hash`, also `sha1`, `sha512`, `$pbkdf2$` for SHA-1, and passlib's `$rounds$` |
//! | Django | `pbkdf2_sha256$`, `pbkdf2_sha1$`, `scrypt$`, `argon2$`, `bcrypt$`, `bcrypt_sha256$` |
//! | SHA-crypt | `$5$[rounds=..$]salt$hash`, `$6$` |
//! | md5crypt | `$1$salt$hash` |
//! | phpass | `$P$`, `$H$` |
//! | LDAP | `{SSHA}`, `{SSHA256}`, `{SSHA512}`; `{CRYPT}` before one of the above |
//! | Firebase | `$firebase-scrypt$ln=..,r=..$salt$keystream`, which the import makes of Firebase's parameters |
//!
//! The last six are read in `foreign.rs`; every one has a bound on what it may cost.
//!
//! `$2x$` is refused: it marks hashes of a broken implementation, which do not verify what was typed.

mod crypt;
mod foreign;

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use zeroize::Zeroizing;

use super::pool::Scratch;

/// Longer than any hash in these formats.
const MAX_TEXT: usize = 512;
const MAX_SALT: usize = 128;
const MIN_OUTPUT: usize = 10;
const MAX_OUTPUT: usize = 128;
/// 128 MiB: the largest of OWASP's recommendations.
const SCRYPT_MAX_MEMORY: u64 = 128 * 1024 * 1024;
/// N times r times p: twice the work of those recommendations.
const SCRYPT_MAX_WORK: u64 = 1 << 21;
const PBKDF2_MAX_ROUNDS: u32 = 4_000_000;
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=15;
const ARGON2_MAX_LANES: u32 = 64;
/// glibc itself takes no more than 511 bytes.
const MAX_LEGACY_PASSWORD: usize = 512;

/// What kind of hash it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashFormat {
    /// argon2id: what new passwords get.
    Argon2id,
    /// argon2i or argon2d.
    Argon2Other,
    /// bcrypt.
    Bcrypt,
    /// scrypt.
    Scrypt,
    /// PBKDF2 with HMAC of SHA-1, SHA-256 or SHA-512.
    Pbkdf2,
    /// SHA-crypt.
    ShaCrypt,
    /// md5crypt.
    Md5Crypt,
    /// phpass's portable hash.
    Phpass,
    /// One round of SHA-1, SHA-256 or SHA-512 over password and salt.
    SaltedDigest,
    /// Firebase's variant of scrypt.
    FirebaseScrypt,
}

/// Why a stored hash cannot be used. The hash itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoredHashError {
    /// Not one of the formats.
    #[error(
        "unknown password hash format: argon2, bcrypt, scrypt, PBKDF2, Django, SHA-crypt, md5crypt, phpass, SSHA and Firebase scrypt are read"
    )]
    UnknownFormat,
    /// One of the formats, but not well formed.
    #[error("malformed {format:?} password hash")]
    Malformed {
        /// Which.
        format: HashFormat,
    },
    /// Verifying it would take too much time or memory.
    #[error("this {format:?} password hash asks for more time or memory than is allowed")]
    TooCostly {
        /// Which.
        format: HashFormat,
    },
}

/// What an argon2 hash may cost at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argon2Bounds {
    pub(super) memory_kib: u32,
    /// Memory times passes.
    pub(super) work: u64,
}

impl Argon2Bounds {
    /// 256 MiB, or two passes over 1 GiB's worth; never less than what is configured for new passwords.
    pub(super) fn allowing(memory_kib: u32, iterations: u32) -> Self {
        let configured = u64::from(memory_kib) * u64::from(iterations);
        Self {
            memory_kib: memory_kib.max(256 * 1024),
            work: configured.max(2 * 1024 * 1024),
        }
    }
}

/// A hash that is well formed and whose cost is within bounds.
pub(super) struct StoredHash {
    salt: Vec<u8>,
    output: Zeroizing<Vec<u8>>,
    kind: Kind,
}

enum Kind {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
    },
    Bcrypt {
        cost: u32,
        salt: [u8; 16],
        /// Of the password's SHA-256 in hexadecimal digits, as Django does it.
        of_digest: bool,
    },
    Scrypt(scrypt::Params),
    Pbkdf2 {
        prf: pbkdf2::Algorithm,
        rounds: NonZeroU32,
    },
    ShaCrypt {
        algorithm: &'static digest::Algorithm,
        rounds: u32,
    },
    Md5Crypt,
    Phpass {
        log2: u32,
    },
    Salted(&'static digest::Algorithm),
    Firebase(scrypt::Params),
}

impl StoredHash {
    pub(super) fn argon2id(params: Params, salt: &[u8], output: &[u8]) -> Self {
        Self {
            salt: salt.to_vec(),
            output: Zeroizing::new(output.to_vec()),
            kind: Kind::Argon2 {
                algorithm: Algorithm::Argon2id,
                version: Version::V0x13,
                params,
            },
        }
    }

    pub(super) fn parse(text: &str, bounds: Argon2Bounds) -> Result<Self, StoredHashError> {
        let parsed = Self::parse_any(text, bounds)?;
        let lengths_fit = parsed.salt.len() <= MAX_SALT
            && (MIN_OUTPUT..=MAX_OUTPUT).contains(&parsed.output.len())
            && text.len() <= MAX_TEXT;
        if lengths_fit {
            Ok(parsed)
        } else {
            Err(StoredHashError::Malformed {
                format: parsed.format(),
            })
        }
    }

    fn parse_any(text: &str, bounds: Argon2Bounds) -> Result<Self, StoredHashError> {
        let text = text.strip_prefix("{CRYPT}").unwrap_or(text);
        // Django writes `argon2$argon2id$..`: the PHC string begins at the first `$`.
        let text = match text.strip_prefix("argon2") {
            Some(inner) if inner.starts_with('$') => inner,
            _ => text,
        };
        if let Some((scheme, body)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            return foreign::parse_salted_digest(scheme, body);
        }
        let Some(rest) = text.strip_prefix('$') else {
            let (name, rest) = text.split_once('$').ok_or(StoredHashError::UnknownFormat)?;
            return foreign::parse_django(name, rest);
        };
        let (name, _) = rest.split_once('$').ok_or(StoredHashError::UnknownFormat)?;
        let argon2 = |algorithm| parse_argon2(rest, algorithm, bounds);
        match name {
            "argon2id" => argon2(Algorithm::Argon2id),
            "argon2i" => argon2(Algorithm::Argon2i),
            "argon2d" => argon2(Algorithm::Argon2d),
            "2a" | "2b" | "2y" => parse_bcrypt(text, false),
            "scrypt" => parse_scrypt(rest),
            "pbkdf2" | "pbkdf2-sha1" => parse_pbkdf2(rest, pbkdf2::PBKDF2_HMAC_SHA1),
            "pbkdf2-sha256" => parse_pbkdf2(rest, pbkdf2::PBKDF2_HMAC_SHA256),
            "pbkdf2-sha512" => parse_pbkdf2(rest, pbkdf2::PBKDF2_HMAC_SHA512),
            "5" => foreign::parse_sha_crypt(rest, &digest::SHA256),
            "6" => foreign::parse_sha_crypt(rest, &digest::SHA512),
            "1" => foreign::parse_md5_crypt(rest),
            "P" | "H" => foreign::parse_phpass(rest),
            "firebase-scrypt" => foreign::parse_firebase(rest),
            _ => Err(StoredHashError::UnknownFormat),
        }
    }

    pub(super) fn format(&self) -> HashFormat {
        match &self.kind {
            Kind::Argon2 { algorithm, .. } if *algorithm == Algorithm::Argon2id => HashFormat::Argon2id,
            Kind::Argon2 { .. } => HashFormat::Argon2Other,
            Kind::Bcrypt { .. } => HashFormat::Bcrypt,
            Kind::Scrypt(_) => HashFormat::Scrypt,
            Kind::Pbkdf2 { .. } => HashFormat::Pbkdf2,
            Kind::ShaCrypt { .. } => HashFormat::ShaCrypt,
            Kind::Md5Crypt => HashFormat::Md5Crypt,
            Kind::Phpass { .. } => HashFormat::Phpass,
            Kind::Salted(_) => HashFormat::SaltedDigest,
            Kind::Firebase(_) => HashFormat::FirebaseScrypt,
        }
    }

    /// Whether it is weaker than a hash made with `current`, or of another kind.
    pub(super) fn is_outdated(&self, current: &Params) -> bool {
        let Kind::Argon2 {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params,
        } = &self.kind
        else {
            return true;
        };
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        // Half the memory is easier to attack in parallel, whatever the number of passes.
        work(params) < work(current)
            || params.m_cost() < current.m_cost() / 2
            || self.salt.len() < 16
            || self.output.len() < 32
    }

    /// Whether `password` hashes to this.
    ///
    /// `None` if the library refused, which bounds checked by [`parse`](Self::parse) exclude.
    pub(super) fn matches(&self, password: &[u8], scratch: &mut Scratch) -> Option<bool> {
        let mut output = Zeroizing::new(vec![0; self.output.len()]);
        if password.len() > MAX_LEGACY_PASSWORD && self.grows_with_the_password() {
            return Some(false);
        }
        match &self.kind {
            Kind::Argon2 {
                algorithm,
                version,
                params,
            } => {
                let argon2 = Argon2::new(*algorithm, *version, params.clone());
                let blocks = scratch.blocks(params.block_count());
                argon2
                    .hash_password_into_with_memory(password, &self.salt, &mut output, blocks)
                    .ok()?;
            }
            Kind::Bcrypt {
                cost,
                salt,
                of_digest,
            } => {
                let hash = if *of_digest {
                    let digits = digest::digest(&digest::SHA256, password);
                    let digits = Zeroizing::new(crate::hot::hex(digits.as_ref()));
                    bcrypt_of(digits.as_bytes(), *cost, *salt)
                } else {
                    bcrypt_of(password, *cost, *salt)
                };
                let compared = hash.get(..output.len())?;
                output.copy_from_slice(compared);
            }
            Kind::Scrypt(params) => scrypt::scrypt(password, &self.salt, params, &mut output).ok()?,
            Kind::Pbkdf2 { prf, rounds } => pbkdf2::derive(*prf, *rounds, &self.salt, password, &mut output),
            Kind::ShaCrypt { algorithm, rounds } => {
                output = crypt::sha_crypt(algorithm, (password, &self.salt), *rounds);
            }
            Kind::Md5Crypt => output = crypt::md5_crypt(password, &self.salt),
            Kind::Phpass { log2 } => output = crypt::phpass(password, &self.salt, *log2),
            Kind::Salted(algorithm) => {
                let mut context = digest::Context::new(algorithm);
                context.update(password);
                context.update(&self.salt);
                output.copy_from_slice(context.finish().as_ref());
            }
            Kind::Firebase(params) => foreign::firebase(password, &self.salt, params, &mut output)?,
        }
        Some(verify_slices_are_equal(&output, &self.output).is_ok())
    }

    /// Whether each of its rounds reads the whole password, so that a long one multiplies the work.
    fn grows_with_the_password(&self) -> bool {
        matches!(
            self.kind,
            Kind::ShaCrypt { .. } | Kind::Md5Crypt | Kind::Phpass { .. }
        )
    }
}

/// bcrypt reads a password as a C string of at most 72 bytes, the closing zero among them where it fits.
fn bcrypt_of(password: &[u8], cost: u32, salt: [u8; 16]) -> [u8; 24] {
    let mut key = Zeroizing::new([0; 72]);
    let taken = password.iter().zip(key.iter_mut());
    let used = taken.map(|(from, to)| *to = *from).count();
    bcrypt::bcrypt(cost, salt, key.get(..(used + 1).min(72)).unwrap_or_default())
}

fn parse_argon2(
    rest: &str,
    algorithm: Algorithm,
    bounds: Argon2Bounds,
) -> Result<StoredHash, StoredHashError> {
    let format = match algorithm {
        Algorithm::Argon2id => HashFormat::Argon2id,
        _ => HashFormat::Argon2Other,
    };
    let malformed = StoredHashError::Malformed { format };
    let mut fields: Vec<&str> = rest.split('$').skip(1).collect();
    let version = match fields.first().and_then(|field| field.strip_prefix("v=")) {
        Some("19") => Version::V0x13,
        Some("16") | None => Version::V0x10,
        Some(_) => return Err(malformed),
    };
    if fields.first().is_some_and(|field| field.starts_with("v=")) {
        fields.remove(0);
    }
    let [params, salt, output] = fields.as_slice() else {
        return Err(malformed);
    };
    let [memory, passes, lanes] = numbers(params, ["m", "t", "p"]).ok_or(malformed)?;
    let work = u64::from(memory) * u64::from(passes);
    if memory > bounds.memory_kib || work > bounds.work || lanes > ARGON2_MAX_LANES {
        return Err(StoredHashError::TooCostly { format });
    }
    let salt = decode(salt).ok_or(malformed)?.to_vec();
    let output = decode(output).ok_or(malformed)?;
    let params = Params::new(memory, passes, lanes, Some(output.len())).map_err(|_| malformed)?;
    if salt.len() < argon2::MIN_SALT_LEN {
        return Err(malformed);
    }
    Ok(StoredHash {
        salt,
        output,
        kind: Kind::Argon2 {
            algorithm,
            version,
            params,
        },
    })
}

fn parse_bcrypt(text: &str, of_digest: bool) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Bcrypt;
    let malformed = StoredHashError::Malformed { format: FORMAT };
    let parts: bcrypt::HashParts = text.parse().map_err(|_| malformed)?;
    if !BCRYPT_COSTS.contains(&parts.get_cost()) {
        return Err(StoredHashError::TooCostly { format: FORMAT });
    }
    let hash = text.get(29..).ok_or(malformed)?;
    let base64 = GeneralPurpose::new(&alphabet::BCRYPT, general_purpose::NO_PAD);
    let output = base64.decode(hash).map_err(|_| malformed)?;
    Ok(StoredHash {
        salt: Vec::new(),
        output: Zeroizing::new(output),
        kind: Kind::Bcrypt {
            cost: parts.get_cost(),
            salt: parts.get_salt_raw(),
            of_digest,
        },
    })
}

fn parse_scrypt(rest: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Scrypt;
    let malformed = StoredHashError::Malformed { format: FORMAT };
    let fields: Vec<&str> = rest.split('$').skip(1).collect();
    let [params, salt, output] = fields.as_slice() else {
        return Err(malformed);
    };
    let [cost, block, lanes] = numbers(params, ["ln", "r", "p"]).ok_or(malformed)?;
    let log_n = match cost {
        0 => return Err(malformed),
        1..64 => cost,
        _ if cost.is_power_of_two() => cost.ilog2(),
        _ => return Err(malformed),
    };
    let params = scrypt_params(FORMAT, [log_n, block, lanes])?;
    Ok(StoredHash {
        salt: decode(salt).ok_or(malformed)?.to_vec(),
        output: decode(output).ok_or(malformed)?,
        kind: Kind::Scrypt(params),
    })
}

/// Parameters whose cost is within bounds.
fn scrypt_params(format: HashFormat, costs: [u32; 3]) -> Result<scrypt::Params, StoredHashError> {
    let [log_n, block, lanes] = costs;
    let n = 1_u64.checked_shl(log_n).unwrap_or(u64::MAX);
    let cells = n.saturating_mul(u64::from(block));
    let too_much_memory = cells.saturating_mul(128) > SCRYPT_MAX_MEMORY;
    if too_much_memory || cells.saturating_mul(u64::from(lanes)) > SCRYPT_MAX_WORK {
        return Err(StoredHashError::TooCostly { format });
    }
    let malformed = StoredHashError::Malformed { format };
    let log_n = u8::try_from(log_n).map_err(|_| malformed)?;
    scrypt::Params::new(log_n, block, lanes).map_err(|_| malformed)
}

fn parse_pbkdf2(rest: &str, prf: pbkdf2::Algorithm) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Pbkdf2;
    let malformed = StoredHashError::Malformed { format: FORMAT };
    let fields: Vec<&str> = rest.split('$').skip(1).collect();
    let [params, salt, output] = fields.as_slice() else {
        return Err(malformed);
    };
    let (rounds, length) = if params.starts_with("i=") {
        match params.split_once(',') {
            None => (numbers(params, ["i"]).map(|[rounds]| rounds), None),
            Some(_) => match numbers(params, ["i", "l"]) {
                Some([rounds, length]) => (Some(rounds), Some(length)),
                None => (None, None),
            },
        }
    } else {
        (number(params), None)
    };
    let rounds = rounds.and_then(NonZeroU32::new).ok_or(malformed)?;
    if rounds.get() > PBKDF2_MAX_ROUNDS {
        return Err(StoredHashError::TooCostly { format: FORMAT });
    }
    let output = decode(output).ok_or(malformed)?;
    if length.is_some_and(|length| usize::try_from(length) != Ok(output.len())) {
        return Err(malformed);
    }
    Ok(StoredHash {
        salt: decode(salt).ok_or(malformed)?.to_vec(),
        output,
        kind: Kind::Pbkdf2 { prf, rounds },
    })
}

/// The values of `a=1,b=2` with exactly these names in this order.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut values = [0; N];
    let mut pairs = text.split(',');
    for (value, name) in values.iter_mut().zip(names) {
        let (found, digits) = pairs.next()?.split_once('=')?;
        if found != name {
            return None;
        }
        *value = number(digits)?;
    }
    pairs.next().is_none().then_some(values)
}

fn number(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Base64 as PHC strings have it, with padding or without, and with passlib's `.` for `+`.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    if text.len() > MAX_TEXT {
        return None;
    }
    let standard = text.replace('.', "+");
    BASE64.decode(standard).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests;
