//! Writes that many requests do at the same time: each kind shares statements and commits within a tenant
//! (`authflow_db::batch`).

use authflow_db::{Batcher, Db};

use crate::oauth::{IssueCode, RedeemCode, RotateFamily};

/// The queues.
#[derive(Debug, Clone)]
pub struct Hot {
    /// Authorization codes to be issued.
    pub(crate) issue: Batcher<IssueCode>,
    /// Authorization codes to be redeemed.
    pub(crate) redeem: Batcher<RedeemCode>,
    /// Refresh tokens to be replaced.
    pub(crate) rotate: Batcher<RotateFamily>,
}

impl Hot {
    /// Queues in front of `db`.
    pub fn new(db: &Db) -> Self {
        Self {
            issue: Batcher::new(db.clone()),
            redeem: Batcher::new(db.clone()),
            rotate: Batcher::new(db.clone()),
        }
    }
}

/// A UUID or bytes as a row of JSON carries them.
pub(crate) type Hex = String;

/// The hexadecimal form of `bytes`, which `PostgreSQL` reads as `uuid` too.
pub(crate) fn hex(bytes: &[u8]) -> Hex {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hex(&mut text, bytes);
    text
}

/// `bytes` as `PostgreSQL` reads its type `bytea` (`\x` before the digits); `SQLite` reads it by `unhex(.., '\x')`.
///
/// INVARIANT: statements compare the column of such a row itself. A function around it, such as `decode`, is not
/// leakproof: under row-level security the comparison would have to wait for the policy, and could use no index.
pub(crate) fn bytea(bytes: &[u8]) -> Hex {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    push_hex(&mut text, bytes);
    text
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().map_or('0', char::from);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
}
