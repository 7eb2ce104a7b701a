//! Mails that tell somebody what happened to their account, when, with which device and where.

use crate::identities::User;
use crate::mail::{self, Mail, Occasion};
use crate::pages::Locale;
use crate::{Cx, Fault};

/// The present request, as its sender may recognise it.
fn occasion(cx: &Cx) -> Occasion {
    let address = || cx.request.ip.map(|ip| ip.to_string());
    Occasion {
        at: cx.now,
        device: super::device_name(cx.request.user_agent.as_deref()),
        place: cx.request.place.label().or_else(address),
    }
}

/// Tells the user's own address, in the context's transaction. Who has none is not told.
///
/// The language is the user's own where they have said so, else that of the request, which may be a stranger's.
pub(crate) async fn tell(
    cx: &mut Cx,
    user: &User,
    locale: Locale,
    mail: impl FnOnce(Occasion) -> Mail,
) -> Result<(), Fault> {
    let Some((email, _)) = user.email() else {
        return Ok(());
    };
    let own = user.profile.locale.as_deref().and_then(Locale::from_tag);
    let (mail, locale) = (mail(occasion(cx)), own.unwrap_or(locale));
    mail::queue(cx, email, locale, mail).await
}
