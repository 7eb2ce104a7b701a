//! Reading the forms that other systems write: crypt(3), LDAP directories, Django, phpass, Firebase.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{digest, pbkdf2};
use zeroize::Zeroizing;

use super::{
    HashFormat, Kind, PBKDF2_MAX_ROUNDS, StoredHash, StoredHashError, crypt, decode, number, numbers,
    parse_bcrypt, scrypt_params,
};

/// glibc's own least and default; twice passlib's default for SHA-512 is the most.
const SHA_CRYPT_ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=1_500_000;
const SHA_CRYPT_DEFAULT_ROUNDS: u32 = 5_000;
/// `$P$B` is 2^13; 2^20 take about as long as the costliest argon2 hash that is allowed.
const PHPASS_LOG2: std::ops::RangeInclusive<u32> = 7..=20;
const MAX_CRYPT_SALT: usize = 16;

const fn malformed(format: HashFormat) -> StoredHashError {
    StoredHashError::Malformed { format }
}

/// What follows `$5$` or `$6$`: `[rounds=N$]salt$hash`.
pub(super) fn parse_sha_crypt(
    rest: &str,
    algorithm: &'static digest::Algorithm,
) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::ShaCrypt;
    let mut fields: Vec<&str> = rest.split('$').skip(1).collect();
    let given = fields.first().and_then(|field| field.strip_prefix("rounds="));
    let rounds = match given {
        None => SHA_CRYPT_DEFAULT_ROUNDS,
        Some(digits) => number(digits).ok_or(malformed(FORMAT))?,
    };
    if given.is_some() {
        fields.remove(0);
    }
    let [salt, output] = fields.as_slice() else {
        return Err(malformed(FORMAT));
    };
    if !SHA_CRYPT_ROUNDS.contains(&rounds) {
        return Err(StoredHashError::TooCostly { format: FORMAT });
    }
    let length = if algorithm.output_len() == 32 { 43 } else { 86 };
    if salt.len() > MAX_CRYPT_SALT || !crypt::is_text(output, length) {
        return Err(malformed(FORMAT));
    }
    Ok(StoredHash {
        salt: salt.as_bytes().to_vec(),
        output: Zeroizing::new(output.as_bytes().to_vec()),
        kind: Kind::ShaCrypt { algorithm, rounds },
    })
}

/// What follows `$1$`: `salt$hash`.
pub(super) fn parse_md5_crypt(rest: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Md5Crypt;
    let fields: Vec<&str> = rest.split('$').skip(1).collect();
    let [salt, output] = fields.as_slice() else {
        return Err(malformed(FORMAT));
    };
    if salt.len() > 8 || !crypt::is_text(output, 22) {
        return Err(malformed(FORMAT));
    }
    Ok(StoredHash {
        salt: salt.as_bytes().to_vec(),
        output: Zeroizing::new(output.as_bytes().to_vec()),
        kind: Kind::Md5Crypt,
    })
}

/// What follows `$P$` or `$H$`: one character of cost, eight of salt, 22 of hash.
pub(super) fn parse_phpass(rest: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Phpass;
    let body = rest.get(2..).ok_or(malformed(FORMAT))?;
    if !crypt::is_text(body, 31) {
        return Err(malformed(FORMAT));
    }
    let (cost, rest) = body.split_at(1);
    let (salt, output) = rest.split_at(8);
    let log2 = cost.bytes().next().and_then(crypt::value_of).unwrap_or(u32::MAX);
    if !PHPASS_LOG2.contains(&log2) {
        return Err(StoredHashError::TooCostly { format: FORMAT });
    }
    Ok(StoredHash {
        salt: salt.as_bytes().to_vec(),
        output: Zeroizing::new(output.as_bytes().to_vec()),
        kind: Kind::Phpass { log2 },
    })
}

/// `{SSHA}`, `{SSHA256}`, `{SSHA512}` (RFC 2307 and its successors in practice): the digest of password and salt, then
/// the salt, in base64.
pub(super) fn parse_salted_digest(scheme: &str, body: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::SaltedDigest;
    let algorithm = match scheme {
        "SSHA" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "SSHA256" => &digest::SHA256,
        "SSHA512" => &digest::SHA512,
        _ => return Err(StoredHashError::UnknownFormat),
    };
    let bytes = decode(body).ok_or(malformed(FORMAT))?;
    let split = bytes.split_at_checked(algorithm.output_len());
    let (output, salt) = split
        .filter(|(_, salt)| !salt.is_empty())
        .ok_or(malformed(FORMAT))?;
    Ok(StoredHash {
        salt: salt.to_vec(),
        output: Zeroizing::new(output.to_vec()),
        kind: Kind::Salted(algorithm),
    })
}

