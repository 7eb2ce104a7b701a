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

/// Bytes as a row of JSON carries them.
pub(crate) type Hex = String;

/// The hexadecimal form of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> Hex {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().map_or('0', char::from);
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}
