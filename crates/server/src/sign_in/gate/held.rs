//! A form that waits while its sender proves something: sealed into the page, kept nowhere.
//!
//! # Security
//! It may hold a password. It is sealed under the tenant's key for one sign-in and one path, so that the page can neither
//! read nor change it, and opens for [`LIFETIME`] only. The form around it has its own token, which is the one that counts.

use std::borrow::Cow;
use std::time::Duration;

use authflow_proto::form::{FormLimits, Params};
use authflow_types::{SignInId, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::vault::SealContext;
use crate::{Cx, Fault};

/// How long a form waits: a code that was mailed has to arrive.
const LIFETIME: Duration = Duration::from_mins(15);

/// Longest form that is held, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Fields of the form around it, which come anew each time.
const OUTER: [&str; 5] = ["csrf", "sign_in", "held", "altcha", "proof_code"];

/// A form that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Held {
    /// Where it was posted to, below the tenant's base.
    pub(super) path: String,
    fields: String,
    until: Timestamp,
}

impl Held {
    /// `form`, which was posted to `path`.
    pub(super) fn new(cx: &Cx, path: &str, form: &Params<'_>) -> Result<Self, PageRefusal> {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form.iter().filter(|(name, _)| !OUTER.contains(name)) {
            fields.append_pair(name, value);
        }
        let fields = fields.finish();
        if fields.len() > MAX_BYTES {
            return Err(PageRefusal::Body);
        }
        Ok(Self {
            path: path.to_owned(),
            fields,
            until: cx.now + LIFETIME,
        })
    }

    /// What the page carries.
    pub(super) fn seal(&self, cx: &Cx, sign_in: SignInId) -> Result<String, Fault> {
        let sealed = cx
            .tenant
            .data_key
            .seal(context(&sign_in), &serde_json::to_vec(self)?)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What a page of this sign-in carried, if it still counts.
    pub(super) fn open(cx: &Cx, sign_in: SignInId, text: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = cx.tenant.data_key.open(context(&sign_in), &sealed).ok()?;
        let held: Self = serde_json::from_slice(&plain).ok()?;
        (cx.now < held.until).then_some(held)
    }

    /// Its fields.
    pub(super) fn fields(&self) -> Result<Params<'_>, PageRefusal> {
        Ok(Params::parse(self.fields.as_bytes(), FormLimits::BODY)?)
    }
}

const fn context(sign_in: &SignInId) -> SealContext<'_> {
    SealContext::new("sign_in", sign_in.as_bytes(), "held_form")
}

/// The form itself; or the one that it brings back from a page of proofs, with the proof beside its fields.
///
/// # Errors
/// [`PageRefusal::UnknownSignIn`] for what was held too long, for another sign-in, or for another path.
pub(in crate::sign_in) fn unpack<'a>(
    visit: &Visit,
    path: &str,
    form: &'a PostedForm,
) -> Result<Cow<'a, PostedForm>, PageRefusal> {
    let fields = form.fields()?;
    let text = fields.text("held")?;
    if text.is_empty() {
        return Ok(Cow::Borrowed(form));
    }
    let sign_in = fields.id("sign_in").map_err(|_| PageRefusal::UnknownSignIn)?;
    let held = Held::open(&visit.cx, sign_in, text)
        .filter(|held| held.path == path)
        .ok_or(PageRefusal::UnknownSignIn)?;
    let mut all = form_urlencoded::Serializer::new(held.fields);
    for name in OUTER.into_iter().filter(|name| *name != "held") {
        all.append_pair(name, fields.text(name)?);
    }
    Ok(Cow::Owned(PostedForm::from(all.finish())))
}
