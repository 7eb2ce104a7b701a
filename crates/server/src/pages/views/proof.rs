//! The pages that a form waits on until its sender proves that a browser or a person is there.

use serde::Serialize;

use super::{ClientCard, View};
use crate::pages::{FormError, Message, Policy};

/// A short calculation, made by the page's script, which then posts the form.
///
/// POST `{base}` + [`path`](Self::path): `csrf`, `sign_in`, `held`, `altcha`.
/// POST `{base}/sign-in/proof-code`: `csrf`, `sign_in`, `held`.
#[derive(Clone, Debug, Serialize)]
pub struct ProofOfWorkView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Where the form was posted to, below the base.
    pub path: String,
    /// The form, sealed.
    pub held: String,
    /// The challenge as JSON (ALTCHA).
    pub challenge: String,
    /// Whether a code can be mailed instead.
    pub by_mail: bool,
    /// Where the form was, with `base`.
    pub back_url: String,
}

impl View for ProofOfWorkView {
    const TEMPLATE: &'static str = "proof_of_work.html";
    fn policy(&self) -> Policy {
        Policy {
            own_script: true,
            popup: true,
            ..Policy::default()
        }
    }
}

/// The code that was mailed instead. The page reads the same whether or not anybody got one.
///
/// POST `{base}` + [`path`](Self::path): `csrf`, `sign_in`, `held`, `proof_code`.
/// POST `{base}/sign-in/proof-code`: `csrf`, `sign_in`, `held`.
#[derive(Clone, Debug, Serialize)]
pub struct ProofCodeView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Where the form was posted to, below the base.
    pub path: String,
    /// The form, sealed.
    pub held: String,
    /// What was typed as identifier.
    pub identifier: String,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// Where the form was, with `base`.
    pub back_url: String,
    /// Where captured mail is read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for ProofCodeView {
    const TEMPLATE: &'static str = "proof_code.html";
    fn policy(&self) -> Policy {
        Policy {
            popup: true,
            ..Policy::default()
        }
    }
}
