//! Name.

use axum::response::Response;
use serde_json::json;

use super::super::{At, Page, Said, Section, done, owner_of_form, show, to_sign_in};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentityError, Profile, ProfileError};
use crate::pages::{Field, FormError, Message};
use crate::sign_in::page_of;

const NAME: &str = "profile";

pub(in crate::account) fn routes() -> Routes {
    Routes::default().post("/account/profile", Access::Session, Cors::None, save)
}

pub(super) fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let data = json!({ "name": at.owner.user.profile.name, "error": at.error(NAME) });
    at.section("account/profile.html", data)
}

async fn save(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_save(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_save(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let name = fields.text("name")?.trim();
    let profile = Profile {
        name: Some(name.to_owned()),
        ..owner.user.profile.clone()
    };
    match identities::update_profile(&mut visit.cx, &owner.user, profile).await {
        Ok(_) => {}
        Err(IdentityError::Profile(ProfileError::Text { claim: "name", max })) => {
            let message = match name.chars().count() {
                0 => Message::NameMissing,
                length if length > max => Message::NameTooLong { max: max as u64 },
                _ => Message::TextInvalid,
            };
            let said = Said::wrong(NAME, FormError::fields([(Field::Name, message)]));
            return show(visit, Page::Profile, &owner, said).await;
        }
        Err(error) => return Err(page_of(error)),
    }
    visit.cx.commit().await?;
    done(visit, Page::Profile, &owner, ("profile_saved", 0))
}
