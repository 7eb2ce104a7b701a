//! Setting up an authenticator app: a secret is shown, and kept only once a code of it came back.

use authflow_proto::totp::TotpSecret;
use authflow_types::UserId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::QrCode;
use qrcode::render::svg;
use uuid::Uuid;

use super::{ops, totp};
use crate::challenges::{self, NewChallenge};
use crate::identities::User;
use crate::mail::Factor;
use crate::pages::Locale;
use crate::vault::SealContext;
use crate::{Cx, Fault};

const PURPOSE: &str = "totp_set_up";
const TTL: std::time::Duration = std::time::Duration::from_mins(30);
/// How many codes may be wrong before a new secret is made.
const TRIES: u32 = 20;

/// What is shown to somebody who sets up an app.
pub struct ShownSecret {
    /// The QR code, as SVG.
    pub qr: String,
    /// What to type where no camera is.
    pub secret: String,
    /// What the QR code says: opens the app on a phone.
    pub uri: String,
}

/// What a code came to.
pub enum TotpSetUp {
    /// The app is set up.
    Done {
        /// Recovery codes to show once, for a first second factor.
        codes: Option<Vec<String>>,
    },
    /// The code is wrong, or nothing was begun.
    Wrong,
}

/// The secret that is being set up in `subject` (a sign-in or a session); a new one if there is none.
pub async fn begin(cx: &mut Cx, subject: Uuid, user: &User) -> Result<ShownSecret, Fault> {
    let pending = pending(cx, subject, user.id).await?;
    let secret = if let Some(secret) = pending {
        secret
    } else {
        let secret = TotpSecret::new(cx.rng().bytes());
        let sealed = cx.tenant.data_key.seal(context(&subject), secret.as_bytes())?;
        let new = NewChallenge {
            subject,
            purpose: PURPOSE,
            user: Some(user.id),
            answer: PURPOSE.as_bytes(),
            data: &STANDARD.encode(sealed),
            tries: TRIES,
            ttl: TTL,
        };
        challenges::put(cx, new).await?;
        secret
    };
    let uri = secret.to_uri(&cx.tenant.name, user.display_identifier());
    let qr = QrCode::new(uri.as_bytes()).map(|code| {
        code.render::<svg::Color<'_>>()
            .min_dimensions(200, 200)
            .dark_color(svg::Color("#000"))
            .light_color(svg::Color("#fff"))
            .build()
    });
    Ok(ShownSecret {
        qr: qr.map(without_prolog).unwrap_or_default(),
        secret: secret.to_base32(),
        uri,
    })
}

/// SVG as it stands in a page: without the XML declaration in front.
fn without_prolog(svg: String) -> String {
    match svg.find("<svg") {
        Some(start) => svg.get(start..).unwrap_or_default().to_owned(),
        None => svg,
    }
}

/// Keeps the app whose code came back. Emits `mfa.enabled`; the user is told by mail.
pub async fn finish(
    cx: &mut Cx,
    subject: Uuid,
    user: &User,
    (typed, locale): (&str, Locale),
) -> Result<TotpSetUp, Fault> {
    let Some(secret) = pending(cx, subject, user.id).await? else {
        return Ok(TotpSetUp::Wrong);
    };
    let Some(step) = secret.verify(typed, cx.now.as_secs(), 0) else {
        // A wrong answer is counted, so that nobody tries for ever.
        challenges::answer(cx, subject, PURPOSE, b"").await?;
        cx.commit().await?;
        return Ok(TotpSetUp::Wrong);
    };
    challenges::answer(cx, subject, PURPOSE, PURPOSE.as_bytes()).await?;
    if !totp::add(cx, user.id, "", &secret, step).await? {
        return Ok(TotpSetUp::Wrong);
    }
    let codes = ops::enable(cx, user, Factor::Totp, locale).await?;
    Ok(TotpSetUp::Done { codes })
}

async fn pending(cx: &mut Cx, subject: Uuid, user: UserId) -> Result<Option<TotpSecret>, Fault> {
    let Some((Some(owner), data)) = challenges::peek(cx, subject, PURPOSE).await? else {
        return Ok(None);
    };
    let sealed = STANDARD.decode(data).unwrap_or_default();
    let opened = cx.tenant.data_key.open(context(&subject), &sealed)?;
    Ok(TotpSecret::from_bytes(&opened).filter(|_| owner == user))
}

fn context(subject: &Uuid) -> SealContext<'_> {
    SealContext::new("challenges", subject.as_bytes(), "totp_secret")
}
