//! What the account page says after a form: a word in the address it redirects to, signed for the session, so that a
//! link made by somebody else cannot make our page say things.

use authflow_types::SessionId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::pages::Message;
use crate::{Cx, Fault};

const LABEL: &str = "account-notice";

/// The words, with whether a number goes with them.
fn of_word(word: &str, count: u64) -> Option<Message> {
    Some(match word {
        "profile_saved" => Message::ProfileSaved,
        "password_changed" => Message::PasswordChanged,
        "session_revoked" => Message::SessionRevoked,
        "others_revoked" => Message::OtherSessionsRevoked { count },
        "application_revoked" => Message::ApplicationRevoked,
        "passkey_added" => Message::PasskeyAdded,
        "passkey_renamed" => Message::PasskeyRenamed,
        "passkey_removed" => Message::PasskeyRemoved,
        "verification_sent" => Message::VerificationSent,
        "factor_added" => Message::FactorAdded,
        "factor_removed" => Message::FactorRemoved,
        "device_forgotten" => Message::DeviceForgotten,
        "identity_linked" => Message::IdentityLinked,
        "identity_unlinked" => Message::IdentityUnlinked,
        "email_change_begun" => Message::EmailChangeBegun,
        "primary_changed" => Message::PrimaryChanged,
        "identifier_removed" => Message::IdentifierRemoved,
        "identifier_kept" => Message::IdentifierKept,
        "phone_added" => Message::PhoneAdded,
        "phone_changed" => Message::PhoneChanged,
        "deletion_unconfirmed" => Message::DeletionUnconfirmed,
        _ => return None,
    })
}

/// The address that shows the page at `path` with a notice, below the tenant's base.
pub(crate) fn address(
    cx: &Cx,
    path: &str,
    session: SessionId,
    (word, count): (&str, u64),
) -> Result<String, Fault> {
    let mac = mac(cx, session, word, count)?;
    Ok(format!(
        "{path}?notice={word}.{count}.{}",
        URL_SAFE_NO_PAD.encode(mac)
    ))
}

/// The notice in `text`, if it was signed for this session.
pub(super) fn read(cx: &Cx, session: SessionId, text: &str) -> Result<Option<Message>, Fault> {
    let mut parts = text.splitn(3, '.');
    let (Some(word), Some(count), Some(tag)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let (Ok(count), Ok(tag)) = (count.parse::<u64>(), URL_SAFE_NO_PAD.decode(tag)) else {
        return Ok(None);
    };
    let expected = mac(cx, session, word, count)?;
    let is_ours = aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &tag).is_ok();
    Ok(of_word(word, count).filter(|_| is_ours))
}

fn mac(cx: &Cx, session: SessionId, word: &str, count: u64) -> Result<[u8; 32], Fault> {
    let key = cx.tenant.data_key.derive(LABEL)?;
    Ok(key.mac(&[session.as_bytes(), word.as_bytes(), &count.to_be_bytes()]))
}
