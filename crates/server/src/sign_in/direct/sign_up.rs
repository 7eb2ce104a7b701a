//! A new account, without a browser.

use axum::http::HeaderMap;

use super::locale_of;
use crate::Cx;
use crate::http::visit::PageRefusal;
use crate::sign_in::model::SignIn;
use crate::sign_in::register::{self, Application, ProofBy, Registered};

/// Signs somebody up; commits. Where the tenant wants addresses proven first, a code is mailed and [`complete`] takes it.
///
/// # Errors
/// [`PageRefusal`], as on the page.
pub(crate) async fn register(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    (name, email, password): (&str, &str, &str),
) -> Result<Registered, PageRefusal> {
    let given = Application {
        name,
        email,
        password,
        locale: locale_of(cx, sign_in),
        proof: ProofBy::Code,
    };
    let registered = register::register(cx, &HeaderMap::new(), sign_in, given).await?;
    cx.commit().await?;
    Ok(registered)
}

/// Makes the account that waits for the code which was mailed to its address; commits.
///
/// # Errors
/// [`PageRefusal`], as on the page.
pub(crate) async fn complete(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    code: &str,
) -> Result<Registered, PageRefusal> {
    let registered = register::complete_by_code(cx, &HeaderMap::new(), sign_in, code).await?;
    cx.commit().await?;
    Ok(registered)
}
