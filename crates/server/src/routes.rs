//! Every route of the public listener.

use axum::Router;
use axum::response::{IntoResponse, Response};

use crate::http::{Problem, Routes};
use crate::{account, dev, oauth, pages, sign_in};

/// All routes, with who may call each.
pub fn all(is_dev: bool) -> Routes {
    let routes = Routes::default()
        .merge(oauth::authorize::routes())
        .merge(oauth::token::routes())
        .merge(oauth::metadata::routes())
        .merge(oauth::userinfo::routes())
        .merge(oauth::introspection::routes())
        .merge(oauth::revoke::routes())
        .merge(oauth::registration::routes())
        .merge(oauth::logout::routes())
        .merge(sign_in::routes())
        .merge(account::routes());
    if is_dev {
        routes.merge(dev::routes())
    } else {
        routes
    }
}

/// The public router; [`crate::http::tenancy::handle`] stands in front of it.
pub fn public(is_dev: bool, body_limit: usize) -> Router {
    all(is_dev)
        .into_router()
        .merge(pages::assets_router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::extract::DefaultBodyLimit::max(body_limit))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
}

async fn not_found() -> Problem {
    Problem::not_found()
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}
