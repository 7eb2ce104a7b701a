//! `/sign-out`: asks first on GET, signs out on POST.

use axum::http::StatusCode;
use axum::response::Response;

use crate::http::cookies::CookieKind;
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes, page};
use crate::pages::{SignOutView, SignedOutView};
use crate::{identities, sessions};

const PATH: &str = "/sign-out";

pub(super) fn routes() -> Routes {
    let public = Access::Public("shows a question, or that nobody is signed in");
    Routes::default()
        .get(PATH, public, Cors::None, show)
        .post(PATH, Access::Session, Cors::None, submit)
}

async fn show(visit: Visit) -> Response {
    let shown = show_page(&visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &Visit) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let Some(session) = sessions::current(cx, &visit.headers).await? else {
        let view = SignedOutView {
            client: None,
            sign_in_url: Some(cx.tenant.path("/sign-in")),
        };
        return Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)));
    };
    let user = identities::find_user(&cx.app, cx.tenant_id(), session.user_id).await?;
    let view = SignOutView {
        path: PATH.to_owned(),
        logout: None,
        client: None,
        user: user.map(|user| page::user_card(&user)),
    };
    let mut context = visit.form_context(CookieKind::Session, &session.id.to_string(), None)?;
    context.here = Some(visit.here());
    Ok(visit.respond(StatusCode::OK, &view, &context))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = sign_out(&mut visit, &form).await;
    visit.answer(answered)
}

async fn sign_out(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(session) = sessions::current(&visit.cx, &visit.headers).await? else {
        return Ok(visit.redirect(PATH, sessions::clear_cookie(&visit.cx)));
    };
    visit.check_form(CookieKind::Session, &session.id.to_string(), &fields)?;
    if fields.text("decision")? == "stay" {
        return Ok(visit.redirect("/account", None));
    }
    sessions::end(&mut visit.cx, session.id, "sign_out").await?;
    visit.cx.commit().await?;
    Ok(visit.redirect(PATH, sessions::clear_cookie(&visit.cx)))
}
