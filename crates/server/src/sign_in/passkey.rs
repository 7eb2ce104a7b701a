//! `/sign-in/passkey/options`: what the script of the sign-in pages asks the browser's passkeys with.

use axum::http::StatusCode;
use axum::response::Response;

use super::page::open_form;
use crate::http::reply::json_no_store;
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::passkeys::{self, PasskeyError};

/// Where options are asked for.
const OPTIONS: &str = "/sign-in/passkey/options";

pub(super) fn routes() -> Routes {
    Routes::default().post(OPTIONS, Access::SignIn, Cors::None, options)
}

async fn options(mut visit: Visit, form: PostedForm) -> Response {
    let answered = make_options(&mut visit, &form).await;
    visit.answer(answered)
}

/// A challenge for this sign-in: for whoever gave a first factor, else for anybody.
async fn make_options(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let sign_in = open_form(visit, &fields).await?;
    let user = sign_in
        .candidate()
        .filter(|_| fields.text("second").is_ok_and(|second| second == "1"));
    let begun = passkeys::begin_proof(&mut visit.cx, sign_in.id.as_uuid(), user).await;
    match begun {
        Ok(options) => {
            visit.cx.commit().await?;
            Ok(json_no_store(StatusCode::OK, &options))
        }
        Err(PasskeyError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(PageRefusal::NOT_FOUND),
    }
}
