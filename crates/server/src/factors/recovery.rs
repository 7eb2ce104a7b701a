//! Recovery codes: what is left when the phone is gone. Each works once; only a MAC of it is kept.

use authflow_types::UserId;

use super::store;
use crate::vault::SubKey;
use crate::{Cx, Fault};

/// How many codes a user gets.
pub const RECOVERY_CODE_COUNT: usize = 10;

const KEY_LABEL: &str = "recovery-codes";
const LENGTH: usize = 10;
/// Letters and digits that nobody takes for another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";

/// Gives the user new codes, to be shown once; the old ones no longer work.
pub async fn renew(cx: &mut Cx, user: UserId) -> Result<Vec<String>, Fault> {
    let (tenant, now, key) = (cx.tenant_id(), cx.now, key(cx)?);
    let codes: Vec<String> = std::iter::repeat_with(|| generate(cx))
        .take(RECOVERY_CODE_COUNT)
        .collect();
    store::drop_recovery_codes(cx.tx().await?, tenant, user).await?;
    for code in &codes {
        let mac = mac(&key, user, code);
        store::insert_recovery_code(cx.tx().await?, tenant, user, &mac, now).await?;
    }
    Ok(codes)
}

/// How many of the user's codes still work.
pub async fn count(cx: &mut Cx, user: UserId) -> Result<u64, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::count_recovery_codes(&mut tx, tenant, user).await?)
}

/// Whether `typed` is one of the user's codes; uses it up.
pub async fn use_code(cx: &mut Cx, user: UserId, typed: &str) -> Result<bool, Fault> {
    let (tenant, now, key) = (cx.tenant_id(), cx.now, key(cx)?);
    let mac = mac(&key, user, typed);
    Ok(store::use_recovery_code(cx.tx().await?, tenant, user, &mac, now).await?)
}

fn key(cx: &Cx) -> Result<SubKey, Fault> {
    Ok(cx.tenant.data_key.derive(KEY_LABEL)?)
}

/// Two groups of five: `k7mqd-x3wzp`, 48 bits and more.
fn generate(cx: &Cx) -> String {
    let random: [u8; LENGTH] = cx.rng().bytes();
    let mut code: String = random
        .iter()
        .map(|byte| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'x')))
        .collect();
    code.insert(LENGTH / 2, '-');
    code
}

fn mac(key: &SubKey, user: UserId, typed: &str) -> [u8; 32] {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(2 * LENGTH)
        .collect();
    key.mac(&[user.as_bytes(), plain.as_bytes()])
}