/// `algorithm$..` as Django's hashers write it; argon2 is handed back as the PHC string inside.
pub(super) fn parse_django(name: &str, rest: &str) -> Result<StoredHash, StoredHashError> {
    match name {
        "pbkdf2_sha256" => django_pbkdf2(rest, pbkdf2::PBKDF2_HMAC_SHA256),
        "pbkdf2_sha1" => django_pbkdf2(rest, pbkdf2::PBKDF2_HMAC_SHA1),
        "scrypt" => django_scrypt(rest),
        "bcrypt" => parse_bcrypt(rest, false),
        "bcrypt_sha256" => parse_bcrypt(rest, true),
        _ => Err(StoredHashError::UnknownFormat),
    }
}

fn django_pbkdf2(rest: &str, prf: pbkdf2::Algorithm) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Pbkdf2;
    let fields: Vec<&str> = rest.split('$').collect();
    let [rounds, salt, output] = fields.as_slice() else {
        return Err(malformed(FORMAT));
    };
    let rounds = number(rounds)
        .and_then(NonZeroU32::new)
        .ok_or(malformed(FORMAT))?;
    if rounds.get() > PBKDF2_MAX_ROUNDS {
        return Err(StoredHashError::TooCostly { format: FORMAT });
    }
    Ok(StoredHash {
        salt: salt.as_bytes().to_vec(),
        output: decode(output).ok_or(malformed(FORMAT))?,
        kind: Kind::Pbkdf2 { prf, rounds },
    })
}

fn django_scrypt(rest: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::Scrypt;
    let fields: Vec<&str> = rest.split('$').collect();
    let [salt, n, r, p, output] = fields.as_slice() else {
        return Err(malformed(FORMAT));
    };
    let n = number(n)
        .filter(|n| n.is_power_of_two())
        .ok_or(malformed(FORMAT))?;
    let (r, p) = number(r).zip(number(p)).ok_or(malformed(FORMAT))?;
    Ok(StoredHash {
        salt: salt.as_bytes().to_vec(),
        output: decode(output).ok_or(malformed(FORMAT))?,
        kind: Kind::Scrypt(scrypt_params(FORMAT, [n.ilog2(), r, p])?),
    })
}

/// `$firebase-scrypt$ln=14,r=8$salt$keystream`: what the import makes of Firebase's hash, salt, separator and signer key.
///
/// Firebase encrypts the project's signer key under a key made from the password, and calls the result the hash. What
/// is kept here is the key stream alone (hash XOR signer key), so that the project's secret is not in every row.
pub(super) fn parse_firebase(rest: &str) -> Result<StoredHash, StoredHashError> {
    const FORMAT: HashFormat = HashFormat::FirebaseScrypt;
    let fields: Vec<&str> = rest.split('$').skip(1).collect();
    let [params, salt, output] = fields.as_slice() else {
        return Err(malformed(FORMAT));
    };
    let [log_n, block] = numbers(params, ["ln", "r"]).ok_or(malformed(FORMAT))?;
    Ok(StoredHash {
        salt: decode(salt).ok_or(malformed(FORMAT))?.to_vec(),
        output: decode(output).ok_or(malformed(FORMAT))?,
        kind: Kind::Firebase(scrypt_params(FORMAT, [log_n, block, 1])?),
    })
}

/// AES-256-CTR of zeros under the key that the password makes.
pub(super) fn firebase(
    password: &[u8],
    salt: &[u8],
    params: &scrypt::Params,
    output: &mut [u8],
) -> Option<()> {
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password, salt, params, &mut *key).ok()?;
    let key = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, &*key).ok()?).ok()?;
    output.fill(0);
    let start = EncryptionContext::Iv128(FixedLength::from([0; 16]));
    key.less_safe_encrypt(output, start).ok()?;
    Some(())
}
