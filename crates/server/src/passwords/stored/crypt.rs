//! The hashes of old Unix systems and web applications: SHA-crypt, md5crypt, phpass.
//!
//! Each gives its result as text, in the alphabet and byte order of its format, so that it can be compared with what
//! is stored. They are read, never made: a password that was right is hashed anew with argon2id.

use aws_lc_rs::digest::{self, Context};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

/// The alphabet of crypt(3), in its order.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The value of one character of crypt(3)'s alphabet.
pub(super) fn value_of(character: u8) -> Option<u32> {
    let position = ALPHABET.iter().position(|&symbol| symbol == character)?;
    u32::try_from(position).ok()
}

/// Whether `text` is `length` characters of that alphabet.
pub(super) fn is_text(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|character| value_of(character).is_some())
}

/// Three bytes as four characters, the lowest six bits first; fewer characters for what is left at the end.
fn push(text: &mut Vec<u8>, bytes: [Option<&u8>; 3], characters: usize) {
    let [high, middle, low] = bytes.map(|byte| u32::from(byte.copied().unwrap_or(0)));
    let mut word = (high << 16) | (middle << 8) | low;
    for _ in 0..characters {
        let index = usize::try_from(word & 63).unwrap_or(0);
        text.push(ALPHABET.get(index).copied().unwrap_or(b'.'));
        word >>= 6;
    }
}

/// SHA-crypt (U. Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6): 43 or 86 characters.
pub(super) fn sha_crypt(
    algorithm: &'static digest::Algorithm,
    (password, salt): (&[u8], &[u8]),
    rounds: u32,
) -> Zeroizing<Vec<u8>> {
    let hash = |parts: &[&[u8]]| {
        let mut context = Context::new(algorithm);
        for part in parts {
            context.update(part);
        }
        context.finish()
    };
    let repeated = |digest: &[u8], length: usize| -> Zeroizing<Vec<u8>> {
        Zeroizing::new(digest.iter().copied().cycle().take(length).collect())
    };
    let alternate = hash(&[password, salt, password]);
    let mut context = Context::new(algorithm);
    context.update(password);
    context.update(salt);
    context.update(&repeated(alternate.as_ref(), password.len()));
    let mut bits = password.len();
    while bits > 0 {
        context.update(if bits & 1 == 1 {
            alternate.as_ref()
        } else {
            password
        });
        bits >>= 1;
    }
    let mut last = context.finish();

    let mut context = Context::new(algorithm);
    (0..password.len()).for_each(|_| context.update(password));
    let p = repeated(context.finish().as_ref(), password.len());
    let mut context = Context::new(algorithm);
    let times = 16 + last.as_ref().first().copied().map_or(0, usize::from);
    (0..times).for_each(|_| context.update(salt));
    let s = repeated(context.finish().as_ref(), salt.len());

    for round in 0..rounds {
        let is_odd = round & 1 == 1;
        let mut context = Context::new(algorithm);
        context.update(if is_odd { &p } else { last.as_ref() });
        if round % 3 != 0 {
            context.update(&s);
        }
        if round % 7 != 0 {
            context.update(&p);
        }
        context.update(if is_odd { last.as_ref() } else { &p });
        last = context.finish();
    }
    sha_crypt_text(last.as_ref())
}

/// The order of bytes that the specification lists, as the rule behind it.
fn sha_crypt_text(digest: &[u8]) -> Zeroizing<Vec<u8>> {
    let third = digest.len() / 3;
    let mut text = Zeroizing::new(Vec::with_capacity(86));
    let (mut a, mut b, mut c) = (0, third, 2 * third);
    for _ in 0..third {
        push(&mut text, [digest.get(a), digest.get(b), digest.get(c)], 4);
        (a, b, c) = if digest.len() == 32 {
            (c + 1, a + 1, b + 1)
        } else {
            (b + 1, c + 1, a + 1)
        };
    }
    if digest.len() == 32 {
        push(&mut text, [None, digest.get(31), digest.get(30)], 3);
    } else {
        push(&mut text, [None, None, digest.get(63)], 2);
    }
    text
}

/// md5crypt (`$1$`, `FreeBSD`'s crypt(3)): 22 characters.
pub(super) fn md5_crypt(password: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let alternate = Md5::new()
        .chain_update(password)
        .chain_update(salt)
        .chain_update(password)
        .finalize();
    let mut context = Md5::new()
        .chain_update(password)
        .chain_update(b"$1$")
        .chain_update(salt);
    for chunk in password.chunks(16) {
        context.update(alternate.get(..chunk.len()).unwrap_or_default());
    }
    let mut bits = password.len();
    while bits > 0 {
        context.update(if bits & 1 == 1 {
            &[0][..]
        } else {
            password.get(..1).unwrap_or_default()
        });
        bits >>= 1;
    }
    let mut last = context.finalize();
    for round in 0..1000 {
        let is_odd = round & 1 == 1;
        let mut context = Md5::new();
        context.update(if is_odd { password } else { &last[..] });
        if round % 3 != 0 {
            context.update(salt);
        }
        if round % 7 != 0 {
            context.update(password);
        }
        context.update(if is_odd { &last[..] } else { password });
        last = context.finalize();
    }
    let mut text = Zeroizing::new(Vec::with_capacity(22));
    for i in 0..4 {
        push(&mut text, [last.get(i), last.get(i + 6), last.get(i + 12)], 4);
    }
    push(&mut text, [last.get(4), last.get(10), last.get(5)], 4);
    push(&mut text, [None, None, last.get(11)], 2);
    text
}

/// phpass's portable hash (`$P$`, phpBB's `$H$`) with two to the power of `log2` rounds: 22 characters.
pub(super) fn phpass(password: &[u8], salt: &[u8], log2: u32) -> Zeroizing<Vec<u8>> {
    let mut last = Md5::new().chain_update(salt).chain_update(password).finalize();
    for _ in 0..1_u64.checked_shl(log2).unwrap_or(0) {
        last = Md5::new().chain_update(last).chain_update(password).finalize();
    }
    let mut text = Zeroizing::new(Vec::with_capacity(22));
    for chunk in last.chunks(3) {
        let characters = if chunk.len() == 3 { 4 } else { 2 };
        push(&mut text, [chunk.get(2), chunk.get(1), chunk.first()], characters);
    }
    text
}
